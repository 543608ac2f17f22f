// The measures of the graph's boxes, and how its lines are drawn. Pure, and apart from the layout, which is heavy.
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export type Point = { x: number; y: number };

export const box_width = 196;
export const box_height = 44;
export const closed_height = 62;
export const head_height = 30;

/** A line through points with round corners, as the `d` of a path. */
export function round_path(points: readonly Point[], radius = 16): string {
  const [first, ...rest] = points;
  if (!first || rest.length === 0) return '';
  const n = (value: number) => Math.round(value * 10) / 10;
  let path = `M${n(first.x)} ${n(first.y)}`;
  for (let at = 1; at < points.length - 1; at++) {
    const [a, b, c] = [points[at - 1] as Point, points[at] as Point, points[at + 1] as Point];
    const cut = (to: Point) => {
      const length = Math.hypot(to.x - b.x, to.y - b.y);
      const share = length === 0 ? 0 : Math.min(radius, length / 2) / length;
      return { x: b.x + (to.x - b.x) * share, y: b.y + (to.y - b.y) * share };
    };
    const [into, out] = [cut(a), cut(c)];
    path += `L${n(into.x)} ${n(into.y)}Q${n(b.x)} ${n(b.y)} ${n(out.x)} ${n(out.y)}`;
  }
  const last = points[points.length - 1] as Point;
  return path + `L${n(last.x)} ${n(last.y)}`;
}
