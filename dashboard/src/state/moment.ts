// An execution at one moment, and how an update of the stream turns it into the next. Pure: no network, no page.
import type { Execution, ExecutionRow, RecordedEvent, Task, TaskProgress } from '../api/types';

/** A task with its place in the tree. The tree is a list in document order, so that it can be shown in part. */
export interface Node extends Task {
  depth: number;
  /** Tasks below it, in the list right after it. */
  descendants: number;
}

/**
 * Finds tasks by id. Where each one stands changes only when the tree does, so the places are shared by all moments in
 * between: an update of three tasks of 5,000 makes no new map.
 */
export class TaskIndex {
  constructor(
    private readonly tasks: readonly Node[],
    /** The same object for as long as the tree keeps its shape. */
    readonly places: ReadonlyMap<string, number>,
  ) {}
  get size(): number {
    return this.places.size;
  }
  has(id: string): boolean {
    return this.places.has(id);
  }
  get(id: string): Node | undefined {
    const place = this.places.get(id);
    return place === undefined ? undefined : this.tasks[place];
  }
}

/** What a view of an execution is drawn from, whether it is the present or the past. */
export interface Moment {
  execution: Execution;
  /** In document order. */
  tasks: readonly Node[];
  by_id: TaskIndex;
  seq: number;
  /** It is over: nothing goes on in it. */
  past?: true;
}

/** A task as an update tells of it: what may change, and, where the tree has changed, all of it. */
export type TaskRow = TaskProgress & Partial<Task>;

/** `execution_update`. */
export interface Update {
  seq: number;
  timestamp?: string;
  /** The tree has changed: the rows of what was taken apart and of its parts hold all members. */
  structure?: boolean;
  tasks?: TaskRow[];
  [head: string]: unknown;
}

const dynamic_members = [
  'status', 'ready', 'waiting_for', 'attempt', 'max_attempts', 'assignee_role', 'agent_id', 'lease_expires_at',
  'progress_percent', 'human_review_required', 'error', 'started_at', 'completed_at', 'has_result',
] as const satisfies readonly (keyof TaskProgress)[];

const optional_head = ['agent_id', 'started_at', 'completed_at', 'deadline_at'] as const satisfies readonly (keyof Execution)[];

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
export function updated(node: Node, row: TaskRow): Node {
  const next: Record<string, unknown> = { ...node };
  for (const name of dynamic_members) delete next[name];
  // An update says that there is a result, not which: one that was read before stays, unless it is gone.
  if (!row.has_result) delete next['result'];
  return Object.assign(next, row, { depth: node.depth, descendants: node.descendants }) as unknown as Node;
}

export function moment_of(execution: Execution, tasks: readonly Node[], seq: number): Moment {
  return { execution, tasks, by_id: new TaskIndex(tasks, new Map(tasks.map((task, place) => [task.task_id, place]))), seq };
}

/** The tasks with `fresh` ones put below their parents, behind the children these have. Nothing: a parent is missing. */
function grafted(tasks: readonly Node[], known: ReadonlyMap<string, number>, fresh: readonly TaskRow[]): Node[] | undefined {
  const children = new Map<string, TaskRow[]>();
  const ids = new Set(fresh.map((row) => row.task_id));
  for (const row of fresh) {
    if (!row.parent_id || row.title === undefined || !(known.has(row.parent_id) || ids.has(row.parent_id))) return undefined;
    const siblings = children.get(row.parent_id);
    if (siblings) siblings.push(row);
    else children.set(row.parent_id, [row]);
  }
  const all: Node[] = [];
  const add_fresh = (parent: string, depth: number): number => {
    let count = 0;
    for (const row of children.get(parent) ?? []) {
      const node = { ...row, depth, descendants: 0 } as Node;
      all.push(node);
      node.descendants = add_fresh(row.task_id, depth + 1);
      count += node.descendants + 1;
    }
    return count;
  };
  let at = 0;
  const copy = (): number => {
    const old = tasks[at++] as Node;
    const end = at + old.descendants;
    const place = all.push(old) - 1;
    let count = 0;
    while (at < end) count += copy();
    count += add_fresh(old.task_id, old.depth + 1);
    if (count !== old.descendants) all[place] = { ...old, descendants: count };
    return count + 1;
  };
  while (at < tasks.length) copy();
  return all;
}

