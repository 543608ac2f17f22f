// What the parts of this page work out of a moment: what became of each leaf, sums over phases, who waits for whom.
// Pure. Sums are kept for as long as the moment's tasks are.
import type { Execution, Forecast, TaskStatus } from '../../api/types';
import type { Moment, Node } from '../../state/moment';
import type { AnyStatus, Tone } from '../../ui/state';
import { duration, now } from '../../ui/time';

/** What has become of a leaf, in the order of a progress bar. */
export const fates = ['done', 'skipped', 'running', 'failed', 'person', 'outside', 'ready', 'waiting', 'cancelled'] as const;
export type Fate = (typeof fates)[number];

export const fate_names: Record<Fate, string> = {
  done: 'done', skipped: 'skipped', running: 'running', failed: 'failed', person: 'for a person', outside: 'blocked',
  ready: 'ready', waiting: 'waiting', cancelled: 'cancelled',
};

export const is_leaf = (task: Node) => task.descendants === 0;
export const is_over = (status: TaskStatus) => status === 'COMPLETE' || status === 'SKIPPED' || status === 'CANCELLED';

export function fate_of(task: Node): Fate {
  switch (task.status) {
    case 'COMPLETE': return 'done';
    case 'SKIPPED': return 'skipped';
    case 'RUNNING': return 'running';
    case 'CANCELLED': return 'cancelled';
    case 'ERROR': return 'failed';
    default:
      if (task.waiting_for?.kind === 'review') return 'person';
      if (task.status === 'BLOCKED' || task.waiting_for?.kind === 'external') return 'outside';
      return task.ready ? 'ready' : 'waiting';
  }
}

/** Somebody has to decide something about this leaf. */
export const needs_person = (task: Node) =>
  is_leaf(task) && !is_over(task.status) && (task.waiting_for?.kind === 'review' || task.status === 'ERROR');

/** The state to draw: ready leaves have a shape of their own. */
export const shown_status = (task: Node): AnyStatus => (task.ready && task.status === 'QUEUED' ? 'READY' : task.status);

export interface Sums {
  leaves: number;
  /** Leaves by what became of them. */
  count: Record<Fate, number>;
  /** The same by effort, in days. */
  effort: Record<Fate, number>;
  total_effort: number;
  /** Leaves that an agent holds. */
  held: readonly Node[];
}

const none = (): Record<Fate, number> => ({ done: 0, skipped: 0, running: 0, failed: 0, person: 0, outside: 0, ready: 0, waiting: 0, cancelled: 0 });

/** As the server weighs them: a leaf without an estimate weighs as much as the usual one. */
export function sums_of(tasks: readonly Node[]): Sums {
  const kept = sums_kept.get(tasks);
  if (kept) return kept;
  let known = 0;
  let days = 0;
  for (const task of tasks) {
    const estimate = is_leaf(task) ? task.estimate?.days_realistic ?? 0 : 0;
    if (estimate > 0) {
      known++;
      days += estimate;
    }
  }
  const usual = known ? days / known : 1;
  const held: Node[] = [];
  const sums: Sums = { leaves: 0, count: none(), effort: none(), total_effort: 0, held };
  for (const task of tasks) {
    if (!is_leaf(task)) continue;
    const fate = fate_of(task);
    if (fate === 'running' && task.agent_id) held.push(task);
    const effort = task.estimate && task.estimate.days_realistic > 0 ? task.estimate.days_realistic : usual;
    sums.leaves++;
    sums.count[fate]++;
    sums.effort[fate] += effort;
    sums.total_effort += effort;
  }
  sums_kept.set(tasks, sums);
  return sums;
}
const sums_kept = new WeakMap<readonly Node[], Sums>();

/** Leaves below the task at `place`, by what became of them. */
export function below(tasks: readonly Node[], place: number): Pick<Sums, 'leaves' | 'count'> {
  const count = none();
  let leaves = 0;
  const end = place + (tasks[place]?.descendants ?? 0);
  for (let i = place + 1; i <= end; i++) {
    const task = tasks[i] as Node;
    if (!is_leaf(task)) continue;
    leaves++;
    count[fate_of(task)]++;
  }
  return { leaves, count };
}

