// How much happened when, and what it was: the events of an execution in as many columns as there is room for. Pure.
import { kind_of } from '../../ui/sentences';
import { count } from '../../ui/words';
import type { Stamp } from './history';

/** What an event is about, from the bottom of a column to its top. */
export const strands = ['work', 'done', 'turns', 'people', 'trouble'] as const;
export type Strand = (typeof strands)[number];
export const strand_names: Record<Strand, string> = {
  work: 'of work', done: 'done', turns: 'of the execution', people: 'for people', trouble: 'of trouble',
};

const strand_of_kind: Partial<Record<ReturnType<typeof kind_of>, Strand>> = { work: 'work', trouble: 'trouble', people: 'people' };
const own_strand: Record<string, Strand> = {
  task_complete: 'done', execution_completed: 'done', execution_failed: 'trouble', execution_blocked: 'trouble',
};

export const strand_of = (type: string): Strand => own_strand[type] ?? strand_of_kind[kind_of(type)] ?? 'turns';

export interface Column {
  /** The first and the last event. */
  from: number;
  until: number;
  counts: Record<Strand, number>;
  /** From 0 to 1: how fast events came, against the rest. Orders of magnitude, so that a quiet day is seen beside a burst. */
  height: number;
}

export const most_columns = 96;
/** Even where hours lay between two events there is something to see and to point at. */
const least_height = 0.22;

/** Columns of the same number of events each, in order. `stamps` are all events from the first on. */
export function columns_of(stamps: readonly Stamp[], most = most_columns): Column[] {
  const size = Math.max(1, Math.ceil(stamps.length / most));
  const columns: Column[] = [];
  const rates: number[] = [];
  for (let first = 0; first < stamps.length; first += size) {
    const part = stamps.slice(first, first + size);
    const counts: Record<Strand, number> = { work: 0, done: 0, turns: 0, people: 0, trouble: 0 };
    for (const stamp of part) counts[strand_of(stamp.type)]++;
    const [begin, end] = [part[0] as Stamp, stamps[first + size] ?? (part.at(-1) as Stamp)];
    rates.push(part.length / Math.max(1, end.ms - begin.ms));
    columns.push({ from: begin.seq, until: (part.at(-1) as Stamp).seq, counts, height: 1 });
  }
  // What came last has no end yet: it stands as high as what was before it.
  if (rates.length > 1 && size === 1) rates[rates.length - 1] = rates[rates.length - 2] as number;
  const logs = rates.map(Math.log);
  const [slowest, fastest] = [Math.min(...logs), Math.max(...logs)];
  const span = fastest - slowest;
  return columns.map((column, i) => ({ ...column, height: span === 0 ? 1 : least_height + (1 - least_height) * (((logs[i] as number) - slowest) / span) }));
}

/** Where to go when somebody points at a column: what matters most in it, else its beginning. */
export function target_of(column: Column, stamps: readonly Stamp[]): number {
  for (const strand of [...strands].reverse()) {
    if (strand === 'work' || column.counts[strand] === 0) continue;
    const found = stamps.find((stamp) => stamp.seq >= column.from && stamp.seq <= column.until && strand_of(stamp.type) === strand);
    if (found) return found.seq;
  }
  return column.from;
}

/** "12 events: 8 of work, 3 done, 1 of trouble". */
export function told_of(counts: Record<Strand, number>): string {
  const there = strands.filter((strand) => counts[strand] > 0);
  const total = there.reduce((sum, strand) => sum + counts[strand], 0);
  return `${count(total, 'event')}: ${there.map((strand) => `${counts[strand].toLocaleString()} ${strand_names[strand]}`).join(', ')}`;
}

export function totals_of(columns: readonly Column[]): Record<Strand, number> {
  const sums: Record<Strand, number> = { work: 0, done: 0, turns: 0, people: 0, trouble: 0 };
  for (const column of columns) for (const strand of strands) sums[strand] += column.counts[strand];
  return sums;
}
