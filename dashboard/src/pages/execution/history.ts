// What is known of an execution's events for going through its time: when each happened, which matter, and where one is
// after playing for a while. Pure.
import type { RecordedEvent } from '../../api/types';
import type { Tone } from '../../ui/state';

export interface Stamp {
  seq: number;
  ms: number;
  type: string;
  task_id?: string;
  agent_id?: string;
}

export function stamp_of(event: RecordedEvent): Stamp {
  return {
    seq: event.seq, ms: Date.parse(event.timestamp), type: event.event_type,
    ...(event.task_id ? { task_id: event.task_id } : {}), ...(event.agent_id ? { agent_id: event.agent_id } : {}),
  };
}

interface Weight {
  tone: Tone;
  /** The heavier one stands for both where two fall together. */
  weight: number;
}

const weights: Record<string, Weight> = {
  execution_failed: { tone: 'red', weight: 9 },
  execution_completed: { tone: 'green', weight: 8 },
  execution_cancelled: { tone: 'grey', weight: 8 },
  task_escalated: { tone: 'red', weight: 7 },
  task_error: { tone: 'red', weight: 6 },
  execution_blocked: { tone: 'orange', weight: 6 },
  execution_paused: { tone: 'orange', weight: 5 },
  execution_forked: { tone: 'violet', weight: 5 },
  task_blocked: { tone: 'orange', weight: 4 },
  execution_started: { tone: 'blue', weight: 4 },
  execution_resumed: { tone: 'blue', weight: 3 },
  execution_unblocked: { tone: 'blue', weight: 3 },
  lease_expired: { tone: 'orange', weight: 3 },
  subtasks_added: { tone: 'violet', weight: 2 },
};

/** The types of events that matter for finding one's way. */
export const marked_types: readonly string[] = Object.keys(weights);
export const is_marked = (stamp: Stamp): boolean => weights[stamp.type] !== undefined;

export interface Mark {
  /** From 0 to 1. */
  place: number;
  tone: Tone;
  /** The heaviest event of those that fall here. */
  seq: number;
  type: string;
  count: number;
}

export const most_marks = 120;

/** Marks along the slider; those that would fall on each other are one. */
export function marks_of(stamps: readonly Stamp[], last_seq: number, most = most_marks): Mark[] {
  const marks = new Map<number, Mark>();
  for (const stamp of stamps) {
    const found = weights[stamp.type];
    if (!found || stamp.seq > last_seq) continue;
    const place = last_seq <= 1 ? 0 : (stamp.seq - 1) / (last_seq - 1);
    const bucket = Math.round(place * most);
    const known = marks.get(bucket);
    if (!known) marks.set(bucket, { place, tone: found.tone, seq: stamp.seq, type: stamp.type, count: 1 });
    else if (found.weight > (weights[known.type] as Weight).weight) marks.set(bucket, { place, tone: found.tone, seq: stamp.seq, type: stamp.type, count: known.count + 1 });
    else known.count++;
  }
  return [...marks.values()];
}

/** The next event that matters, on that side of `seq`. */
export function marked_beside(stamps: readonly Stamp[], seq: number, side: 1 | -1): number | undefined {
  let found: number | undefined;
  for (const stamp of stamps) {
    if (!is_marked(stamp) || (side === 1 ? stamp.seq <= seq : stamp.seq >= seq)) continue;
    if (found === undefined || (side === 1 ? stamp.seq < found : stamp.seq > found)) found = stamp.seq;
  }
  return found;
}

/** Stamps in order of seq, each once. */
export function merged(known: readonly Stamp[], fresh: readonly Stamp[]): Stamp[] {
  const all = new Map(known.map((stamp) => [stamp.seq, stamp]));
  for (const stamp of fresh) all.set(stamp.seq, stamp);
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

/** How many stamps have an `of` that is not above `value`; stamps are in order of both. */
function count_within(stamps: readonly Stamp[], value: number, of: (stamp: Stamp) => number): number {
  let [low, high] = [0, stamps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(stamps[middle] as Stamp) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const last_within = (stamps: readonly Stamp[], value: number, of: (stamp: Stamp) => number) => stamps[count_within(stamps, value, of) - 1];
const by_seq = (stamp: Stamp) => stamp.seq;
const by_time = (stamp: Stamp) => stamp.ms;

export function stamp_at(stamps: readonly Stamp[], seq: number): Stamp | undefined {
  const found = last_within(stamps, seq, by_seq);
  return found?.seq === seq ? found : undefined;
}

/** When event `seq` happened, as near as is known. */
export function time_near(stamps: readonly Stamp[], seq: number): number | undefined {
  return (last_within(stamps, seq, by_seq) ?? stamps[0])?.ms;
}

/** Events that are all known from the first on: only then can a time be found by them. */
export const is_whole = (stamps: readonly Stamp[], last_seq: number): boolean => stamps.length >= last_seq;

/** How time goes by while playing: times faster than it was, or so many events a second. */
export type Speed = { times: number } | { events_a_second: number };

export interface Playhead {
  seq: number;
  /** The time that has been reached, which may lie between two events. */
  ms: number;
}

/** Where nothing happens for longer than this, as it is played, the pause is skipped. */
export const longest_pause_ms = 1_500;

/** Where playing is after `real_ms` more. `stamps` are all events in order. */
export function advanced(head: Playhead, speed: Speed, real_ms: number, stamps: readonly Stamp[]): Playhead {
  const last = stamps.at(-1);
  if (!last) return head;
  if ('events_a_second' in speed) {
    // The rest of an event that is under way is kept in the fraction.
    const seq = Math.min(last.seq, head.seq + (real_ms / 1_000) * speed.events_a_second);
    return { seq, ms: last_within(stamps, seq, by_seq)?.ms ?? head.ms };
  }
  let ms = head.ms + real_ms * speed.times;
  const next = stamps[count_within(stamps, head.seq, by_seq)];
  if (next && next.ms - ms > longest_pause_ms * speed.times) ms = next.ms - longest_pause_ms * speed.times;
  const reached = last_within(stamps, ms, by_time);
  return { seq: Math.max(head.seq, reached?.seq ?? head.seq), ms };
}

/** "task_complete" → "Task complete". */
export const event_name = (type: string): string => (type.charAt(0).toUpperCase() + type.slice(1)).replaceAll('_', ' ');
