import { describe, expect, test } from 'vitest';
import {
  bars_of, bounds_of, burn_up_of, day_ms, first_mode, hour_ms, minute_ms, row_text, rows_of, scales_of, second_ms, slip_of, span_text, tick_step, ticks_within,
  widest_px,
} from './gantt';
import type { Report, TaskReport } from './report';

const start = Date.parse('2026-01-05T08:00:00.000Z');
const at = (ms: number) => new Date(start + ms).toISOString();

const task = (task_id: string, more: Partial<TaskReport> = {}): TaskReport => ({
  task_id, level: 'subtask', title: task_id, status: 'QUEUED', critical: false, planned_start_days: 0, planned_end_days: 1, effort_days: 1, attempts: 0, ...more,
});
const report = (tasks: TaskReport[], more: Partial<Report> = {}): Report => ({
  execution_id: 'e', seq: 9, status: 'RUNNING', title: 'x', started_at: at(0), tasks, roles: [],
  totals: {
    planned_days: Math.max(0, ...tasks.map((each) => each.planned_end_days)), elapsed_days: 0, planned_effort_days: 0, done_effort_days: 0, tasks_total: tasks.length,
    tasks_completed: 0, tasks_skipped: 0, tasks_failed: 0, attempts: 0, failed_attempts: 0, critical_tasks: 0,
  },
  ...more,
});

const done = task('a', { parent_id: 'p', status: 'COMPLETE', planned_end_days: 2, actual_start: at(0), actual_end: at(3 * day_ms), slip_days: 1, attempts: 2, critical: true });
const running = task('b', { parent_id: 'p', status: 'RUNNING', planned_start_days: 2, planned_end_days: 4, actual_start: at(3 * day_ms), expected_end: at(6 * day_ms), slip_days: 2 });
const later = task('c', { parent_id: 'p', planned_start_days: 4, planned_end_days: 5, expected_start: at(6 * day_ms), expected_end: at(7 * day_ms), slip_days: 2 });
const whole = report([task('p', { level: 'phase', planned_end_days: 5, actual_start: at(0), expected_end: at(7 * day_ms) }), done, running, later]);
const now = start + 4 * day_ms;

describe('bounds and scales', () => {
  test('reach from the start to the last planned and the last expected end', () => {
    const bounds = bounds_of(whole, now);
    expect(bounds.plan).toEqual({ from: start, until: start + 5 * day_ms });
    expect(bounds.reality).toEqual({ from: start, until: start + 7 * day_ms });
    expect(first_mode(bounds)).toBe('shared');
  });
  test('weeks that are done in seconds get scales of their own', () => {
    const quick = report([task('a', { planned_end_days: 30, actual_start: at(0), actual_end: at(second_ms) })], { completed_at: at(second_ms) });
    expect(first_mode(bounds_of(quick, now))).toBe('own');
  });
  test('before the start the plan begins now', () => {
    const { started_at: _, ...waiting } = report([task('a')]);
    expect(bounds_of(waiting, now).plan.from).toBe(now);
  });
  test('on one scale the same time is at the same place, on their own both fill the width', () => {
    const bounds = bounds_of(whole, now);
    const shared = scales_of(bounds, 'shared', 0, 1_000);
    expect(shared.plan(now)).toBeCloseTo(shared.reality(now));
    expect(shared.reality(start + 7 * day_ms)).toBeCloseTo(shared.width);
    const own = scales_of(bounds, 'own', 0, 1_000);
    expect(own.plan(start + 5 * day_ms)).toBeCloseTo(own.width);
    expect(own.reality(start + 7 * day_ms)).toBeCloseTo(own.width);
  });
  test('a zoom that no browser could draw is cut', () => {
    expect(scales_of(bounds_of(whole, now), 'shared', 1, 1_000).width).toBe(widest_px);
  });
});

describe('ticks', () => {
  test('are as dense as they can be read', () => {
    expect(tick_step(minute_ms)).toBe(2 * hour_ms);
    expect(tick_step(1)).toBe(100);
    expect(tick_step(1e12)).toBe(3_650 * day_ms);
  });
  test('stand at whole steps of local time', () => {
    const ticks = ticks_within({ from: start, until: start + 2 * day_ms }, day_ms, 2 * hour_ms);
    expect(ticks.map((ms) => new Date(ms).toISOString())).toEqual(['2026-01-05T22:00:00.000Z', '2026-01-06T22:00:00.000Z']);
  });
  test('are never endless', () => expect(ticks_within({ from: 0, until: 1e15 }, second_ms).length).toBeLessThanOrEqual(500));
});

