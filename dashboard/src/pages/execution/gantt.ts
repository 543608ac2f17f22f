// Where the bars of the timeline stand: scales of time, ticks, the rows that are seen, and words for what is drawn. Pure.
import type { TaskReport, Report } from './report';
import { duration } from '../../ui/time';

export const second_ms = 1_000;
export const minute_ms = 60 * second_ms;
export const hour_ms = 60 * minute_ms;
export const day_ms = 24 * hour_ms;

/** `shared`: plan and reality on one scale. `own`: each fills the width, whatever takes how long. */
export type ScaleMode = 'shared' | 'own';

export interface Span {
  from: number;
  until: number;
}

export interface Bounds {
  /** When the plan begins: the start of the execution, or now before that. */
  start: number;
  plan: Span;
  reality: Span;
}

/** Where plan and reality begin and end, in ms. `now` is the present of the moment that is shown. */
export function bounds_of(report: Report, now: number): Bounds {
  const start = report.started_at ? Date.parse(report.started_at) : now;
  let until = report.completed_at ? Date.parse(report.completed_at) : report.started_at ? now : start;
  for (const task of report.tasks) {
    for (const time of [task.actual_end, task.expected_end]) if (time) until = Math.max(until, Date.parse(time));
  }
  const planned = report.tasks.reduce((most, task) => Math.max(most, task.planned_end_days), report.totals.planned_days);
  return { start, plan: { from: start, until: start + Math.max(planned * day_ms, 1) }, reality: { from: start, until: Math.max(until, start + 1) } };
}

/** Plans of weeks done in minutes cannot be seen on one scale. */
export function first_mode({ plan, reality }: Bounds): ScaleMode {
  const ratio = (plan.until - plan.from) / (reality.until - reality.from);
  return ratio > 8 || ratio < 1 / 8 ? 'own' : 'shared';
}

export interface Scales {
  width: number;
  plan: (ms: number) => number;
  reality: (ms: number) => number;
  /** Real ms that a pixel is worth. */
  ms_per_px: number;
  plan_ms_per_px: number;
  reality_span: Span;
  plan_span: Span;
}

/** Beyond this browsers lose pixels. */
export const widest_px = 4_000_000;

/** `px_per_ms` 0: all of it in `window` pixels. */
export function scales_of(bounds: Bounds, mode: ScaleMode, px_per_ms: number, window: number): Scales {
  const all: Span = { from: bounds.start, until: Math.max(bounds.plan.until, bounds.reality.until) };
  const reality_span = mode === 'own' ? bounds.reality : all;
  const plan_span = mode === 'own' ? bounds.plan : all;
  const length = reality_span.until - reality_span.from;
  // Room at the end for labels.
  const fitting = Math.max(120, window - 90);
  const width = Math.min(widest_px, Math.max(px_per_ms > 0 ? length * px_per_ms : fitting, fitting));
  const on = (span: Span) => (ms: number) => ((ms - span.from) / (span.until - span.from)) * width;
  return {
    width, reality_span, plan_span, plan: on(plan_span), reality: on(reality_span),
    ms_per_px: length / width, plan_ms_per_px: (plan_span.until - plan_span.from) / width,
  };
}

const steps_ms = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
].map((seconds) => seconds * second_ms).concat([1, 2, 5, 7, 14, 30, 60, 90, 180, 365, 730, 1_825, 3_650].map((days) => days * day_ms));

export function tick_step(ms_per_px: number, least_px = 84): number {
  return steps_ms.find((step) => step / ms_per_px >= least_px) ?? (steps_ms.at(-1) as number);
}

/** Multiples of a step within a span; of days, at midnight where one is. `zone_ms`: how far local time is ahead of UTC. */
export function ticks_within(span: Span, step: number, zone_ms = 0): number[] {
  const ticks: number[] = [];
  for (let at = Math.ceil((span.from + zone_ms) / step) * step - zone_ms; at <= span.until && ticks.length < 500; at += step) ticks.push(at);
  return ticks;
}

/** A report's tasks as rows: what is in shut containers is left out. */
export interface Row {
  task: TaskReport;
  depth: number;
  /** It has tasks below it. */
  container: boolean;
}

export function rows_of(tasks: readonly TaskReport[], shut: ReadonlySet<string>): Row[] {
  const depth = new Map<string, number>();
  const hidden = new Set<string>();
  const parents = new Set(tasks.map((task) => task.parent_id).filter((id) => id !== undefined));
  const rows: Row[] = [];
  for (const task of tasks) {
    const above = task.parent_id;
    depth.set(task.task_id, above === undefined ? 0 : (depth.get(above) ?? 0) + 1);
    if (above !== undefined && (hidden.has(above) || shut.has(above))) {
      hidden.add(task.task_id);
      continue;
    }
    rows.push({ task, depth: depth.get(task.task_id) as number, container: parents.has(task.task_id) });
  }
  return rows;
}

export interface Bars {
  plan: Span;
  /** What has happened, up to now where it goes on. */
  actual?: Span;
  /** What is expected, from now on. */
  expected?: Span;
}

