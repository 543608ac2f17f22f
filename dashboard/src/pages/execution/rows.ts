// Which rows of the task tree are there: what is open, and what a filter lets through. Pure.
import type { Moment, Node } from '../../state/moment';
import { fate_of, is_leaf, needs_person, type Fate } from './insight';

export interface TaskFilter {
  text: string;
  role: string;
  fates: ReadonlySet<Fate>;
  /** Only what somebody has to decide. */
  needs: boolean;
}

export const no_filter: TaskFilter = { text: '', role: '', fates: new Set(), needs: false };
export const filters = (filter: TaskFilter) =>
  filter.text !== '' || filter.role !== '' || filter.fates.size > 0 || filter.needs;

/** Whether the filter is about this task itself. A state or a role is one of leaves; words are looked for everywhere. */
export function matches(task: Node, filter: TaskFilter, words: string): boolean {
  if (filter.fates.size > 0 && !(is_leaf(task) && filter.fates.has(fate_of(task)))) return false;
  if (filter.role && !(is_leaf(task) && task.assignee_role === filter.role)) return false;
  if (filter.needs && !needs_person(task)) return false;
  return !words || task.title.toLowerCase().includes(words) || task.task_id.toLowerCase().includes(words) ||
    (task.agent_id?.toLowerCase().includes(words) ?? false);
}

/** Places of the rows that are shown, in document order: what matches with all that it is part of, without what is closed. */
export function rows_of(tasks: readonly Node[], closed: ReadonlySet<string>, filter: TaskFilter): number[] {
  const rows: number[] = [];
  const kept = filters(filter) ? kept_by(tasks, filter) : undefined;
  for (let i = 0; i < tasks.length; i++) {
    const task = tasks[i] as Node;
    if (kept && !kept[i]) continue;
    rows.push(i);
    if (task.descendants > 0 && closed.has(task.task_id)) i += task.descendants;
  }
  return rows;
}

function kept_by(tasks: readonly Node[], filter: TaskFilter): Uint8Array {
  const words = filter.text.trim().toLowerCase();
  const kept = new Uint8Array(tasks.length);
  const above: number[] = [];
  for (let i = 0; i < tasks.length; i++) {
    const task = tasks[i] as Node;
    above.length = task.depth;
    if (matches(task, filter, words)) {
      kept[i] = 1;
      for (let up = above.length - 1; up >= 0 && !kept[above[up] as number]; up--) kept[above[up] as number] = 1;
    }
    above.push(i);
  }
  return kept;
}

/** The row of a task's place among `rows`, or where it would stand, negative and less one, as -1 for the first. */
export function row_at(rows: readonly number[], place: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) < place) low = middle + 1;
    else high = middle;
  }
  return rows[low] === place ? low : -low - 1;
}

/** What is closed when everything deeper than `depth` is hidden. */
export function closed_below(tasks: readonly Node[], depth: number): Set<string> {
  return new Set(tasks.filter((task) => task.descendants > 0 && task.depth >= depth).map((task) => task.task_id));
}

export const roles_in = (moment: Moment): string[] =>
  [...new Set(moment.tasks.flatMap((task) => (is_leaf(task) && task.assignee_role ? [task.assignee_role] : [])))].sort();