/** Whom each task is a prerequisite of. Prerequisites change only with the tree. */
export function dependents_of(moment: Moment): ReadonlyMap<string, readonly string[]> {
  const kept = dependents_kept.get(moment.by_id.places);
  if (kept) return kept;
  const found = new Map<string, string[]>();
  for (const task of moment.tasks)
    for (const before of task.prerequisites) {
      const list = found.get(before);
      if (list) list.push(task.task_id);
      else found.set(before, [task.task_id]);
    }
  dependents_kept.set(moment.by_id.places, found);
  return found;
}
const dependents_kept = new WeakMap<object, ReadonlyMap<string, readonly string[]>>();

/** The tasks above, the phase first. */
export function ancestors_of(moment: Moment, id: string): Node[] {
  const found: Node[] = [];
  for (let at = moment.by_id.get(id)?.parent_id; at; ) {
    const task = moment.by_id.get(at);
    if (!task) break;
    found.unshift(task);
    at = task.parent_id;
  }
  return found;
}

const wait_words: Record<string, string> = {
  retry: 'next attempt', review: 'for a person', external: 'for something outside',
  paused: 'paused', parent: 'for its turn',
};

/** What a task waits for, in a few words. */
export function wait_in_short(task: Node, moment: Moment): string {
  const { waiting_for: wait } = task;
  if (!wait) return '';
  switch (wait.kind) {
    case 'prerequisites': {
      const open = task.prerequisites.map((id) => moment.by_id.get(id)).filter((each) => each && !is_over(each.status));
      const first = open[0];
      return first ? `after ${first.title}${open.length > 1 ? ` +${open.length - 1}` : ''}` : wait.detail;
    }
    case 'agent':
      return task.assignee_role ? `for ${task.assignee_role}` : 'for an agent';
    case 'review':
    case 'external':
    case 'parent':
      return wait.detail || wait_words[wait.kind] || '';
    default:
      return wait_words[wait.kind] ?? wait.kind;
  }
}

/** The present, or when the moment that is looked at was. */
export const moment_ms = (moment: Moment): number => (moment.past ? Date.parse(moment.execution.updated_at) : now.value);

/** How long it took, or has been going on for. */
export function actual_ms(task: Node, now_ms: number): number | undefined {
  if (!task.started_at) return undefined;
  const end = task.completed_at ? Date.parse(task.completed_at) : is_over(task.status) ? undefined : now_ms;
  return end === undefined ? undefined : Math.max(0, end - Date.parse(task.started_at));
}

/** Days of work as plans count them: "3 d", "2 h". */
export function effort(days: number): string {
  if (days >= 10) return `${Math.round(days)} d`;
  if (days >= 1) return `${Math.round(days * 10) / 10} d`;
  // Plans count eight hours a day.
  return days * 8 >= 1 ? `${Math.round(days * 80) / 10} h` : `${Math.max(1, Math.round(days * 480))} min`;
}

export const took = (ms: number) => duration(ms);

export const fate_tones: Record<Fate, Tone> = {
  done: 'green', skipped: 'grey', running: 'blue', failed: 'red', person: 'orange', outside: 'orange', ready: 'violet',
  waiting: 'grey', cancelled: 'grey',
};

export const is_final = (execution: Execution) => execution.status === 'COMPLETED' || execution.status === 'CANCELLED';

/** The end that is expected, and how sure that is. */
export function expected_end(forecast: Forecast | undefined): { eta: string; earliest?: string; latest?: string } | undefined {
  if (!forecast?.eta) return undefined;
  return {
    eta: forecast.eta,
    ...(forecast.earliest ? { earliest: forecast.earliest } : {}),
    ...(forecast.latest ? { latest: forecast.latest } : {}),
  };
}
