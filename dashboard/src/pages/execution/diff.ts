// What is different between two moments of an execution. Pure.
import type { RecordedEvent } from '../../api/types';
import type { Moment, Node } from '../../state/execution';

export type Change =
  | 'completed' | 'failed' | 'blocked' | 'skipped' | 'cancelled' | 'started' | 'unblocked' | 'handed_back' | 'reopened' | 'ready' | 'added' | 'taken_apart' | 'details';

/** In the order in which they are told. */
export const changes: { change: Change; name: string }[] = [
  { change: 'failed', name: 'Failed' }, { change: 'blocked', name: 'Blocked' }, { change: 'completed', name: 'Completed' }, { change: 'started', name: 'Started' },
  { change: 'added', name: 'New, from taking tasks apart' }, { change: 'taken_apart', name: 'Taken apart' }, { change: 'unblocked', name: 'No longer blocked' },
  { change: 'ready', name: 'Became ready' }, { change: 'handed_back', name: 'Handed back' }, { change: 'reopened', name: 'Opened again' },
  { change: 'skipped', name: 'Skipped' }, { change: 'cancelled', name: 'Cancelled' },
  { change: 'details', name: 'In the same state, and yet different' },
];

/** What of a step differs, beside its state. */
export interface Difference {
  what: 'holder' | 'attempt' | 'output' | 'wait' | 'progress';
  /** In words; undefined: there was nothing, or will be nothing. */
  from: string | undefined;
  until: string | undefined;
}

export interface ChangedTask {
  /** As it is at the later moment. */
  task: Node;
  /** As it was before; undefined: it was not there. */
  before: Node | undefined;
}

/** For people: what a step waits for. Since when is not a part of it: the same wait may have been told anew. */
const wait_of = (task: Node): string | undefined => task.waiting_for && (task.waiting_for.detail || task.waiting_for.kind);
/** An output is compared whole and named only: it may be a megabyte. */
const output_of = (task: Node): string | undefined => (task.result === undefined ? (task.has_result ? '' : undefined) : JSON.stringify(task.result));

/** In what a step differs between two moments, its state aside. Of one that was not there before: nothing. */
export function differences_of(before: Node | undefined, after: Node): Difference[] {
  if (!before || before.descendants > 0 || after.descendants > 0) return [];
  const found: Difference[] = [];
  const say = (what: Difference['what'], from: string | undefined, until: string | undefined) => {
    if (from !== until) found.push({ what, from, until });
  };
  say('holder', before.agent_id, after.agent_id);
  // Before the first hand-out there is no attempt.
  say('attempt', before.attempt ? String(before.attempt) : undefined, after.attempt ? String(after.attempt) : undefined);
  // An output comes with the end of a step: of the same end it is the same, and may be long.
  if (!before.completed_at || before.completed_at !== after.completed_at) say('output', output_of(before), output_of(after));
  say('wait', wait_of(before), wait_of(after));
  if (before.status === 'RUNNING' && after.status === 'RUNNING') say('progress', `${Math.floor(before.progress_percent)} %`, `${Math.floor(after.progress_percent)} %`);
  return found;
}

/** What became of a step between two moments; undefined: nothing that is told. */
export function change_of(before: Node | undefined, after: Node): Change | undefined {
  if (after.descendants > 0) return before && before.descendants === 0 ? 'taken_apart' : undefined;
  if (!before) return 'added';
  if (before.status === after.status) {
    if (before.status === 'QUEUED' && !before.ready && after.ready) return 'ready';
    return differences_of(before, after).length > 0 ? 'details' : undefined;
  }
  switch (after.status) {
    case 'COMPLETE': return 'completed';
    case 'ERROR': return 'failed';
    case 'BLOCKED': return 'blocked';
    case 'SKIPPED': return 'skipped';
    case 'CANCELLED': return 'cancelled';
    case 'RUNNING': return 'started';
    case 'QUEUED': return before.status === 'BLOCKED' ? 'unblocked' : before.status === 'RUNNING' ? 'handed_back' : 'reopened';
  }
}

