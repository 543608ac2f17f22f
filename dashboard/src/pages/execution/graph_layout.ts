// Where everything in the graph stands. Each open container is laid out by itself and is then one box in the layout of
// the container around it: many small layouts instead of a large one, so that thousands of tasks take moments, and an
// edge to a container is as good as any other. Pure; runs in a worker, with dagre for what hangs together, and in the page
// where there is no worker, in plain layers.
import { box_height, box_width, closed_height, head_height, type Box, type Point } from './graph_lines';

export interface LayoutItem {
  id: string;
  parent: string | undefined;
  group: boolean;
  /** A container that is shut: a little taller than a task. */
  closed: boolean;
  depth: number;
}

export interface LayoutTask {
  items: LayoutItem[];
  edges: { from: string; to: string }[];
  /** How many times wider than high the window is. */
  aspect?: number;
}

export interface Layout {
  width: number;
  height: number;
  /** By id, of the top left corner. */
  boxes: Record<string, Box>;
  /** One for each edge of the task, in its order: where the line goes. */
  lines: Point[][];
}

const padding = 14;
export const across_gap = 18;
export const along_gap = 40;
export const down_gap = 26;
export const root_gap = 64;
/** dagre's time grows faster than the graph: beyond this a component is laid out in plain layers. */
export const most_for_dagre = 300;
export const most_edges_for_dagre = 700;
/** Of what is in a container; the whole is as the window is. */
const inner_aspect = 1.3;
const usual_aspect = 2;
/** A row of a container is not broken before it is this wide: a line that goes on in the next row is harder to follow. */
const least_row = 680;

export type Direction = 'LR' | 'TB';
export type SizeOf = (id: string) => { w: number; h: number };

/** What is in one container: neighbours, and the edges between them. */
export interface Local {
  /** Children in document order. */
  children: string[];
  edges: { from: string; to: string; line: number | undefined }[];
}

export interface Placed {
  w: number;
  h: number;
  at: Map<string, Point>;
  lines: Map<number, Point[]>;
}

/** Places a part that hangs together. */
export type PlacePart = (part: Local, direction: Direction, size: SizeOf, outermost: boolean) => Placed;

const root = '';

export function lay_out(task: LayoutTask, place_rich?: PlacePart): Layout {
  const items = new Map(task.items.map((item) => [item.id, item]));
  const locals = new Map<string, Local>([[root, { children: [], edges: [] }]]);
  for (const item of task.items) if (item.group) locals.set(item.id, { children: [], edges: [] });
  for (const item of task.items) locals.get(item.parent ?? root)?.children.push(item.id);
  task.edges.forEach((edge, line) => lift(items, locals, edge.from, edge.to, line));

  const placed = new Map<string, Placed>();
  const size = (id: string): { w: number; h: number } => {
    const item = items.get(id);
    if (!item?.group) return { w: box_width, h: item?.closed ? closed_height : box_height };
    const inner = placed.get(id) as Placed;
    return { w: Math.max(inner.w, box_width) + 2 * padding, h: inner.h + head_height + padding };
  };
  // The innermost come first: a container always stands before what is in it.
  for (const item of [...task.items].reverse()) {
    if (item.group) placed.set(item.id, place(locals.get(item.id) as Local, item.depth === 0 ? 'LR' : 'TB', size, false, place_rich, inner_aspect));
  }
  const all = place(locals.get(root) as Local, 'LR', size, true, place_rich, task.aspect ?? usual_aspect);
  placed.set(root, all);
  return spread(task, items, locals, placed, size);
}

/** Puts an edge where both of its ends, or the containers around them, are neighbours. */
function lift(items: Map<string, LayoutItem>, locals: Map<string, Local>, from: string, to: string, line: number): void {
  const before = ancestry(items, from);
  const after = ancestry(items, to);
  let common = 0;
  while (common < before.length && common < after.length && before[common] === after[common]) common++;
  const a = before[common];
  const b = after[common];
  if (a === undefined || b === undefined) return;
  const local = locals.get(common === 0 ? root : (before[common - 1] as string));
  if (!local) return;
  const direct = a === from && b === to;
  const known = local.edges.find((edge) => edge.from === a && edge.to === b);
  if (!known) local.edges.push({ from: a, to: b, line: direct ? line : undefined });
  else if (direct) known.line = line;
}

