import { describe, expect, it } from 'vitest';
import type { ExecutionRow } from '../api/types';
import { counts, ordered, searched, sort_of, status_of } from './select';

const row = (execution_id: string, more: Partial<ExecutionRow> = {}): ExecutionRow => ({
  execution_id, plan_id: 'p', title: 'Roundabout', goal: 'Build a safe junction', status: 'RUNNING', status_message: '',
  version: 1, priority: 0, agents: [], waiting_for_people: 0, created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  progress: { tasks_total: 4, tasks_completed: 1, tasks_skipped: 0, percent: 25, effort_percent: 20 }, ...more,
});
const ids = (rows: readonly ExecutionRow[]) => rows.map((each) => each.execution_id);

describe('the list of executions', () => {
  it('finds every word in title, goal or id, in any case', () => {
    const rows = [row('exec-1'), row('exec-2', { title: 'Workshop' })];
    expect(ids(searched(rows, '  JUNCTION workshop '))).toEqual(['exec-2']);
    expect(ids(searched(rows, 'exec-1'))).toEqual(['exec-1']);
    expect(ids(searched(rows, ' '))).toEqual(['exec-1', 'exec-2']);
    expect(searched(rows, 'workshop exec-1')).toEqual([]);
  });
  it('sorts by what is asked for, and newest first among equals', () => {
    const rows = [
      row('a', { created_at: '2026-01-01T00:00:00.000Z', priority: 5 }),
      row('b', { created_at: '2026-01-03T00:00:00.000Z', updated_at: '2026-01-09T00:00:00.000Z' }),
      row('c', { created_at: '2026-01-02T00:00:00.000Z', progress: { ...row('x').progress, effort_percent: 90 } }),
    ];
    expect(ids(ordered(rows, 'newest'))).toEqual(['b', 'c', 'a']);
    expect(ids(ordered(rows, 'updated'))).toEqual(['b', 'c', 'a']);
    expect(ids(ordered(rows, 'progress'))).toEqual(['c', 'b', 'a']);
    expect(ids(ordered(rows, 'priority'))).toEqual(['a', 'b', 'c']);
  });
  it('counts the states', () => {
    const found = counts([row('a'), row('b'), row('c', { status: 'BLOCKED' })]);
    expect([found.get('RUNNING'), found.get('BLOCKED'), found.get('FAILED')]).toEqual([2, 1, undefined]);
  });
  it('takes no unknown word out of an address', () => {
    expect(sort_of('toString')).toBe('newest');
    expect(status_of('running')).toBe('');
    expect(status_of('RUNNING')).toBe('RUNNING');
  });
});
