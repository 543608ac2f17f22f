// How the work grew: steps done over time, beside the plan and what is expected. Drawn by hand: three lines and two axes
// weigh less than a library for charts.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { burn_up_of, tick_step, ticks_within, type BurnUp, type ScaleMode } from './gantt';
import { tick_name } from './gantt_chart';
import type { Report } from './report';

const height = 240;
const room = { left: 40, right: 14, top: 10, bottom: 26 };
const tick_room_px = 92;

export function BurnUpChart({ report, mode, now }: { report: Report; mode: ScaleMode; now: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, set_width] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => entry && set_width(Math.round(entry.contentRect.width)));
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  // A new point each second would be seen by nobody: the present moves on with the report.
  const data = useMemo(() => burn_up_of(report, mode, now), [report, mode]);
  const { tasks_completed, tasks_skipped, tasks_total } = report.totals;
  return (
    <figure class="burn-up">
      <div ref={box} class="burn-up-plot">{width > 0 && <Plot data={data} width={width} done={tasks_completed + tasks_skipped} total={tasks_total} />}</div>
      <figcaption class="gantt-key">
        <span><i class="key-line done" /> done</span><span><i class="key-line planned" /> planned{mode === 'own' ? ', on a scale of its own' : ''}</span><span><i class="key-line expected" /> expected</span>
      </figcaption>
    </figure>
  );
}

function Plot({ data, width, done, total }: { data: BurnUp; width: number; done: number; total: number }) {
  const from = data.x[0] ?? 0;
  const until = data.x.at(-1) ?? from + 1;
  const most = Math.max(1, total) * 1.05;
  const inner = Math.max(1, width - room.left - room.right);
  const x = (seconds: number) => room.left + ((seconds - from) / Math.max(until - from, 1e-3)) * inner;
  const y = (steps: number) => height - room.bottom - (steps / most) * (height - room.top - room.bottom);
  const ms_per_px = ((until - from) * 1_000) / inner;
  const step = tick_step(ms_per_px, tick_room_px);
  const zone = -new Date(from * 1_000).getTimezoneOffset() * 60_000;
  const times = ticks_within({ from: from * 1_000, until: until * 1_000 - ms_per_px * (tick_room_px / 2) }, step, zone);
  const filled = area(data.x, data.done, x, y);
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${done} of ${total} steps are done.`}>
      {counts(total).map((count) => (
        <g key={count}>
          <line class="burn-up-grid" x1={room.left} x2={width - room.right} y1={y(count)} y2={y(count)} />
          <text class="burn-up-tick" x={room.left - 7} y={y(count) + 4} text-anchor="end">{count}</text>
        </g>
      ))}
      {times.map((ms) => (
        <g key={ms}>
          <line class="burn-up-grid" x1={x(ms / 1_000)} x2={x(ms / 1_000)} y1={room.top} y2={height - room.bottom} />
          <text class="burn-up-tick" x={x(ms / 1_000)} y={height - 8}>{tick_name(ms, step)}</text>
        </g>
      ))}
      {filled && <path class="burn-up-area" d={filled} />}
      <path class="burn-up-line planned" d={line(data.x, data.planned, x, y)} />
      <path class="burn-up-line expected" d={line(data.x, data.expected, x, y)} />
      <path class="burn-up-line done" d={line(data.x, data.done, x, y)} />
    </svg>
  );
}

type Scale = (value: number) => number;

/** The known points, joined. */
function line(xs: readonly number[], ys: readonly (number | null)[], x: Scale, y: Scale): string {
  return xs.flatMap((at, i) => {
    const value = ys[i];
    return value === null || value === undefined ? [] : [`${x(at).toFixed(1)},${y(value).toFixed(1)}`];
  }).reduce((path, point, i) => path + (i === 0 ? 'M' : 'L') + point, '');
}

/** The same, closed down to nothing. */
function area(xs: readonly number[], ys: readonly (number | null)[], x: Scale, y: Scale): string {
  const known = xs.filter((_, i) => typeof ys[i] === 'number');
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return '';
  return `${line(xs, ys, x, y)}L${x(last).toFixed(1)},${y(0)}L${x(first).toFixed(1)},${y(0)}Z`;
}

/** Some round numbers up to `most`. */
function counts(most: number): number[] {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1_000, 2_000, 5_000].find((each) => most / each <= 5) ?? 10_000;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}
