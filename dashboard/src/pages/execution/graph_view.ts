// Looking at a plane: which part of it is seen, and how large. Pure.
import type { Box } from './graph_lines';

/** A point of the plane is seen at (x + point.x · k, y + point.y · k). */
export interface View {
  x: number;
  y: number;
  k: number;
}

export interface Size {
  w: number;
  h: number;
}

export const smallest_scale = 0.004;
export const largest_scale = 2.5;
const margin = 20;
/** Above: titles of phases stand over their boxes when one looks from far away. */
const margin_above = 46;

const scale_within = (k: number) => Math.min(largest_scale, Math.max(smallest_scale, k));

/** The whole plane, in the middle, not larger than life. */
export function fit(plane: Size, window: Size): View {
  const k = scale_within(Math.min(1, (window.w - 2 * margin) / Math.max(1, plane.w), (window.h - margin - margin_above) / Math.max(1, plane.h)));
  return { k, x: (window.w - plane.w * k) / 2, y: margin_above + (window.h - margin - margin_above - plane.h * k) / 2 };
}

/** Larger by `factor`; the point of the window at (x, y) stays where it is. */
export function zoom_at(view: View, factor: number, x: number, y: number): View {
  const k = scale_within(view.k * factor);
  const real = k / view.k;
  return { k, x: x - (x - view.x) * real, y: y - (y - view.y) * real };
}

/** Moved as little as needed for a box to be seen. */
export function bring(view: View, box: Box, window: Size): View {
  const shift = (low: number, high: number, end: number) =>
    high - low > end - 2 * margin || low < margin ? margin - low : high > end - margin ? end - margin - high : 0;
  const [left, top] = [view.x + box.x * view.k, view.y + box.y * view.k];
  return {
    k: view.k,
    x: view.x + shift(left, left + box.w * view.k, window.w),
    y: view.y + shift(top, top + box.h * view.k, window.h),
  };
}

/** Some of the plane always stays in the window, so that it is never lost. */
export function keep(view: View, plane: Size, window: Size): View {
  const least = 60;
  const within = (at: number, length: number, end: number) => Math.min(end - least, Math.max(least - length, at));
  return { k: view.k, x: within(view.x, plane.w * view.k, window.w), y: within(view.y, plane.h * view.k, window.h) };
}

/** The part of the plane that is seen, in steps, so that small moves do not change it; a step more on every side. */
export function seen(view: View, window: Size): Box {
  const step = Math.max(window.w, window.h) / 3 / view.k;
  const [x0, y0] = [-view.x / view.k, -view.y / view.k];
  const [left, top] = [Math.floor(x0 / step - 0.5) * step, Math.floor(y0 / step - 0.5) * step];
  const right = Math.ceil((x0 + window.w / view.k) / step + 0.5) * step;
  const bottom = Math.ceil((y0 + window.h / view.k) / step + 0.5) * step;
  return { x: left, y: top, w: right - left, h: bottom - top };
}

export const touches = (a: Box, b: Box) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** How much is drawn: 2 everything, 1 without titles of tasks, 0 containers of tasks as blocks. */
export type Detail = 0 | 1 | 2;
export const detail_at = (k: number, boxes: number): Detail => (k >= 0.42 ? 2 : k < 0.26 && boxes > 400 ? 0 : 1);
