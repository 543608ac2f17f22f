// The bars of the timeline. Rows and ticks are drawn only where one looks, so that thousands of tasks are no burden.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { look_of, StateShape } from '../../ui/state';
import { Text } from '../../ui/text';
import { absolute } from '../../ui/time';
import {
  bars_of, day_ms, hour_ms, minute_ms, row_text, rows_of, scales_of, slip_of, tick_step, ticks_within, widest_px,
  type Bounds, type Row, type ScaleMode, type Scales, type Span,
} from './gantt';
import type { Report } from './report';
import '../../styles/graph.css';

export interface GanttProps {
  report: Report;
  bounds: Bounds;
  now: number;
  mode: ScaleMode;
  on_mode: (mode: ScaleMode) => void;
  selected: string | undefined;
  on_select: (task_id: string) => void;
}

const row_px = 34;
/** Rows beyond the edges, so that scrolling shows no gaps. */
const spare_rows = 8;
const unit_px = 44;
/** A plan of more tasks begins with its phases. */
const most_open = 400;

const zooms = [{ name: 'Fit', unit: 0 }, { name: 'Days', unit: day_ms }, { name: 'Hours', unit: hour_ms }, { name: 'Minutes', unit: minute_ms }] as const;

interface Port {
  top: number;
  left: number;
  width: number;
  height: number;
}