function ancestry(items: Map<string, LayoutItem>, id: string): string[] {
  const found: string[] = [];
  for (let at: string | undefined = id; at !== undefined; at = items.get(at)?.parent) found.push(at);
  return found.reverse();
}

function place(local: Local, direction: Direction, size: SizeOf, outermost: boolean, rich: PlacePart | undefined, aspect: number): Placed {
  const parts = components(local).map((part) => place_part(part, direction, size, outermost, rich, aspect));
  return pack(parts, outermost ? root_gap / 2 : across_gap, aspect);
}

/** What hangs together; in document order of the first of each. */
function components(local: Local): Local[] {
  const of = new Map<string, string>(local.children.map((id) => [id, id]));
  const find = (id: string): string => {
    let at = id;
    while (of.get(at) !== at) {
      const up = of.get(of.get(at) as string) as string;
      of.set(at, up);
      at = up;
    }
    return at;
  };
  for (const edge of local.edges) of.set(find(edge.from), find(edge.to));
  const parts = new Map<string, Local>();
  for (const id of local.children) {
    const part = parts.get(find(id)) ?? { children: [], edges: [] };
    part.children.push(id);
    parts.set(find(id), part);
  }
  for (const edge of local.edges) parts.get(find(edge.from))?.edges.push(edge);
  return [...parts.values()];
}

function place_part(part: Local, direction: Direction, size: SizeOf, outermost: boolean, rich: PlacePart | undefined, aspect: number): Placed {
  const [only] = part.children;
  if (part.children.length === 1 && only !== undefined) {
    return { ...size(only), at: new Map([[only, { x: 0, y: 0 }]]), lines: new Map() };
  }
  const order = chain_order(part);
  if (order && direction === 'LR') return place_chain(part, order, size, outermost ? root_gap : along_gap, aspect, outermost ? 0 : least_row);
  return rich && part.children.length <= most_for_dagre && part.edges.length <= most_edges_for_dagre ? rich(part, direction, size, outermost) : place_layers(part, direction, size);
}

/** The only order that a part can be done in; undefined when there are several, or none. */
function chain_order(part: Local): string[] | undefined {
  const after = new Map<string, string[]>(part.children.map((id) => [id, []]));
  const waits = new Map<string, number>(part.children.map((id) => [id, 0]));
  for (const { from, to } of part.edges) {
    after.get(from)?.push(to);
    waits.set(to, (waits.get(to) ?? 0) + 1);
  }
  const order: string[] = [];
  let free = part.children.filter((id) => waits.get(id) === 0);
  while (free.length === 1) {
    const [id] = free as [string];
    order.push(id);
    free = [];
    for (const next of after.get(id) ?? []) {
      const left = (waits.get(next) ?? 1) - 1;
      waits.set(next, left);
      if (left === 0) free.push(next);
    }
  }
  return order.length === part.children.length ? order : undefined;
}

/** How large something is seen in a window of that form. */
const seen_scale = (w: number, h: number, aspect: number) => Math.min(aspect / Math.max(1, w), 1 / Math.max(1, h));

/** Width and height of boxes in rows that are not wider than `limit`, unless a single box is. */
function rows_size(sizes: readonly { w: number; h: number }[], limit: number, gap: number): { w: number; h: number } {
  let [x, y, row_height, width] = [0, 0, 0, 0];
  for (const { w, h } of sizes) {
    if (x > 0 && x + w > limit) [x, y, row_height] = [0, y + row_height + gap, 0];
    width = Math.max(width, x + w);
    x += w + gap;
    row_height = Math.max(row_height, h);
  }
  return { w: width, h: y + row_height };
}

/** The width of a row with which all is seen largest. */
function best_limit(sizes: readonly { w: number; h: number }[], gap: number, aspect: number, least: number): number {
  let limit = sizes.reduce((sum, { w }) => sum + w + gap, -gap);
  let best = 0;
  let x = -gap;
  for (const { w } of sizes) {
    x += w + gap;
    if (x < least) continue;
    const all = rows_size(sizes, x, gap);
    const scale = seen_scale(all.w, all.h, aspect);
    // A longer row is preferred, where it is as good: it is the last one that is tried.
    if (scale >= best) [limit, best] = [x, scale];
  }
  return limit;
}

