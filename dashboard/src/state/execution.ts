// One execution, live or as it was at a moment: its summary, its tasks, and its last events. Made by a page and closed
// with it.
import { batch, computed, signal } from '@preact/signals';
import { get, Refusal } from '../api/http';
import { Stream, type StreamMessage } from '../api/stream';
import type { Execution, RecordedEvent, Task } from '../api/types';
import { flatten, folded, moment_of, rejoined, with_events, type Moment, type Update } from './moment';

export { flatten, updated, type Moment, type Node } from './moment';

/** Events kept for the feed; older ones are asked for when somebody scrolls. */
export const most_events = 1_000;
const page_of_events = 200;
/** A page that nobody looks at needs no frames, but must not pile up what comes. */
const hidden_pause_ms = 500;
/** What comes after a quiet time is drawn at once. Then the page rests for as long as it took to draw, so that a stream of
 * hundreds a second leaves half of the time to its user; at most this long. */
const longest_rest_ms = 120;
/** After something that changes who must act. */
const soon_ms = 150;
/** Where streams do not come through (a proxy in between, or the server offers none), the page asks this often. */
const unstreamed_pause_ms = 5_000;
/** After anything else: forecasts move slowly. */
const later_ms = 3_000;

/** Events after which blockers and forecast are not what they were. */
const telling = /^(execution_|review_|subtasks_|task_(escalated|blocked|unblocked|error|reassigned|skipped|complete$))/;

export class LiveExecution {
  /** Nothing until the first snapshot. */
  readonly present = signal<Moment | undefined>(undefined);
  /** Newest first. */
  readonly events = signal<readonly RecordedEvent[]>([]);
  /** Goes up when details that updates do not carry (blockers, forecast, risks) may have changed. */
  readonly stale_details = signal(0);
  /** There is no such execution, or it is not for this key. */
  readonly missing = signal(false);
  readonly link;
  private readonly base: string;
  private readonly stream: Stream;
  private readonly unstreamed: number;
  private updates: Update[] = [];
  private fresh: RecordedEvent[] = [];
  private frame: (() => void) | undefined;
  private refresh: { timer: number; due: number } | undefined;
  private drawn_at = 0;
  /** Of the last drawing, until it was on the screen. */
  private drawing_took_ms = 0;
  private asking = false;
  /** The tree is on its way; updates wait for it. */
  private planting = false;
  private closed = false;

