import { describe, expect, test } from 'vitest';
import type { Execution, Task } from '../../api/types';
import { flatten, moment_of } from '../../state/moment';
import { actual_ms, ancestors_of, below, dependents_of, effort, fate_of, sums_of, wait_in_short } from './insight';

const task = (task_id: string, more: Partial<Task> = {}, children: Task[] = []): Task =>
  ({ task_id, title: task_id.toUpperCase(), status: 'QUEUED', ready: false, prerequisites: [], children: children.map((each) => ({ ...each, parent_id: task_id })), ...more } as unknown as Task);
const days = (n: number) => ({ estimate: { days_min: n, days_realistic: n, days_max: n } });
const moment = moment_of({} as Execution, flatten([
  task('p', days(50), [
    task('a', { status: 'COMPLETE', ...days(2) }),
    task('b', { status: 'RUNNING', prerequisites: ['a'], ...days(4) }),
    task('c', { prerequisites: ['a', 'b', 'd'], waiting_for: { kind: 'prerequisites', detail: '', since: '' } }),
  ]),
  task('q', {}, [task('d', { status: 'BLOCKED', waiting_for: { kind: 'external', detail: 'the county', since: '' }, ...days(0) })]),
]), 1);
const of = (id: string) => moment.by_id.get(id)!;

describe('sums', () => {
  test('count leaves alone; one without an estimate weighs as the usual one', () => {
    const sums = sums_of(moment.tasks);
    expect(sums.leaves).toBe(4);
    expect(sums.count).toMatchObject({ done: 1, running: 1, waiting: 1, outside: 1 });
    expect(sums.effort).toMatchObject({ done: 2, running: 4, waiting: 3, outside: 3 });
    expect(sums.total_effort).toBe(12);
    expect(sums_of(moment.tasks)).toBe(sums);
  });

  test('below a task are those of its own leaves', () => {
    expect(below(moment.tasks, 0).count).toMatchObject({ done: 1, running: 1, waiting: 1, outside: 0 });
    expect(below(moment.tasks, moment.by_id.places.get('q') ?? -1).leaves).toBe(1);
  });
});

test('a leaf that waits for a person is told from one that waits for something outside', () => {
  expect(fate_of({ ...of('c'), status: 'BLOCKED', waiting_for: { kind: 'review', detail: '', since: '' } })).toBe('person');
  expect(fate_of(of('d'))).toBe('outside');
  expect(fate_of({ ...of('c'), ready: true, waiting_for: { kind: 'agent', detail: '', since: '' } })).toBe('ready');
});

test('who needs a task, and what it is part of', () => {
  expect(dependents_of(moment).get('a')).toEqual(['b', 'c']);
  expect(dependents_of(moment)).toBe(dependents_of(moment));
  expect(ancestors_of(moment, 'd').map((each) => each.task_id)).toEqual(['q']);
});

test('a wait is said in short: the first prerequisite that is still open, and how many more', () => {
  expect(wait_in_short(of('c'), moment)).toBe('after B +1');
  expect(wait_in_short(of('d'), moment)).toBe('the county');
  expect(wait_in_short(of('a'), moment)).toBe('');
});

test('time taken runs until the end, or on, and is not known for what was ended without one', () => {
  const at = (more: Partial<Task>) => actual_ms({ ...of('b'), ...more }, Date.parse('2026-01-01T00:01:00Z'));
  expect(at({ started_at: '2026-01-01T00:00:00Z' })).toBe(60_000);
  expect(at({ started_at: '2026-01-01T00:00:00Z', completed_at: '2026-01-01T00:00:10Z' })).toBe(10_000);
  expect(at({ started_at: '2026-01-01T00:00:00Z', status: 'CANCELLED' })).toBeUndefined();
  expect(at({})).toBeUndefined();
});

test('effort is said as plans count it, eight hours a day', () => {
  expect([12.4, 1.25, 0.5, 0.01].map(effort)).toEqual(['12 d', '1.3 d', '4 h', '5 min']);
});