export function GanttChart(props: GanttProps) {
  const { report, bounds, now, mode, on_mode, selected, on_select } = props;
  const containers = useMemo(() => new Set(report.tasks.map((task) => task.parent_id).filter((id) => id !== undefined)), [report.tasks]);
  const [shut, set_shut] = useState<ReadonlySet<string>>(() => (report.tasks.length > most_open ? new Set(containers) : new Set(report.tasks.filter((task) => task.parent_id !== undefined).map((task) => task.task_id))));
  const [px_per_ms, set_px_per_ms] = useState(0);
  const [port, set_port] = useState<Port>({ top: 0, left: 0, width: 900, height: 480 });
  const box = useRef<HTMLDivElement>(null);
  const names_px = port.width < 560 ? 128 : Math.min(330, port.width * 0.3);
  const scales = scales_of(bounds, mode, px_per_ms, port.width - names_px);
  const rows = useMemo(() => rows_of(report.tasks, shut), [report.tasks, shut]);

  const measure = () => {
    const found = box.current;
    if (found) set_port({ top: found.scrollTop, left: found.scrollLeft, width: found.clientWidth, height: found.clientHeight });
  };
  useLayoutEffect(() => {
    measure();
    const watch = new ResizeObserver(measure);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const track_px = port.width - names_px;
  /** Zooms, and keeps the time in the middle where it is; when all was seen, the present is what one looks at. */
  const zoom_to = (next: number) => {
    const found = box.current;
    const seen_all = scales.width <= track_px;
    const middle = found && !seen_all ? (found.scrollLeft + track_px / 2) / scales.width : scales.reality(Math.min(now, scales.reality_span.until)) / scales.width;
    set_px_per_ms(next);
    const { width } = scales_of(bounds, mode, next, track_px);
    requestAnimationFrame(() => found?.scrollTo({ left: middle * width - track_px / 2 }));
  };
  /** From the start until now; where the plan is so much longer that one scale has no room for that, on scales of their own. */
  const look_so_far = () => {
    const wanted = Math.max(120, track_px - 90) / Math.max(1, now - bounds.start);
    if (mode === 'shared' && wanted * (bounds.plan.until - bounds.start) > widest_px) on_mode('own');
    set_px_per_ms(wanted);
    requestAnimationFrame(() => box.current?.scrollTo({ left: 0 }));
  };
  const fold = (id: string) => {
    const next = new Set(shut);
    if (!next.delete(id)) next.add(id);
    set_shut(next);
  };
  const all_open = ![...containers].some((id) => shut.has(id));
  return (
    <section class="gantt card" aria-label="Plan against reality">
      <div class="graph-tools">
        <div class="segments" role="group" aria-label="Scale">
          <button type="button" aria-pressed={mode === 'shared'} title="Plan and reality on the same scale of time" onClick={() => on_mode('shared')}>One scale</button>
          <button type="button" aria-pressed={mode === 'own'} title="The plan and reality each fill the width" onClick={() => on_mode('own')}>Own scales</button>
        </div>
        <div class="segments" role="group" aria-label="Zoom">
          {zooms.map(({ name, unit }) => {
            const wanted = unit === 0 ? 0 : unit_px / unit;
            return <button key={name} type="button" aria-pressed={px_per_ms === wanted} onClick={() => zoom_to(wanted)}>{name}</button>;
          })}
          {report.started_at && <button type="button" title="From the start until now" onClick={look_so_far}>So far</button>}
          <button type="button" aria-label="Less detail" onClick={() => zoom_to(1 / scales.ms_per_px / 1.6)}>−</button>
          <button type="button" aria-label="More detail" onClick={() => zoom_to((1 / scales.ms_per_px) * 1.6)}>+</button>
        </div>
        <button type="button" class="button small" onClick={() => set_shut(all_open ? new Set(containers) : new Set())}>{all_open ? 'Shut all' : 'Open all'}</button>
        <span class="grow" />
        <Key mode={mode} />
      </div>
      <div class="gantt-box" ref={box} onScroll={measure}>
        <Grid
          report={report} rows={rows} bounds={bounds} now={now} mode={mode} scales={scales} port={port} names_px={names_px} shut={shut} box={box}
          selected={selected} on_select={on_select} on_fold={fold}
        />
      </div>
    </section>
  );
}

function Key({ mode }: { mode: ScaleMode }) {
  return (
    <div class="gantt-key" aria-hidden="true">
      <span><i class="key-plan" /> plan</span><span><i class="key-real" /> reality</span><span><i class="key-expected" /> expected</span>
      <span><i class="key-critical" /> critical</span>{mode === 'own' && <span class="soft">each on its own scale</span>}
    </div>
  );
}

interface GridProps extends Omit<GanttProps, 'on_mode'> {
  rows: readonly Row[];
  scales: Scales;
  port: Port;
  names_px: number;
  shut: ReadonlySet<string>;
  box: { current: HTMLDivElement | null };
  on_fold: (id: string) => void;
}

function Grid(props: GridProps) {
  const { report, rows, bounds, now, mode, scales, port, names_px, shut, box, selected, on_select, on_fold } = props;
  const [active_id, set_active] = useState<string | undefined>(undefined);
  const wants_focus = useRef(false);
  const found = rows.findIndex((row) => row.task.task_id === (active_id ?? selected));
  const active = Math.max(0, found);
  const head_px = mode === 'own' ? 52 : 30;
  const first = Math.max(0, Math.floor(port.top / row_px) - spare_rows);
  const last = Math.min(rows.length, Math.ceil((port.top + port.height) / row_px) + spare_rows);
  const whole_px = names_px + scales.width + 90;
  useEffect(() => {
    if (!wants_focus.current) return;
    wants_focus.current = false;
    box.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus({ preventScroll: true });
  });
  const go_to = (at: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, at))];
    if (!row || !box.current) return;
    set_active(row.task.task_id);
    wants_focus.current = true;
    const top = rows.indexOf(row) * row_px;
    const { scrollTop, clientHeight } = box.current;
    if (top < scrollTop) box.current.scrollTop = top;
    else if (top + row_px > scrollTop + clientHeight - head_px) box.current.scrollTop = top + row_px - clientHeight + head_px;
  };
  const on_key = (event: KeyboardEvent) => {
    const row = rows[active];
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const open = row.container && !shut.has(row.task.task_id);
    const page = Math.max(1, Math.floor((port.height - head_px) / row_px) - 1);
    switch (event.key) {
      case 'ArrowDown': go_to(active + 1); break;
      case 'ArrowUp': go_to(active - 1); break;
      case 'PageDown': go_to(active + page); break;
      case 'PageUp': go_to(active - page); break;
      case 'Home': go_to(0); break;
      case 'End': go_to(rows.length - 1); break;
      case 'ArrowRight': if (row.container && !open) on_fold(row.task.task_id); else if (open) go_to(active + 1); break;
      case 'ArrowLeft': if (open) on_fold(row.task.task_id); else go_to(rows.findIndex((each) => each.task.task_id === row.task.parent_id)); break;
      case 'Enter': on_select(row.task.task_id); break;
      case ' ': if (row.container) on_fold(row.task.task_id); break;
      default: return;
    }
    event.preventDefault();
  };
  const drawn = new Set(Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at));
  // The row with the focus stays in the page, however far one has scrolled.
  if (rows.length > 0) drawn.add(active);
  return (
    <div role="treegrid" aria-label="Tasks: plan against reality" aria-rowcount={rows.length + 1} aria-colcount={2} class="gantt-grid" style={{ width: `${whole_px}px` }} onKeyDown={on_key}>
      <div role="rowgroup" class="gantt-head" style={{ height: `${head_px}px` }}>
        <div role="row" aria-rowindex={1} class="gantt-row">
          <div role="columnheader" class="gantt-name" style={{ width: `${names_px}px` }}>Task</div>
          <div role="columnheader" class="gantt-track">
            <span class="heard">Plan and reality</span>
            <Axis scales={scales} mode={mode} port={port} names_px={names_px} start={bounds.start} started={report.started_at !== undefined} />
          </div>
        </div>
      </div>
      <div role="rowgroup" class="gantt-rows" style={{ height: `${rows.length * row_px}px` }}>
        <Marks report={report} scales={scales} now={now} names_px={names_px} port={port} />
        {[...drawn].sort((a, b) => a - b).map((at) => {
          const row = rows[at] as Row;
          const id = row.task.task_id;
          const open = row.container && !shut.has(id);
          return (
            <div
              key={id} role="row" aria-rowindex={at + 2} aria-level={row.depth + 1} aria-selected={selected === id} {...(row.container ? { 'aria-expanded': open } : {})}
              tabIndex={at === active ? 0 : -1} class={`gantt-row depth-${Math.min(row.depth, 2)}${row.task.critical ? ' critical' : ''}`} style={{ top: `${at * row_px}px` }}
              onClick={() => { set_active(id); on_select(id); }}
            >
              <div role="gridcell" class="gantt-name" style={{ width: `${names_px}px`, paddingLeft: `${8 + Math.min(row.depth, 4) * (names_px < 200 ? 6 : 14)}px` }}>
                <span class={`gantt-fold${row.container ? '' : ' none'}${open ? ' open' : ''}`} aria-hidden="true" onClick={(event) => { if (row.container) { event.stopPropagation(); set_active(id); on_fold(id); } }} />
                <StateShape status={row.task.status} size={13} />
                <span class="clip" title={row.task.title}><Text value={row.task.title} /></span>
              </div>
              <div role="gridcell" class="gantt-track">
                <RowBars row={row} bounds={bounds} now={now} mode={mode} scales={scales} />
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RowBars({ row, bounds, now, mode, scales }: { row: Row; bounds: Bounds; now: number; mode: ScaleMode; scales: Scales }) {
  const { task } = row;
  const bars = bars_of(task, bounds.start, now);
  const slip = slip_of(task, mode, bounds);
  const text = row_text(task, now, absolute);
  const at = (span: Span, on: (ms: number) => number) => ({ left: `${on(span.from)}px`, width: `${Math.max(3, on(span.until) - on(span.from))}px` });
  const end = Math.max(scales.plan(bars.plan.until), ...[bars.actual, bars.expected].flatMap((span) => (span ? [scales.reality(span.until)] : [])));
  const tone = look_of(task.status).tone;
  return (
    <>
      <span class="heard">{look_of(task.status).name}. {text}</span>
      <div class="gantt-bars" aria-hidden="true" title={text}>
        <i class="bar-plan" style={at(bars.plan, scales.plan)} />
        {bars.expected && <i class={`bar-expected fill-${tone}`} style={at(bars.expected, scales.reality)} />}
        {bars.actual && <i class={`bar-real fill-${tone}${row.container ? ' whole' : ''}`} style={at(bars.actual, scales.reality)} />}
        {slip && <span class={`gantt-slip ${slip.late ? 'late' : 'early'}`} style={{ left: `${end + 7}px` }}>{slip.text}</span>}
      </div>
    </>
  );
}

/** The lines across all rows: the present and the deadline. */
function Marks({ report, scales, now, names_px, port }: { report: Report; scales: Scales; now: number; names_px: number; port: Port }) {
  const deadline = report.deadline_at ? Date.parse(report.deadline_at) : undefined;
  const within = (ms: number) => ms >= scales.reality_span.from && ms <= scales.reality_span.until;
  const line = (ms: number, kind: string, name: string) => {
    const left = names_px + scales.reality(ms);
    // Behind the names nothing is drawn.
    return left >= port.left + names_px && <div class={`gantt-mark ${kind}`} style={{ left: `${left}px` }} aria-hidden="true"><span style={{ top: `${port.top}px` }}>{name}</span></div>;
  };
  return (
    <>
      {!report.completed_at && report.started_at && within(now) && line(now, 'today', 'now')}
      {deadline !== undefined && within(deadline) && line(deadline, 'deadline', 'deadline')}
    </>
  );
}

const of_clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const of_seconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const of_day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const of_month = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' });

export function tick_name(ms: number, step: number): string {
  if (step >= 30 * day_ms) return of_month.format(ms);
  if (step >= day_ms) return of_day.format(ms);
  if (step >= minute_ms) return new Date(ms).getHours() === 0 && new Date(ms).getMinutes() === 0 ? of_day.format(ms) : of_clock.format(ms);
  return step >= 1_000 ? of_seconds.format(ms) : `${of_seconds.format(ms)}.${String(Math.floor((ms % 1_000) / 100))}`;
}

function Axis({ scales, mode, port, names_px, start, started }: { scales: Scales; mode: ScaleMode; port: Port; names_px: number; start: number; started: boolean }) {
  const shown = (span: Span, ms_per_px: number): Span => ({
    from: Math.max(span.from, span.from + (port.left - 200) * ms_per_px),
    until: Math.min(span.until, span.from + (port.left + port.width - names_px + 200) * ms_per_px),
  });
  const step = tick_step(scales.ms_per_px);
  const zone = -new Date(start).getTimezoneOffset() * minute_ms;
  const plan_step = Math.max(tick_step(scales.plan_ms_per_px), minute_ms);
  const plan_name = (ms: number) => {
    const at = ms - start;
    return plan_step >= day_ms ? `day ${Math.round(at / day_ms)}` : `day ${Math.floor(at / day_ms)}, ${Math.round((at % day_ms) / hour_ms * 10) / 10} h`;
  };
  const plan_span = shown(scales.plan_span, scales.plan_ms_per_px);
  const plan_ticks = ticks_within({ from: plan_span.from - start, until: plan_span.until - start }, plan_step).map((at) => at + start);
  const by_days = mode === 'own' || !started;
  return (
    <div class="gantt-axis" aria-hidden="true">
      {by_days && plan_ticks.map((ms) => <span key={`p${ms}`} class="tick plan" style={{ left: `${scales.plan(ms)}px` }}>{plan_name(ms)}</span>)}
      {started && ticks_within(shown(scales.reality_span, scales.ms_per_px), step, zone).map((ms) => <span key={ms} class={`tick real${mode === 'own' ? ' second' : ''}`} style={{ left: `${scales.reality(ms)}px` }}>{tick_name(ms, step)}</span>)}
    </div>
  );
}
