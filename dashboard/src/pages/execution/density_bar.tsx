// What happened along the slider: a column for some events each, as high as they came fast, in the colours of what they
// were about. The keyboard has the slider below it; what it shows in all is said in words.
import { useMemo, useState } from 'preact/hooks';
import { absolute } from '../../ui/time';
import { columns_of, strands, target_of, told_of, totals_of, type Column, type Strand } from './density';
import { is_whole, time_near, type Stamp } from './history';

const height = 24;
/** Between neighbours, of a column's width. */
const gap = 0.18;

export interface DensityBarProps {
  stamps: readonly Stamp[];
  last_seq: number;
  /** The moment that is shown. */
  seq: number;
  on_seq: (seq: number) => void;
}

export function DensityBar({ stamps, last_seq, seq, on_seq }: DensityBarProps) {
  const columns = useMemo(() => (is_whole(stamps, Math.min(last_seq, stamps.at(-1)?.seq ?? Infinity)) ? columns_of(stamps) : []), [stamps]);
  const paths = useMemo(() => strands.map((strand) => ({ strand, path: path_of(columns, strand) })), [columns]);
  const [pointed, set_pointed] = useState<Column | undefined>(undefined);
  if (columns.length < 2) return null;
  // The slider's own measure: an event stands where its thumb would, so the first and the last are seen by half.
  const length = last_seq - 1;
  const column_at = (event: MouseEvent & { currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const there = 1 + Math.round(((event.clientX - box.left) / box.width) * length);
    return columns.find((column) => column.until >= there) ?? columns.at(-1);
  };
  const ms = pointed && time_near(stamps, pointed.from);
  return (
    <div class="density">
      <svg
        viewBox={`0 0 ${length} ${height}`} preserveAspectRatio="none" role="img" aria-label={`What happened: ${told_of(totals_of(columns))}`}
        onPointerMove={(event) => set_pointed(column_at(event))} onPointerLeave={() => set_pointed(undefined)}
        onClick={(event) => {
          const column = column_at(event);
          if (column) on_seq(target_of(column, stamps));
        }}
      >
        {paths.map(({ strand, path }) => path && <path key={strand} class={`strand-${strand}`} d={path} />)}
        {/* What lies after the moment that is shown has not happened yet there. */}
        {seq < last_seq && <rect class="density-later" x={seq - 1} y={0} width={last_seq - seq} height={height} />}
      </svg>
      {pointed && (
        <p class="density-told small" aria-hidden="true">
          <b class="number">{pointed.from === pointed.until ? `Event ${pointed.from}` : `Events ${pointed.from} to ${pointed.until}`}</b>
          {ms !== undefined && <span class="number"> {absolute(new Date(ms).toISOString())}</span>}: {told_of(pointed.counts).replace(/^[^:]*: /, '')}
        </p>
      )}
    </div>
  );
}

/** All parts of one colour as one path. */
function path_of(columns: readonly Column[], strand: Strand): string {
  let path = '';
  for (const column of columns) {
    const mine = column.counts[strand];
    if (mine === 0) continue;
    let [total, below] = [0, 0];
    for (const each of strands) {
      if (each === strand) below = total;
      total += column.counts[each];
    }
    const whole = column.until - column.from + 1;
    const tall = column.height * height;
    const left = column.from - 1.5 + (whole * gap) / 2;
    const part = ((mine / total) * tall).toFixed(2);
    path += `M${left.toFixed(2)} ${(height - (below / total) * tall).toFixed(2)}v-${part}h${(whole * (1 - gap)).toFixed(2)}v${part}z`;
  }
  return path;
}
