import { describe, expect, test } from 'vitest';
import type { Execution, RecordedEvent, Task } from '../api/types';
import { flatten, folded, moment_of, rejoined, with_events, type Moment, type TaskRow, type Update } from './moment';

const task = (task_id: string, children: Task[] = [], more: Partial<Task> = {}): Task => ({
  task_id, title: task_id.toUpperCase(), status: 'QUEUED', ready: false, attempt: 0, max_attempts: 3, progress_percent: 0,
  human_review_required: false, prerequisites: [], children: children.map((child) => ({ ...child, parent_id: task_id })), ...more,
} as unknown as Task);

const execution = (more: Partial<Execution> = {}): Execution =>
  ({ execution_id: 'e', status: 'RUNNING', version: 10, blockers: [{ task_id: 'a1' }], updated_at: 't0', ...more } as unknown as Execution);

const start = (): Moment => moment_of(execution(), flatten([
  task('p', [task('a', [task('a1', [], { waiting_for: { kind: 'agent', detail: '', since: 't' }, result: { old: true } }), task('a2')]), task('b')]),
  task('q', [task('c')]),
]), 10);

const row = (task_id: string, more: Partial<TaskRow> = {}): TaskRow =>
  ({ task_id, status: 'RUNNING', ready: false, attempt: 1, max_attempts: 3, progress_percent: 0, human_review_required: false, ...more });
const update = (seq: number, tasks: TaskRow[] = [], more: Partial<Update> = {}): Update =>
  ({ type: 'execution_update', execution_id: 'e', seq, status: 'RUNNING', timestamp: `t${seq}`, tasks, ...more } as Update);
const ids = (moment: Moment | undefined) => moment?.tasks.map((each) => each.task_id);

describe('an update', () => {
  test('replaces what may change of its tasks, clears what it leaves out, and keeps the rest', () => {
    const before = start();
    const after = folded(before, [update(11, [row('a1', { agent_id: 'scout', has_result: true })])]) as Moment;
    const changed = after.by_id.get('a1');
    expect(changed).toMatchObject({ status: 'RUNNING', agent_id: 'scout', title: 'A1', parent_id: 'a', depth: 2, descendants: 0, result: { old: true } });
    expect(changed).not.toHaveProperty('waiting_for');
    expect(before.by_id.get('a1')?.status).toBe('QUEUED');
    expect(after.by_id.get('a2')).toBe(before.by_id.get('a2'));
  });

  test('without a result takes an old one away', () => {
    expect(folded(start(), [update(11, [row('a1')])])?.by_id.get('a1')).not.toHaveProperty('result');
  });

  test('keeps the places of tasks, so that 5,000 of them need no new map for one', () => {
    const before = start();
    expect(folded(before, [update(11, [row('c')])])?.by_id.places).toBe(before.by_id.places);
  });

  test('changes the head, but not the list of blockers, of which it tells only whether there are any', () => {
    const after = folded(start(), [update(12, [], { status: 'BLOCKED', blockers: true, attention: 2, version: 12 })]) as Moment;
    expect(after.execution).toMatchObject({ status: 'BLOCKED', version: 12, updated_at: 't12', attention: 2, blockers: [{ task_id: 'a1' }] });
    expect(after.execution).not.toHaveProperty('tasks');
    expect(after.seq).toBe(12);
  });

  test('of the whole head clears what it leaves out, as when a failed execution is tried again', () => {
    const failed = { ...start(), execution: execution({ status: 'FAILED', completed_at: 't9', started_at: 't1' }) };
    const after = folded(failed, [update(11, [], { status: 'QUEUED', version: 11, started_at: 't1' })]) as Moment;
    expect(after.execution).not.toHaveProperty('completed_at');
    expect(after.execution.started_at).toBe('t1');
  });

  test('that is older than the moment changes nothing, one of the same seq does', () => {
    const before = start();
    expect(folded(before, [update(9, [row('c')])])?.by_id.get('c')?.status).toBe('QUEUED');
    expect(folded(before, [update(10, [row('c')])])?.by_id.get('c')?.status).toBe('RUNNING');
  });

  test('after another wins where both tell of a task', () => {
    const after = folded(start(), [update(11, [row('c', { progress_percent: 10 })]), update(12, [row('c', { status: 'COMPLETE', progress_percent: 100 })])]);
    expect(after?.by_id.get('c')).toMatchObject({ status: 'COMPLETE', progress_percent: 100 });
  });
});