describe('rows', () => {
  test('leave out what is in shut containers, however deep', () => {
    const tree = [task('p'), task('t', { parent_id: 'p' }), task('l', { parent_id: 't' }), task('q')];
    expect(rows_of(tree, new Set()).map((row) => [row.task.task_id, row.depth, row.container])).toEqual([
      ['p', 0, true], ['t', 1, true], ['l', 2, false], ['q', 0, false],
    ]);
    expect(rows_of(tree, new Set(['p'])).map((row) => row.task.task_id)).toEqual(['p', 'q']);
  });
});

describe('bars', () => {
  test('of what is done: from its first hand-out to its end, and nothing is expected', () => {
    expect(bars_of(done, start, now)).toEqual({ plan: { from: start, until: start + 2 * day_ms }, actual: { from: start, until: start + 3 * day_ms } });
  });
  test('of what runs: until now, then what is expected', () => {
    const bars = bars_of(running, start, now);
    expect(bars.actual).toEqual({ from: start + 3 * day_ms, until: now });
    expect(bars.expected).toEqual({ from: now, until: start + 6 * day_ms });
  });
  test('of what has not begun: the expectation alone', () => {
    const bars = bars_of(later, start, now);
    expect(bars.actual).toBeUndefined();
    expect(bars.expected).toEqual({ from: start + 6 * day_ms, until: start + 7 * day_ms });
  });
});

describe('words', () => {
  test('a slip is in days on one scale, and in per cent of the whole on scales of their own', () => {
    const bounds = bounds_of(whole, now);
    expect(slip_of(done, 'shared', bounds)).toEqual({ text: '+1 d', late: true });
    expect(slip_of(done, 'own', bounds)).toEqual({ text: '+3 %', late: true });
    expect(slip_of({ ...done, slip_days: -1 }, 'shared', bounds)).toEqual({ text: '−1 d', late: false });
    expect(slip_of({ ...done, slip_days: 0 }, 'shared', bounds)).toBeUndefined();
  });
  test('a row says what its bars show', () => {
    const when = (time: string) => time.slice(0, 10);
    expect(row_text(done, now, when)).toBe('Planned from day 0 to day 2; done from 2026-01-05 to 2026-01-08, 3 d; 1 d later than planned; 2 attempts; on the critical path.');
    expect(row_text(running, now, when)).toBe('Planned from day 2 to day 4; begun 2026-01-08, 1 d so far; expected to end 2026-01-11; 2 d later than planned.');
  });
  test('what takes less than a second is told in milliseconds', () => expect([span_text(144), span_text(90_000)]).toEqual(['144 ms', '1 min 30 s']));
});

describe('burn-up', () => {
  const over = burn_up_of(whole, 'shared', now);
  const value = (line: (number | null)[], ms: number) => line[over.x.indexOf((start + ms) / 1_000)];
  test('counts leaves alone, what is done until now and what is expected from then on', () => {
    expect(value(over.done, 4 * day_ms)).toBe(1);
    expect(value(over.expected, 4 * day_ms)).toBe(1);
    expect(over.expected.at(-1)).toBe(3);
    expect(over.done.at(-1)).toBeNull();
    expect(over.expected[0]).toBeNull();
    expect(over.planned.at(-1)).toBe(3);
  });
  test('is in order of time and never falls', () => {
    for (const line of [over.x, over.planned]) for (let n = 1; n < line.length; n++) expect(line[n]! >= line[n - 1]!).toBe(true);
  });
  test('on a scale of its own the plan ends where reality does', () => {
    const own = burn_up_of(whole, 'own', now);
    expect(own.x.at(-1)).toBe((start + 7 * day_ms) / 1_000);
    expect(own.planned.at(-1)).toBe(3);
    expect(own.planned[Math.floor(own.x.length / 2)]).toBe(1);
  });
});