/** The tasks that changed, by what became of them, in document order. */
export function diff_of(from: Moment, until: Moment): Map<Change, ChangedTask[]> {
  const found = new Map<Change, ChangedTask[]>();
  for (const task of until.tasks) {
    const before = from.by_id.get(task.task_id);
    const change = change_of(before, task);
    if (!change) continue;
    const known = found.get(change);
    if (known) known.push({ task, before });
    else found.set(change, [{ task, before }]);
  }
  return found;
}

export interface Counter {
  name: string;
  from: number;
  until: number;
  /** How the number is written. */
  unit?: '%';
  /** More of it is good, bad, or neither. */
  more_is: 'good' | 'bad' | 'neither';
}

/** Numbers of both moments, side by side. */
export function counters_of(from: Moment, until: Moment): Counter[] {
  const count = (moment: Moment, wanted: (task: Node) => boolean) => moment.tasks.filter((task) => task.descendants === 0 && wanted(task)).length;
  const row = (name: string, more_is: Counter['more_is'], of: (moment: Moment) => number, unit?: '%'): Counter => ({
    name, more_is, from: of(from), until: of(until), ...(unit ? { unit } : {}),
  });
  return [
    row('Progress', 'good', (moment) => moment.execution.progress.percent, '%'),
    row('Effort done', 'good', (moment) => moment.execution.progress.effort_percent, '%'),
    row('Steps', 'neither', (moment) => count(moment, () => true)),
    row('Completed', 'good', (moment) => count(moment, (task) => task.status === 'COMPLETE')),
    row('Running', 'neither', (moment) => count(moment, (task) => task.status === 'RUNNING')),
    row('Ready', 'neither', (moment) => count(moment, (task) => task.status === 'QUEUED' && task.ready)),
    row('Waiting', 'neither', (moment) => count(moment, (task) => task.status === 'QUEUED' && !task.ready)),
    row('Blocked', 'bad', (moment) => count(moment, (task) => task.status === 'BLOCKED')),
    row('Failed', 'bad', (moment) => count(moment, (task) => task.status === 'ERROR')),
    row('Needs attention', 'bad', (moment) => moment.execution.blockers.length),
    row('Agents at work', 'neither', (moment) => moment.execution.agents.length),
  ];
}

export interface AgentShare {
  agent_id: string;
  completed: number;
  errors: number;
  events: number;
  /** Tasks that it holds at the later moment. */
  holds: number;
}

/** What each agent did in between; who did most comes first. */
export function agents_between(events: readonly RecordedEvent[], until: Moment): AgentShare[] {
  const shares = new Map<string, AgentShare>();
  const share = (agent_id: string): AgentShare => {
    const known = shares.get(agent_id) ?? { agent_id, completed: 0, errors: 0, events: 0, holds: 0 };
    shares.set(agent_id, known);
    return known;
  };
  for (const event of events) {
    if (!event.agent_id) continue;
    const mine = share(event.agent_id);
    mine.events++;
    if (event.event_type === 'task_complete') mine.completed++;
    if (event.event_type === 'task_error') mine.errors++;
  }
  for (const task of until.tasks) if (task.status === 'RUNNING' && task.agent_id) share(task.agent_id).holds++;
  return [...shares.values()].sort((a, b) => b.completed - a.completed || b.events - a.events || (a.agent_id < b.agent_id ? -1 : 1));
}

/** Two moments in order and within what there is. */
export function ordered(from: number, until: number, last_seq: number): { from: number; until: number } {
  const within = (seq: number) => Math.min(Math.max(1, Math.round(seq) || 1), Math.max(1, last_seq));
  const [a, b] = [within(from), within(until)];
  return { from: Math.min(a, b), until: Math.max(a, b) };
}