describe('a task that is taken apart', () => {
  const full = (task_id: string, parent_id: string, more: Partial<Task> = {}) => ({ ...row(task_id, { status: 'QUEUED' }), parent_id, title: task_id, prerequisites: [], level: 'subtask', ...more } as TaskRow);

  test('gets its parts below it, in document order, and all above it count them', () => {
    const after = folded(start(), [update(11, [full('a2', 'a', { title: 'A2' }), full('x', 'a2'), full('y', 'a2', { prerequisites: ['x'] })], { structure: true })]) as Moment;
    expect(ids(after)).toEqual(['p', 'a', 'a1', 'a2', 'x', 'y', 'b', 'q', 'c']);
    expect(after.by_id.get('x')).toMatchObject({ depth: 3, descendants: 0, parent_id: 'a2' });
    expect(['p', 'a', 'a2', 'q'].map((id) => after.by_id.get(id)?.descendants)).toEqual([6, 4, 2, 1]);
    expect(ids(after)?.every((id, place) => after.by_id.places.get(id) === place)).toBe(true);
  });

  test('may be taken apart again in the same breath', () => {
    const after = folded(start(), [
      update(11, [full('b', 'p'), full('x', 'b'), full('y', 'b')], { structure: true }),
      update(12, [full('x', 'b'), full('z', 'x')], { structure: true }),
      update(13, [row('z', { progress_percent: 5 })]),
    ]) as Moment;
    expect(ids(after)).toEqual(['p', 'a', 'a1', 'a2', 'b', 'x', 'z', 'y', 'q', 'c']);
    expect(after.by_id.get('z')).toMatchObject({ title: 'z', depth: 3, progress_percent: 5, status: 'RUNNING' });
    expect(after.by_id.get('p')?.descendants).toBe(7);
  });

  test('whose place is not known makes the tasks to be asked for', () => {
    expect(folded(start(), [update(11, [full('x', 'nowhere')], { structure: true })])).toBeUndefined();
    expect(folded(start(), [update(11, [row('x')])])).toBeUndefined();
  });
});

describe('events', () => {
  const event = (seq: number) => ({ seq } as RecordedEvent);
  const seqs = (events: readonly RecordedEvent[]) => events.map((each) => each.seq);
  const known = [5, 4, 3].map(event);

  test('are kept newest first and each once, however they come', () => {
    expect(seqs(with_events(known, [6, 7].map(event)))).toEqual([7, 6, 5, 4, 3]);
    expect(seqs(with_events(known, [4, 6, 5, 6, 1, 2].map(event)))).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test('that are all known leave the list as it is', () => {
    expect(with_events(known, [3, 4].map(event))).toBe(known);
    expect(with_events(known, [])).toBe(known);
  });

  test('behind a hole are dropped after a new snapshot, those that join are kept', () => {
    expect(seqs(rejoined(known, [9, 8, 7].map(event)))).toEqual([9, 8, 7]);
    expect(seqs(rejoined(known, [8, 7, 6].map(event)))).toEqual([8, 7, 6, 5, 4, 3]);
    expect(seqs(rejoined([], [2, 1].map(event)))).toEqual([2, 1]);
  });

  test('that the stream has said since the snapshot do not hide a hole', () => {
    expect(seqs(rejoined([11, 10, ...[5, 4, 3]].map(event), [10, 9, 8].map(event)))).toEqual([11, 10, 9, 8]);
    expect(seqs(rejoined([11, ...[5, 4, 3]].map(event), [10, 9, 8, 7, 6].map(event)))).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3]);
  });
});
