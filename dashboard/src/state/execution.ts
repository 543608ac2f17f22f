// One execution, live or as it was at a moment: its summary, its tasks, and its last events. Made by a page and closed
// with it.
import { batch, computed, signal } from '@preact/signals';
import { get } from '../api/http';
import { Stream, type StreamMessage } from '../api/stream';
import type { Execution, ExecutionRow, RecordedEvent, Task, TaskProgress } from '../api/types';

/** Events kept for the feed; older ones are asked for when somebody scrolls. */
export const most_events = 1_000;

/** A task with its place in the tree. The tree is a list in document order, so that it can be shown in part. */
export interface Node extends Task {
  depth: number;
  /** Tasks below it, in the list right after it. */
  descendants: number;
}

/** What a view of an execution is drawn from, whether it is the present or the past. */
export interface Moment {
  execution: Execution;
  /** In document order. */
  tasks: readonly Node[];
  by_id: ReadonlyMap<string, Node>;
  seq: number;
}

const dynamic_members = [
  'status', 'ready', 'waiting_for', 'attempt', 'max_attempts', 'assignee_role', 'agent_id', 'lease_expires_at',
  'progress_percent', 'human_review_required', 'error', 'started_at', 'completed_at', 'has_result',
] as const satisfies readonly (keyof TaskProgress)[];

/** The tree as a list in document order, each task with its depth. */
export function flatten(roots: readonly Task[]): Node[] {
  const nodes: Node[] = [];
  const visit = (task: Task, depth: number): number => {
    const { children = [], ...rest } = task;
    const node: Node = { ...rest, depth, descendants: 0 };
    nodes.push(node);
    for (const child of children) node.descendants += visit(child, depth + 1);
    return node.descendants + 1;
  };
  for (const root of roots) visit(root, 0);
  return nodes;
}

/** A task after an update: its dynamic members are replaced, one that is absent is gone. */
export function updated(node: Node, row: TaskProgress & Partial<Task>): Node {
  const next: Record<string, unknown> = { ...node };
  for (const name of dynamic_members) delete next[name];
  return { ...(next as unknown as Node), ...row };
}

function moment_of(execution: Execution, tasks: readonly Node[], seq: number): Moment {
  return { execution, tasks, by_id: new Map(tasks.map((task) => [task.task_id, task])), seq };
}

export class LiveExecution {
  /** Nothing until the first snapshot. */
  readonly present = signal<Moment | undefined>(undefined);
  /** Newest first. */
  readonly events = signal<readonly RecordedEvent[]>([]);
  /** Goes up when details that updates do not carry (blockers, forecast, risks) may have changed. */
  readonly stale_details = signal(0);
  readonly link;
  private readonly stream: Stream;
  private refresh: number | undefined;
  private closed = false;

  constructor(readonly id: string) {
    this.stream = new Stream(`/api/executions/${encodeURIComponent(id)}/stream`, true, (message) =>
      batch(() => this.take(message)),
    );
    this.link = computed(() => this.stream.link.value);
    void this.fetch_events();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.refresh);
    this.stream.close();
  }

  private take(message: StreamMessage): void {
    switch (message.type) {
      case 'snapshot':
        this.present.value = moment_of(
          message['execution'] as Execution, flatten(message['tasks'] as Task[]), message.seq ?? 0);
        void this.fetch_events();
        return;
      case 'event':
        this.add_events([message as unknown as RecordedEvent]);
        return;
      case 'execution_update':
        this.update(message);
        return;
    }
  }

  private update(message: StreamMessage): void {
    const now = this.present.value;
    if (!now) return;
    const { type: _type, seq = now.seq, timestamp, tasks, structure, ...head } = message;
    const rows = (tasks as (TaskProgress & Partial<Task>)[] | undefined) ?? [];
    const execution = { ...now.execution, ...(head as Partial<ExecutionRow>), updated_at: String(timestamp) } as Execution;
    if (structure === true) void this.fetch_tasks();
    const changed = new Map(rows.map((row) => [row.task_id, row]));
    const list = changed.size === 0 ? now.tasks : now.tasks.map((task) => {
      const row = changed.get(task.task_id);
      return row ? updated(task, row) : task;
    });
    this.present.value = changed.size === 0 ? { ...now, execution, seq } : moment_of(execution, list, seq);
    this.refresh_details();
  }

  /** Blockers, forecast and risks are computed by the server; asked for again shortly after something moved. */
  private refresh_details(): void {
    if (this.refresh !== undefined) return;
    this.refresh = window.setTimeout(() => {
      this.refresh = undefined;
      void this.fetch_execution();
    }, 400);
  }

  private async fetch_execution(): Promise<void> {
    try {
      const execution = await get<Execution>(`/api/executions/${encodeURIComponent(this.id)}`);
      const now = this.present.value;
      // An answer that is older than what the stream has said since gives its details only.
      if (!now || this.closed) return;
      const { blockers, forecast, risks, warnings } = execution;
      const fresh = execution.version >= now.seq
        ? execution
        : { ...now.execution, blockers, risks, warnings, ...(forecast ? { forecast } : {}) };
      this.present.value = { ...now, execution: fresh };
      this.stale_details.value++;
    } catch {
      // The stream notices a server that is away, and a new snapshot brings everything.
    }
  }

  /** The tree itself has changed: tasks were taken apart. */
  private async fetch_tasks(): Promise<void> {
    try {
      const tasks = await get<Task[]>(`/api/executions/${encodeURIComponent(this.id)}/tasks`);
      const now = this.present.value;
      if (now && !this.closed) this.present.value = moment_of(now.execution, flatten(tasks), now.seq);
    } catch {
      // As above.
    }
  }

  private async fetch_events(): Promise<void> {
    try {
      this.add_events(await get<RecordedEvent[]>(`/api/executions/${encodeURIComponent(this.id)}/events?limit=200`));
    } catch {
      // As above.
    }
  }

  /** Older events, before the oldest one known. False: there are none. */
  async fetch_older(): Promise<boolean> {
    const oldest = this.events.value.at(-1)?.seq ?? 1;
    if (oldest <= 1) return false;
    const found = await get<RecordedEvent[]>(
      `/api/executions/${encodeURIComponent(this.id)}/events?limit=200&before_seq=${oldest}`);
    this.add_events(found, true);
    return found.length > 0;
  }

  private add_events(fresh: readonly RecordedEvent[], keep_all = false): void {
    const all = new Map(this.events.value.map((event) => [event.seq, event]));
    for (const event of fresh) all.set(event.seq, event);
    const sorted = [...all.values()].sort((a, b) => b.seq - a.seq);
    this.events.value = keep_all ? sorted : sorted.slice(0, Math.max(most_events, this.events.value.length));
  }
}

/** The execution as it was after event `seq`. */
export async function moment_at(id: string, seq: number, signal?: AbortSignal): Promise<Moment> {
  const base = `/api/executions/${encodeURIComponent(id)}`;
  const [execution, tasks] = await Promise.all([
    get<Execution>(`${base}?at_seq=${seq}`, signal),
    get<Task[]>(`${base}/tasks?at_seq=${seq}`, signal),
  ]);
  return moment_of(execution, flatten(tasks), seq);
}