/** The spans of a task in ms: the plan's on the plan's scale. */
export function bars_of(task: TaskReport, start: number, now: number): Bars {
  const plan = { from: start + task.planned_start_days * day_ms, until: start + task.planned_end_days * day_ms };
  const from = task.actual_start ? Date.parse(task.actual_start) : undefined;
  const end = task.actual_end ? Date.parse(task.actual_end) : undefined;
  const expected_end = task.expected_end ? Date.parse(task.expected_end) : undefined;
  const bars: Bars = { plan };
  if (from !== undefined) bars.actual = { from, until: Math.max(from, end ?? Math.max(from, now)) };
  if (end === undefined && expected_end !== undefined) {
    const begins = bars.actual ? bars.actual.until : task.expected_start ? Date.parse(task.expected_start) : now;
    bars.expected = { from: Math.min(begins, expected_end), until: Math.max(begins, expected_end) };
  }
  return bars;
}

/** "480 ms", "3 h 20 min". */
export function span_text(ms: number): string {
  return Math.abs(ms) < second_ms ? `${Math.round(ms)} ms` : duration(ms);
}

export interface Slip {
  text: string;
  late: boolean;
}

/** Less than this part of the whole is on time. */
const on_time_share = 0.005;

/** How far a task's end is from the plan; on scales of their own, in per cent of the whole. */
export function slip_of(task: TaskReport, mode: ScaleMode, bounds: Bounds): Slip | undefined {
  const end = task.actual_end ?? task.expected_end;
  if (mode === 'own') {
    if (!end) return undefined;
    const real = (Date.parse(end) - bounds.start) / (bounds.reality.until - bounds.reality.from);
    const planned = (task.planned_end_days * day_ms) / (bounds.plan.until - bounds.plan.from);
    const share = real - planned;
    if (Math.abs(share) < on_time_share) return undefined;
    return { text: `${share > 0 ? '+' : '−'}${Math.round(Math.abs(share) * 100) || '<1'} %`, late: share > 0 };
  }
  if (task.slip_days === undefined) return undefined;
  const ms = task.slip_days * day_ms;
  if (Math.abs(ms) < on_time_share * (bounds.plan.until - bounds.plan.from)) return undefined;
  return { text: `${ms > 0 ? '+' : '−'}${span_text(Math.abs(ms))}`, late: ms > 0 };
}

const day_number = (days: number) => `day ${Math.round(days * 10) / 10}`;

/** A row in words. `when` writes a time. */
export function row_text(task: TaskReport, now: number, when: (time: string) => string): string {
  const said = [`Planned from ${day_number(task.planned_start_days)} to ${day_number(task.planned_end_days)}`];
  if (task.actual_start && task.actual_end) said.push(`done from ${when(task.actual_start)} to ${when(task.actual_end)}, ${span_text(Date.parse(task.actual_end) - Date.parse(task.actual_start))}`);
  else if (task.actual_start) said.push(`begun ${when(task.actual_start)}, ${span_text(now - Date.parse(task.actual_start))} so far`);
  else if (task.expected_start) said.push(`expected to begin ${when(task.expected_start)}`);
  if (!task.actual_end && task.expected_end) said.push(`expected to end ${when(task.expected_end)}`);
  if (task.slip_days !== undefined) {
    const ms = Math.abs(task.slip_days * day_ms);
    said.push(ms < second_ms ? 'on time' : `${span_text(ms)} ${task.slip_days > 0 ? 'later' : 'earlier'} than planned`);
  }
  if (task.attempts > 1) said.push(`${task.attempts} attempts`);
  if (task.critical) said.push('on the critical path');
  return said.join('; ') + '.';
}

/** Leaves done over time: as it was, as it was planned, as it is expected. One value for each x. */
export interface BurnUp {
  /** Unix seconds. */
  x: number[];
  done: (number | null)[];
  planned: (number | null)[];
  expected: (number | null)[];
}

export const burn_up_points = 240;

export function burn_up_of(report: Report, mode: ScaleMode, now: number): BurnUp {
  const bounds = bounds_of(report, now);
  const parents = new Set(report.tasks.map((task) => task.parent_id));
  const leaves = report.tasks.filter((task) => !parents.has(task.task_id));
  const sorted = (times: number[]) => times.sort((a, b) => a - b);
  const done = sorted(leaves.flatMap((task) => (task.actual_end ? [Date.parse(task.actual_end)] : [])));
  const expected = sorted(leaves.flatMap((task) => (!task.actual_end && task.expected_end ? [Math.max(now, Date.parse(task.expected_end))] : [])));
  const squeeze = mode === 'own' ? (bounds.reality.until - bounds.start) / (bounds.plan.until - bounds.start) : 1;
  const planned = sorted(leaves.map((task) => bounds.start + task.planned_end_days * day_ms * squeeze));
  const until = mode === 'own' ? bounds.reality.until : Math.max(bounds.plan.until, bounds.reality.until);
  const over: BurnUp = { x: [], done: [], planned: [], expected: [] };
  const seen = Math.min(now, until);
  const points = Array.from({ length: burn_up_points + 1 }, (_, at) => bounds.start + ((until - bounds.start) * at) / burn_up_points);
  // The present is a point of its own: there one line ends and the other begins.
  if (report.started_at && seen > bounds.start && !points.includes(seen)) points.push(seen);
  for (const at of sorted(points)) {
    over.x.push(at / 1_000);
    over.done.push(report.started_at && at <= seen ? up_to(done, at) : null);
    over.planned.push(up_to(planned, at));
    over.expected.push(expected.length > 0 && at >= seen ? done.length + up_to(expected, at) : null);
  }
  return over;
}

/** How many of sorted times are not after `at`. */
function up_to(sorted: readonly number[], at: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
