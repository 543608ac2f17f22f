// How the work grew: steps done over time, beside the plan and what is expected. The chart's own library comes when the
// chart is looked at.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { theme } from '../../ui/theme';
import { burn_up_of, type ScaleMode } from './gantt';
import type { Report } from './report';
import 'uplot/dist/uPlot.min.css';

const height_px = 240;

export function BurnUpChart({ report, mode, now }: { report: Report; mode: ScaleMode; now: number }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  // A new point each second would be seen by nobody: the present moves on with the report.
  const data = useMemo(() => burn_up_of(report, mode, now), [report, mode]);
  const rows = useRef<uPlot.AlignedData>([[]]);
  rows.current = [data.x, data.done, data.planned, data.expected];
  const colours = theme.value;
  useEffect(() => {
    let wanted = true;
    void import('uplot').then(({ default: UPlot }) => {
      if (!wanted || !box.current) return;
      plot.current = new UPlot(options_of(box.current), rows.current, box.current);
    });
    const watch = new ResizeObserver(() => box.current && plot.current?.setSize({ width: box.current.clientWidth, height: height_px }));
    if (box.current) watch.observe(box.current);
    return () => {
      wanted = false;
      watch.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [colours]);
  useEffect(() => plot.current?.setData(rows.current), [data]);
  const { tasks_completed, tasks_skipped, tasks_total } = report.totals;
  return (
    <figure class="burn-up">
      <div ref={box} role="img" aria-label={`${tasks_completed + tasks_skipped} of ${tasks_total} steps are done.`} style={{ minHeight: `${height_px}px` }} />
      <figcaption class="gantt-key">
        <span><i class="key-line done" /> done</span><span><i class="key-line planned" /> planned{mode === 'own' ? ', on a scale of its own' : ''}</span><span><i class="key-line expected" /> expected</span>
      </figcaption>
    </figure>
  );
}

function options_of(box: HTMLElement): uPlot.Options {
  const styles = getComputedStyle(box);
  const colour = (name: string) => styles.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--text-soft'), font: `12px ${styles.fontFamily}`, grid: { stroke: colour('--border'), width: 1 }, ticks: { stroke: colour('--border'), width: 1, size: 4 },
  };
  const line = (label: string, stroke: string, more: Partial<uPlot.Series> = {}): uPlot.Series => ({ label, stroke: colour(stroke), width: 2, points: { show: false }, ...more });
  return {
    width: Math.max(200, box.clientWidth), height: height_px, legend: { show: false }, cursor: { drag: { x: false, y: false } }, padding: [12, 16, 0, 0],
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
    axes: [{ ...axis, space: 80 }, { ...axis, size: 44 }],
    series: [
      // What is filled comes first: it would hide the others.
      {}, line('done', '--green-fill', { width: 2.5, fill: colour('--green-soft') }), line('planned', '--grey-fill', { dash: [5, 4] }),
      line('expected', '--blue-fill', { dash: [2, 3] }),
    ],
  };
}