/** From left to right, and on a new row where a single one would be too long to look at. */
function place_chain(part: Local, order: string[], size: SizeOf, gap: number, aspect: number, least: number): Placed {
  const sizes = order.map(size);
  const limit = best_limit(sizes, gap, aspect, least);
  const at = new Map<string, Point>();
  const lines = new Map<number, Point[]>();
  let [x, y, row_height, width] = [0, 0, 0, 0];
  const row_of: number[] = [];
  const row_end: number[] = [];
  order.forEach((id, index) => {
    const { w, h } = sizes[index] as { w: number; h: number };
    if (x > 0 && x + w > limit) {
      row_end.push(y + row_height);
      [x, y, row_height] = [0, y + row_height + gap, 0];
    }
    at.set(id, { x, y });
    row_of.push(row_end.length);
    width = Math.max(width, x + w);
    x += w + gap;
    row_height = Math.max(row_height, h);
  });
  const edge_of = new Map(part.edges.map((edge) => [edge.from + '\n' + edge.to, edge]));
  order.slice(0, -1).forEach((id, index) => {
    const edge = edge_of.get(id + '\n' + order[index + 1]);
    const a = at.get(id) as Point;
    const b = at.get(order[index + 1] as string) as Point;
    const [from, to] = [sizes[index] as { w: number; h: number }, sizes[index + 1] as { w: number; h: number }];
    if (edge?.line === undefined) return;
    // Near the top: boxes in a row are of different heights, and their heads are what is read.
    const ya = a.y + Math.min(from.h / 2, head_height / 2);
    const yb = b.y + Math.min(to.h / 2, head_height / 2);
    if (row_of[index] === row_of[index + 1]) {
      lines.set(edge.line, [{ x: a.x + from.w, y: ya }, { x: b.x, y: yb }]);
      return;
    }
    if (a.x === b.x) {
      // One box a row: straight down.
      const x = a.x + Math.min(from.w, to.w) / 2;
      lines.set(edge.line, [{ x, y: a.y + from.h }, { x, y: b.y }]);
      return;
    }
    const middle = (row_end[row_of[index] as number] as number) + gap / 2;
    const right = a.x + from.w + gap / 3;
    lines.set(edge.line, [
      { x: a.x + from.w, y: ya }, { x: right, y: ya }, { x: right, y: middle }, { x: -gap / 3, y: middle }, { x: -gap / 3, y: yb }, { x: b.x, y: yb },
    ]);
  });
  return { w: width, h: y + row_height, at, lines };
}

/** Layers by the longest way from the start; within a layer by the middle of what is waited for. */
function place_layers(part: Local, direction: Direction, size: SizeOf): Placed {
  const before = new Map<string, string[]>(part.children.map((id) => [id, []]));
  for (const edge of part.edges) before.get(edge.to)?.push(edge.from);
  const layer = new Map<string, number>();
  const entered = new Set<string>();
  for (const first of part.children) {
    const stack = [first];
    while (stack.length > 0) {
      const id = stack[stack.length - 1] as string;
      const open = layer.has(id) ? undefined : before.get(id)?.find((each) => !layer.has(each) && !entered.has(each));
      entered.add(id);
      if (open !== undefined) {
        stack.push(open);
        continue;
      }
      stack.pop();
      if (!layer.has(id)) layer.set(id, Math.max(-1, ...(before.get(id) ?? []).map((each) => layer.get(each) ?? -1)) + 1);
    }
  }
  const layers: string[][] = [];
  for (const id of part.children) (layers[layer.get(id) as number] ??= []).push(id);
  const rank = new Map<string, number>();
  const at = new Map<string, Point>();
  let [along, across_end] = [0, 0];
  for (const ids of layers) {
    const middle = (id: string) => {
      const found = (before.get(id) ?? []).map((each) => rank.get(each) ?? 0);
      return found.length ? found.reduce((a, b) => a + b, 0) / found.length : 0;
    };
    const weight = new Map(ids.map((id) => [id, middle(id)]));
    ids.sort((a, b) => (weight.get(a) as number) - (weight.get(b) as number));
    let [across, thick] = [0, 0];
    ids.forEach((id, index) => {
      const { w, h } = size(id);
      rank.set(id, index);
      at.set(id, direction === 'LR' ? { x: along, y: across } : { x: across, y: along });
      across += (direction === 'LR' ? h : w) + across_gap;
      thick = Math.max(thick, direction === 'LR' ? w : h);
    });
    across_end = Math.max(across_end, across - across_gap);
    along += thick + along_gap;
  }
  along -= along_gap;
  return direction === 'LR' ? { w: along, h: across_end, at, lines: new Map() } : { w: across_end, h: along, at, lines: new Map() };
}