/**
 * The moment after some updates, which come in the order of the stream. Updates that are older than the moment change
 * nothing. Nothing: an update tells of tasks whose place cannot be known; the tasks must be asked for.
 */
export function folded(now: Moment, updates: readonly Update[]): Moment | undefined {
  const rows = new Map<string, TaskRow>();
  let { execution, seq } = now;
  for (const update of updates) {
    if (update.seq < seq) continue;
    // `blockers` says here whether there are any; the list comes with the execution itself.
    const { type: _type, seq: at, timestamp, tasks = [], structure: _structure, blockers: _blockers, ...head } = update;
    seq = at;
    execution = { ...execution };
    // An update with the version has the whole head: what it leaves out is gone.
    if (head['version'] !== undefined) for (const name of optional_head) delete execution[name];
    Object.assign(execution, head as Partial<ExecutionRow>);
    if (!head['updated_at'] && timestamp) execution.updated_at = timestamp;
    // A row with all members goes before a later one with some.
    for (const row of tasks) rows.set(row.task_id, row.title === undefined ? { ...structural(rows.get(row.task_id)), ...row } as TaskRow : row);
  }
  if (rows.size === 0) return { ...now, execution, seq };
  const { places } = now.by_id;
  const tasks = now.tasks.slice();
  const fresh: TaskRow[] = [];
  for (const row of rows.values()) {
    const place = places.get(row.task_id);
    if (place === undefined) fresh.push(row);
    else tasks[place] = updated(tasks[place] as Node, row);
  }
  if (fresh.length === 0) return { execution, tasks, by_id: new TaskIndex(tasks, places), seq };
  const all = grafted(tasks, places, fresh);
  return all && moment_of(execution, all, seq);
}

/** What stays of a row with all members when a later one replaces its dynamic ones. */
function structural(row: TaskRow | undefined): Partial<Task> {
  if (!row || row.title === undefined) return {};
  const rest: Partial<Task> = { ...row };
  for (const name of dynamic_members) delete rest[name];
  return rest;
}

/** Newest first, each seq once. `fresh` may come in any order. */
export function with_events(known: readonly RecordedEvent[], fresh: readonly RecordedEvent[]): readonly RecordedEvent[] {
  if (fresh.length === 0) return known;
  const sorted = [...fresh].sort((a, b) => b.seq - a.seq);
  const newest = known[0]?.seq ?? 0;
  const newer: RecordedEvent[] = [];
  let old = false;
  for (const event of sorted) {
    if (event.seq > newest) {
      if (newer.at(-1)?.seq !== event.seq) newer.push(event);
    } else old = true;
  }
  if (!old) return newer.length ? [...newer, ...known] : known;
  const all = new Map(known.map((event) => [event.seq, event]));
  for (const event of sorted) if (!all.has(event.seq)) all.set(event.seq, event);
  if (all.size === known.length) return known;
  return [...all.values()].sort((a, b) => b.seq - a.seq);
}

/**
 * Events after a new snapshot: what was known is kept where `newest`, the last ones recorded, join it without a hole. What
 * the stream has said since the snapshot is newer than they are, and does not join anything.
 */
export function rejoined(known: readonly RecordedEvent[], newest: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const oldest_fresh = newest.reduce((least, event) => Math.min(least, event.seq), Infinity);
  const joins = known.some((event) => event.seq === oldest_fresh - 1);
  return with_events(joins ? known : known.filter((event) => event.seq > oldest_fresh), newest);
}
