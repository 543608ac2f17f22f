import { describe, expect, test } from 'vitest';
import type { Task } from '../../api/types';
import { flatten } from '../../state/moment';
import { closed_below, no_filter, row_at, rows_of, type TaskFilter } from './rows';

const task = (task_id: string, children: Task[] = [], more: Partial<Task> = {}): Task =>
  ({ task_id, title: task_id, status: 'QUEUED', children, ...more } as unknown as Task);
const tasks = flatten([
  task('p', [
    task('a', [task('a1', [], { status: 'COMPLETE' }), task('a2', [], { assignee_role: 'Buyer', waiting_for: { kind: 'review', detail: '', since: '' } })]),
    task('b', [task('b1', [], { status: 'ERROR' })]),
  ]),
  task('q', [task('c', [], { assignee_role: 'Buyer', title: 'Compare pipes', agent_id: 'scout' })]),
]);
const shown = (closed: string[], filter: Partial<TaskFilter> = {}) =>
  rows_of(tasks, new Set(closed), { ...no_filter, ...filter }).map((place) => tasks[place]?.task_id);

describe('rows', () => {
  test('are all tasks, without what is closed', () => {
    expect(shown([])).toEqual(['p', 'a', 'a1', 'a2', 'b', 'b1', 'q', 'c']);
    expect(shown(['a', 'q'])).toEqual(['p', 'a', 'b', 'b1', 'q']);
    expect(shown(['p', 'a'])).toEqual(['p', 'q', 'c']);
  });

  test('of a filter are what matches with all that it is part of', () => {
    expect(shown([], { text: 'PIPES' })).toEqual(['q', 'c']);
    expect(shown([], { text: 'scout' })).toEqual(['q', 'c']);
    expect(shown([], { role: 'Buyer' })).toEqual(['p', 'a', 'a2', 'q', 'c']);
    expect(shown([], { role: 'Buyer', text: 'a2' })).toEqual(['p', 'a', 'a2']);
    expect(shown([], { fates: new Set(['done', 'failed']) })).toEqual(['p', 'a', 'a1', 'b', 'b1']);
    expect(shown([], { needs: true })).toEqual(['p', 'a', 'a2', 'b', 'b1']);
    expect(shown([], { text: 'nothing like it' })).toEqual([]);
  });

  test('are closed by level', () => {
    expect([...closed_below(tasks, 0)]).toEqual(['p', 'a', 'b', 'q']);
    expect([...closed_below(tasks, 1)]).toEqual(['a', 'b']);
  });

  test('are found by the place of their task, or where it would stand', () => {
    expect(row_at([0, 3, 7], 3)).toBe(1);
    expect(row_at([0, 3, 7], 4)).toBe(-3);
    expect(row_at([0, 3, 7], -1)).toBe(-1);
    expect(row_at([], 0)).toBe(-1);
  });
});
