// Times as people say them. One clock for the page ticks once a second.
import { signal } from '@preact/signals';

export const now = signal(Date.now());
setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1_000);

/** "3 h 20 min": two units, the larger one first. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(' ');
}

export const days = (count: number) => duration(count * 86_400_000);

/** "in 3 h 20 min", "5 min ago": no seconds beside minutes, so that a page full of times stands still. */
export function relative(time: string, from: number = now.value): string {
  const ms = Date.parse(time) - from;
  if (Math.abs(ms) < 1_500) return 'now';
  const minute = 60_000;
  const told = Math.abs(ms) < minute ? Math.abs(ms) : Math.floor(Math.abs(ms) / minute) * minute;
  return ms > 0 ? `in ${duration(told)}` : `${duration(told)} ago`;
}

const date_time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const time_only = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export const absolute = (time: string) => date_time.format(new Date(time));
export const clock = (time: string) => time_only.format(new Date(time));

/** A time, relative to the present, with the exact one in its title. */
export function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={absolute(at)}>
      {relative(at)}
    </time>
  );
}