/** Parts in columns, in their order, so that the whole is neither a thread nor a tower. */
function pack(parts: Placed[], gap: number, aspect: number): Placed {
  const [only] = parts;
  if (!only) return { w: 0, h: 0, at: new Map(), lines: new Map() };
  if (parts.length === 1) return only;
  let best: { columns: Placed[][]; score: number } | undefined;
  const most = Math.min(parts.length, 40);
  for (let count = 1; count <= most; count++) {
    const columns = in_columns(parts, count, gap);
    const w = columns.reduce((sum, column) => sum + Math.max(...column.map((part) => part.w)) + gap, -gap);
    const h = Math.max(...columns.map((column) => column.reduce((sum, part) => sum + part.h + gap, -gap)));
    const score = seen_scale(w, h, aspect);
    if (!best || score > best.score) best = { columns, score };
  }
  const all: Placed = { w: 0, h: 0, at: new Map(), lines: new Map() };
  for (const column of best?.columns ?? []) {
    let y = 0;
    const left = all.w === 0 ? 0 : all.w + gap;
    for (const part of column) {
      for (const [id, point] of part.at) all.at.set(id, { x: point.x + left, y: point.y + y });
      for (const [line, points] of part.lines) all.lines.set(line, points.map((point) => ({ x: point.x + left, y: point.y + y })));
      all.w = Math.max(all.w, left + part.w);
      y += part.h + gap;
    }
    all.h = Math.max(all.h, y - gap);
  }
  return all;
}

function in_columns(parts: readonly Placed[], count: number, gap: number): Placed[][] {
  const whole = parts.reduce((sum, part) => sum + part.h + gap, 0);
  const columns: Placed[][] = [[]];
  let height = 0;
  for (const part of parts) {
    const column = columns[columns.length - 1] as Placed[];
    if (column.length > 0 && columns.length < count && height + part.h / 2 > whole / count) {
      columns.push([part]);
      height = part.h + gap;
    } else {
      column.push(part);
      height += part.h + gap;
    }
  }
  return columns;
}

function spread(
  task: LayoutTask, items: Map<string, LayoutItem>, locals: Map<string, Local>, placed: Map<string, Placed>,
  size: SizeOf,
): Layout {
  const boxes: Record<string, Box> = {};
  const lines: Point[][] = task.edges.map(() => []);
  const visit = (container: string, dx: number, dy: number) => {
    const here = placed.get(container) as Placed;
    for (const id of locals.get(container)?.children ?? []) {
      const point = here.at.get(id) as Point;
      const box = { x: dx + point.x, y: dy + point.y, ...size(id) };
      boxes[id] = box;
      if (items.get(id)?.group) visit(id, box.x + padding, box.y + head_height);
    }
    for (const [line, points] of here.lines) lines[line] = points.map(({ x, y }) => ({ x: x + dx, y: y + dy }));
  };
  visit(root, 0, 0);
  task.edges.forEach((edge, at) => {
    if (lines[at]?.length) return;
    const [a, b] = [boxes[edge.from], boxes[edge.to]];
    if (a && b) lines[at] = straight(a, b);
  });
  const whole = placed.get(root) as Placed;
  return { width: whole.w, height: whole.h, boxes, lines };
}

/** From border to border, out at the side that faces the other. */
function straight(a: Box, b: Box): Point[] {
  const [ya, yb] = [a.y + Math.min(a.h, closed_height) / 2, b.y + Math.min(b.h, closed_height) / 2];
  if (b.x >= a.x + a.w) {
    const middle = a.x + a.w + (b.x - a.x - a.w) / 2;
    return [{ x: a.x + a.w, y: ya }, { x: middle, y: ya }, { x: middle, y: yb }, { x: b.x, y: yb }];
  }
  const below = b.y >= a.y + a.h;
  const y = below ? a.y + a.h : a.y;
  const to = below ? b.y : b.y + b.h;
  const middle = (y + to) / 2;
  return [{ x: a.x + a.w / 2, y }, { x: a.x + a.w / 2, y: middle }, { x: b.x + b.w / 2, y: middle }, { x: b.x + b.w / 2, y: to }];
}
