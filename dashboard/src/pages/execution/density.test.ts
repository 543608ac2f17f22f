import { describe, expect, test } from 'vitest';
import { columns_of, strand_of, target_of, told_of, totals_of } from './density';
import type { Stamp } from './history';

const stamp = (seq: number, ms: number, type = 'task_progress'): Stamp => ({ seq, ms, type });

describe('how much happened when', () => {
  test('each event is in one column, and none is lost', () => {
    const stamps = Array.from({ length: 1_000 }, (_, at) => stamp(at + 1, at * 10, at % 7 === 0 ? 'task_complete' : 'task_progress'));
    const columns = columns_of(stamps, 96);
    expect(columns.length).toBeLessThanOrEqual(96);
    expect([columns[0]?.from, columns.at(-1)?.until]).toEqual([1, 1_000]);
    for (const [i, column] of columns.slice(1).entries()) expect(column.from).toBe((columns[i]?.until ?? 0) + 1);
    expect(totals_of(columns)).toEqual({ work: 857, done: 143, turns: 0, people: 0, trouble: 0 });
  });
  test('a burst stands higher than a quiet day, and both are seen', () => {
    const columns = columns_of([stamp(1, 0), stamp(2, 10), stamp(3, 20), stamp(4, 86_400_020), stamp(5, 86_400_030)]);
    expect(columns.map((column) => column.height)).toEqual([1, 1, 0.22, 1, 1]);
  });
  test('events of the same moment, one event and none are drawn too', () => {
    expect(columns_of([stamp(1, 5), stamp(2, 5)]).map((column) => column.height)).toEqual([1, 1]);
    expect(columns_of([stamp(1, 5)]).map((column) => column.height)).toEqual([1]);
    expect(columns_of([])).toEqual([]);
  });
  test('kinds are told apart, also of a newer server', () => {
    expect(['task_progress', 'task_complete', 'task_error', 'lease_expired', 'review_requested', 'execution_paused', 'execution_failed', 'moon_landed'].map(strand_of))
      .toEqual(['work', 'done', 'trouble', 'trouble', 'people', 'turns', 'trouble', 'turns']);
  });
  test('pointing at a column goes to what matters most in it', () => {
    const stamps = [stamp(1, 0), stamp(2, 1, 'task_complete'), stamp(3, 2, 'task_error'), stamp(4, 3)];
    const [column] = columns_of(stamps, 1);
    expect(column && target_of(column, stamps)).toBe(3);
    const [quiet] = columns_of([stamp(8, 0), stamp(9, 1)], 1);
    expect(quiet && target_of(quiet, stamps)).toBe(8);
  });
  test('is told in words', () => {
    expect(told_of({ work: 2, done: 1, turns: 0, people: 0, trouble: 1 })).toBe('4 events: 2 of work, 1 done, 1 of trouble');
  });
});
