import { describe, expect, test } from 'vitest';
import type { Execution, RecordedEvent, Task, TaskStatus } from '../../api/types';
import { flatten, moment_of, type Moment } from '../../state/moment';
import { agents_between, change_of, counters_of, diff_of, differences_of, ordered } from './diff';

const task = (task_id: string, status: TaskStatus, more: Partial<Task> = {}): Task => ({ task_id, title: task_id, status, ready: false, prerequisites: [], children: [], ...more } as unknown as Task);

function moment(seq: number, roots: Task[], percent = 0): Moment {
  return moment_of({ progress: { percent, effort_percent: percent }, blockers: [], agents: [] } as unknown as Execution, flatten(roots), seq);
}
const ids = (found: Map<string, { task: { task_id: string } }[]>) => Object.fromEntries([...found].map(([change, list]) => [change, list.map((each) => each.task.task_id)]));

describe('the difference of two moments', () => {
  test('tells each step once, by what became of it', () => {
    const from = moment(1, [task('a', 'RUNNING'), task('b', 'QUEUED'), task('c', 'QUEUED'), task('d', 'BLOCKED'), task('e', 'QUEUED'), task('f', 'RUNNING'), task('g', 'ERROR'), task('h', 'QUEUED')]);
    const until = moment(9, [task('a', 'COMPLETE'), task('b', 'RUNNING'), task('c', 'ERROR'), task('d', 'QUEUED'), task('e', 'QUEUED', { ready: true }), task('f', 'QUEUED'), task('g', 'QUEUED'), task('h', 'QUEUED')]);
    expect(ids(diff_of(from, until))).toEqual({ completed: ['a'], started: ['b'], failed: ['c'], unblocked: ['d'], ready: ['e'], handed_back: ['f'], reopened: ['g'] });
  });
  test('a task that was taken apart, and the steps that it became', () => {
    const from = moment(1, [task('p', 'RUNNING', { children: [task('x', 'RUNNING')] })]);
    const until = moment(2, [task('p', 'RUNNING', { children: [task('x', 'QUEUED', { children: [task('x1', 'QUEUED'), task('x2', 'QUEUED')] })] })]);
    expect(ids(diff_of(from, until))).toEqual({ taken_apart: ['x'], added: ['x1', 'x2'] });
  });
  test('phases are not told: their state is that of their steps', () => {
    const from = moment(1, [task('p', 'QUEUED', { children: [task('x', 'QUEUED')] })]);
    const until = moment(2, [task('p', 'COMPLETE', { children: [task('x', 'COMPLETE')] })]);
    expect(ids(diff_of(from, until))).toEqual({ completed: ['x'] });
  });
  test('of a moment with itself is nothing', () => {
    const same = moment(3, [task('a', 'BLOCKED'), task('b', 'QUEUED', { ready: true })]);
    expect(diff_of(same, same).size).toBe(0);
  });
  test('a step in the same state may have another holder, attempt, output or wait', () => {
    const wait = (detail: string, since: string) => ({ waiting_for: { kind: 'agent' as const, detail, since } });
    const from = moment(1, [
      task('a', 'RUNNING', { agent_id: 'ada', attempt: 1, progress_percent: 10 }), task('b', 'COMPLETE', { result: { pages: 1 } }),
      task('c', 'QUEUED', wait('nobody can', '1')), task('d', 'QUEUED', wait('nobody can', '1')), task('e', 'QUEUED', { attempt: 0 }),
    ]);
    const until = moment(9, [
      task('a', 'RUNNING', { agent_id: 'bo', attempt: 2, progress_percent: 5 }), task('b', 'COMPLETE', { result: { pages: 2 } }),
      task('c', 'QUEUED', wait('the approval of a person', '2')), task('d', 'QUEUED', wait('nobody can', '2')), task('e', 'QUEUED', { attempt: 1 }),
    ]);
    expect(ids(diff_of(from, until))).toEqual({ details: ['a', 'b', 'c', 'e'] });
    const told = (id: string) => differences_of(from.by_id.get(id), until.by_id.get(id)!);
    expect(told('a')).toEqual([{ what: 'holder', from: 'ada', until: 'bo' }, { what: 'attempt', from: '1', until: '2' }, { what: 'progress', from: '10 %', until: '5 %' }]);
    expect(told('b').map((each) => each.what)).toEqual(['output']);
    expect(told('c')).toEqual([{ what: 'wait', from: 'nobody can', until: 'the approval of a person' }]);
    expect(told('e')).toEqual([{ what: 'attempt', from: undefined, until: '1' }]);
    expect(differences_of(undefined, until.by_id.get('a')!)).toEqual([]);
  });
  test('every state that a step can come to has a name', () => {
    const [before] = flatten([task('a', 'QUEUED')]);
    for (const status of ['RUNNING', 'BLOCKED', 'COMPLETE', 'ERROR', 'SKIPPED', 'CANCELLED'] as const) expect(change_of(before, flatten([task('a', status)])[0]!)).toBeDefined();
  });
});

test('counters stand side by side and count steps alone', () => {
  const from = moment(1, [task('p', 'RUNNING', { children: [task('x', 'RUNNING'), task('y', 'QUEUED', { ready: true })] })]);
  const until = moment(9, [task('p', 'RUNNING', { children: [task('x', 'COMPLETE'), task('y', 'BLOCKED')] })], 50);
  const found = new Map(counters_of(from, until).map((each) => [each.name, [each.from, each.until]]));
  expect(found.get('Progress')).toEqual([0, 50]);
  expect(found.get('Completed')).toEqual([0, 1]);
  expect(found.get('Blocked')).toEqual([0, 1]);
  expect(found.get('Ready')).toEqual([1, 0]);
  expect(found.get('Steps')).toEqual([2, 2]);
});

test('agents are told by what they did in between, and what they hold', () => {
  const event = (agent_id: string | undefined, event_type: string) => ({ agent_id, event_type }) as unknown as RecordedEvent;
  const until = moment(9, [task('x', 'RUNNING', { agent_id: 'cleo' })]);
  const shares = agents_between([event('ada', 'task_started'), event('bo', 'task_complete'), event(undefined, 'task_retry_due'), event('ada', 'task_error')], until);
  expect(shares).toEqual([
    { agent_id: 'bo', completed: 1, errors: 0, events: 1, holds: 0 },
    { agent_id: 'ada', completed: 0, errors: 1, events: 2, holds: 0 },
    { agent_id: 'cleo', completed: 0, errors: 0, events: 0, holds: 1 },
  ]);
});

test('moments are put in order and into what there is', () => {
  expect(ordered(9, 3, 20)).toEqual({ from: 3, until: 9 });
  expect(ordered(-4, 99, 20)).toEqual({ from: 1, until: 20 });
  expect(ordered(Number.NaN, 5, 20)).toEqual({ from: 1, until: 5 });
});