  constructor(readonly id: string) {
    this.base = `/api/executions/${encodeURIComponent(id)}`;
    this.stream = new Stream(`${this.base}/stream`, true, (message) => this.take(message));
    this.link = computed(() => this.stream.link.value);
    this.unstreamed = window.setInterval(() => {
      if (this.stream.link.value === 'broken' && document.visibilityState === 'visible') void this.fetch_all();
    }, unstreamed_pause_ms);
    void this.fetch_execution();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.unstreamed);
    clearTimeout(this.refresh?.timer);
    this.frame?.();
    this.stream.close();
  }

  private take(message: StreamMessage): void {
    switch (message.type) {
      case 'snapshot':
        this.updates = [];
        this.present.value = moment_of(
          message['execution'] as Execution, flatten(message['tasks'] as Task[]), message.seq ?? 0);
        void this.fetch_events();
        return;
      case 'event':
        this.fresh.push(message as unknown as RecordedEvent);
        return this.draw_soon();
      case 'execution_update':
        this.updates.push(message as unknown as Update);
        return this.draw_soon();
      case 'caught_up':
        return this.draw();
    }
  }

  /** However many messages come, the page is drawn once a frame at most. */
  private draw_soon(): void {
    if (this.frame || this.closed) return;
    if (document.visibilityState === 'hidden') return this.draw_after(hidden_pause_ms, () => this.draw());
    const rest = this.drawn_at + Math.min(longest_rest_ms, this.drawing_took_ms) - performance.now();
    if (rest > 0) this.draw_after(rest, () => this.draw_with_next_frame());
    else this.draw_with_next_frame();
  }

  private draw_after(pause_ms: number, then: () => void): void {
    const timer = setTimeout(then, pause_ms);
    this.frame = () => clearTimeout(timer);
  }

  private draw_with_next_frame(): void {
    const frame = requestAnimationFrame(() => this.draw());
    // A page that is hidden before its next frame gets none for as long as it is.
    const timer = setTimeout(() => this.draw(), hidden_pause_ms);
    this.frame = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }

  private draw(): void {
    this.frame?.();
    this.frame = undefined;
    const began = performance.now();
    // Within a frame, a task that is set now runs after it has been painted.
    setTimeout(() => {
      this.drawn_at = performance.now();
      this.drawing_took_ms = this.drawn_at - began;
    });
    this.drawn_at = began;
    const fresh = this.fresh;
    const updates = this.planting ? [] : this.updates;
    this.fresh = [];
    if (!this.planting) this.updates = [];
    batch(() => {
      if (fresh.length > 0) this.show_events(with_events(this.events.value, fresh));
      if (updates.length > 0) this.apply(updates);
    });
    if (fresh.some((event) => telling.test(event.event_type))) this.refresh_details(soon_ms);
    else if (updates.length > 0) this.refresh_details(later_ms);
  }

  private apply(updates: readonly Update[]): void {
    const now = this.present.value;
    if (!now) return;
    const next = folded(now, updates);
    if (next) this.present.value = next;
    else void this.fetch_tasks(updates);
  }

  /** Blockers, forecast and risks are computed by the server; asked for again after something moved. */
  private refresh_details(after_ms: number): void {
    const due = Date.now() + after_ms;
    if (this.refresh && this.refresh.due <= due) return;
    clearTimeout(this.refresh?.timer);
    const timer = window.setTimeout(() => {
      this.refresh = undefined;
      void this.fetch_execution();
    }, after_ms);
    this.refresh = { timer, due };
  }

  private async fetch_execution(): Promise<void> {
    if (this.asking) return this.refresh_details(soon_ms);
    this.asking = true;
    try {
      const execution = await get<Execution>(this.base);
      if (execution.archived) return void (await this.fetch_archived(execution));
      const now = this.present.value;
      if (!now || this.closed) return;
      // An answer that is older than what the stream has said since gives its details only.
      const { blockers, forecast, risks, warnings } = execution;
      const { forecast: _old, ...rest } = now.execution;
      const fresh = execution.version >= now.seq
        ? execution
        : { ...rest, blockers, risks, warnings, ...(forecast ? { forecast } : {}) };
      batch(() => {
        this.present.value = { ...now, execution: fresh };
        this.stale_details.value++;
      });
    } catch (failure) {
      // The stream notices a server that is away, and a new snapshot brings everything.
      if (failure instanceof Refusal && failure.status === 404 && !this.present.value) {
        this.missing.value = true;
        this.close();
      }
    } finally {
      this.asking = false;
    }
  }

  /** Somebody has just changed what no update tells of. */
  look_again(): void {
    this.refresh_details(0);
  }

  /** What has left the log moves no more: it is asked for once, and there is nothing to follow. */
  private async fetch_archived(execution: Execution): Promise<void> {
    if (this.present.value?.execution.archived) return;
    const tasks = await get<Task[]>(`${this.base}/tasks`);
    if (this.closed) return;
    this.present.value = moment_of(execution, flatten(tasks), execution.version);
    await this.fetch_events();
    this.close();
  }

  /** What a snapshot tells, without a stream. */
  private async fetch_all(): Promise<void> {
    try {
      const execution = await get<Execution>(this.base);
      if (execution.archived) return void (await this.fetch_archived(execution));
      const tasks = await get<Task[]>(`${this.base}/tasks?at_seq=${execution.version}`);
      const now = this.present.value;
      if (this.closed || this.stream.link.value === 'live' || (now && now.seq >= execution.version)) return;
      this.present.value = moment_of(execution, flatten(tasks), execution.version);
      void this.fetch_events();
    } catch {
      // As above.
    }
  }

  /** An update told of tasks that cannot be placed: the tree as it was right after it, and what came since on top. */
  private async fetch_tasks(updates: readonly Update[]): Promise<void> {
    const seq = updates.at(-1)?.seq ?? 0;
    this.planting = true;
    try {
      const tasks = await get<Task[]>(`${this.base}/tasks?at_seq=${seq}`);
      const now = this.present.value;
      // A snapshot that came meanwhile is newer.
      if (now && !this.closed && now.seq <= seq) {
        const planted = moment_of(now.execution, flatten(tasks), seq);
        this.present.value = folded(planted, updates) ?? planted;
      }
    } catch {
      // The stream may go on where one answer was lost: what it told stays to be placed.
      if (!this.closed) await new Promise((again) => setTimeout(again, later_ms));
      const now = this.present.value;
      if (now && now.seq <= seq) this.updates = [...updates, ...this.updates];
    } finally {
      this.planting = false;
      if (!this.closed) this.draw();
    }
  }

  private async fetch_events(): Promise<void> {
    try {
      const newest = await get<RecordedEvent[]>(`${this.base}/events?limit=${page_of_events}`);
      if (!this.closed) this.show_events(rejoined(this.events.value, newest));
    } catch {
      // As above.
    }
  }

  /** Older events, before the oldest one known. False: there are none. */
  async fetch_older(): Promise<boolean> {
    const oldest = this.events.value.at(-1)?.seq ?? 1;
    if (oldest <= 1) return false;
    const found = await get<RecordedEvent[]>(`${this.base}/events?limit=${page_of_events}&before_seq=${oldest}`);
    this.events.value = with_events(this.events.value, found);
    return found.length > 0;
  }

  /** Keeps what somebody has scrolled to, and no more than `most_events` else. */
  private show_events(events: readonly RecordedEvent[]): void {
    const most = Math.max(most_events, this.events.value.length);
    this.events.value = events.length > most ? events.slice(0, most) : events;
  }
}

/** The execution as it was after event `seq`. */
export async function moment_at(id: string, seq: number, signal?: AbortSignal): Promise<Moment> {
  const base = `/api/executions/${encodeURIComponent(id)}`;
  const [execution, tasks] = await Promise.all([
    get<Execution>(`${base}?at_seq=${seq}`, signal),
    get<Task[]>(`${base}/tasks?at_seq=${seq}`, signal),
  ]);
  return { ...moment_of(execution, flatten(tasks), seq), past: true };
}
