// Which executions a list shows, and in which order. Pure.
import type { ExecutionRow, ExecutionStatus } from '../api/types';

export type Sort = 'newest' | 'progress' | 'updated' | 'priority';
export const sorts: Record<Sort, string> = {
  newest: 'Newest first', updated: 'Last changed', progress: 'Furthest along', priority: 'Highest priority',
};

/** The order of the filter's chips: what needs somebody first. */
export const statuses: readonly ExecutionStatus[] = [
  'RUNNING', 'BLOCKED', 'QUEUED', 'PAUSED', 'CREATED', 'COMPLETED', 'FAILED', 'CANCELLED',
];

export const sort_of = (text: string): Sort => (Object.hasOwn(sorts, text) ? (text as Sort) : 'newest');

export function status_of(text: string): ExecutionStatus | '' {
  return statuses.find((status) => status === text) ?? '';
}

const by_text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const newest = (a: ExecutionRow, b: ExecutionRow) =>
  by_text(b.created_at, a.created_at) || by_text(b.execution_id, a.execution_id);

const orders: Record<Sort, (a: ExecutionRow, b: ExecutionRow) => number> = {
  newest,
  updated: (a, b) => by_text(b.updated_at, a.updated_at) || newest(a, b),
  progress: (a, b) => b.progress.effort_percent - a.progress.effort_percent || b.progress.percent - a.progress.percent || newest(a, b),
  priority: (a, b) => b.priority - a.priority || newest(a, b),
};

/** Rows that hold every word of `text` in their title, goal or id. */
export function searched<Row extends { title: string; goal?: string; execution_id: string }>(rows: readonly Row[], text: string): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...rows];
  return rows.filter((row) => {
    const haystack = `${row.title}\n${row.goal ?? ''}\n${row.execution_id}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

export function counts(rows: readonly ExecutionRow[]): Map<ExecutionStatus, number> {
  const found = new Map<ExecutionStatus, number>();
  for (const row of rows) found.set(row.status, (found.get(row.status) ?? 0) + 1);
  return found;
}

export function ordered(rows: readonly ExecutionRow[], sort: Sort): ExecutionRow[] {
  return [...rows].sort(orders[sort]);
}
