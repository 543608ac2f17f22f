import { describe, expect, test } from 'vitest';
import { place_by_dagre } from './graph_dagre';
import { lay_out as lay_out_with, most_for_dagre, type LayoutItem, type LayoutTask } from './graph_layout';
import { round_path, type Box } from './graph_lines';

const lay_out = (task: LayoutTask) => lay_out_with(task, place_by_dagre);
const box = (id: string, parent?: string, group = false): LayoutItem => ({ id, parent, group, closed: false, depth: parent ? parent.split('.').length : 0 });

/** Phases of tasks of leaves, each leaf after the one before, each phase after the one before. */
function plan(phases: number, tasks: number, leaves: number): LayoutTask {
  const task: LayoutTask = { items: [], edges: [] };
  for (let p = 0; p < phases; p++) {
    task.items.push({ ...box(`p${p}`, undefined, true) });
    if (p > 0) task.edges.push({ from: `p${p - 1}`, to: `p${p}` });
    for (let t = 0; t < tasks; t++) {
      const parent = `p${p}.t${t}`;
      task.items.push({ id: parent, parent: `p${p}`, group: true, closed: false, depth: 1 });
      for (let l = 0; l < leaves; l++) {
        task.items.push({ id: `${parent}.l${l}`, parent, group: false, closed: false, depth: 2 });
        if (l > 0) task.edges.push({ from: `${parent}.l${l - 1}`, to: `${parent}.l${l}` });
      }
    }
  }
  return task;
}
const inside = (a: Box, b: Box) => a.x >= b.x && a.y >= b.y && a.x + a.w <= b.x + b.w + 0.5 && a.y + a.h <= b.y + b.h + 0.5;
const apart = (a: Box, b: Box) => a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;

function check(task: LayoutTask, layout = lay_out(task)): void {
  const { boxes, width, height } = layout;
  const siblings = new Map<string | undefined, Box[]>();
  for (const item of task.items) {
    const here = boxes[item.id] as Box;
    expect(inside(here, item.parent === undefined ? { x: 0, y: 0, w: width, h: height } : (boxes[item.parent] as Box)), item.id).toBe(true);
    for (const other of siblings.get(item.parent) ?? []) expect(apart(here, other), item.id).toBe(true);
    siblings.set(item.parent, [...(siblings.get(item.parent) ?? []), here]);
  }
}

describe('layout', () => {
  test('everything is inside its container and nothing lies on its neighbour', () => check(plan(6, 5, 4)));
  test('the same with edges across containers, backwards ones and cycles', () => {
    const task = plan(4, 4, 3);
    task.edges.push({ from: 'p0.t1.l2', to: 'p3.t0.l0' }, { from: 'p3.t1', to: 'p1.t1' }, { from: 'p2.t0', to: 'p2.t1' }, { from: 'p2.t1', to: 'p2.t0' });
    check(task);
    const { lines } = lay_out(task);
    expect(lines.every((points) => points.length >= 2)).toBe(true);
  });
  test('without dagre it is plainer, and nothing lies on anything else either', () => {
    const task = plan(4, 4, 3);
    task.edges.push({ from: 'p0.t0', to: 'p0.t2' }, { from: 'p0.t0', to: 'p0.t3' }, { from: 'p1.t0.l0', to: 'p1.t0.l2' });
    check(task, lay_out_with(task));
  });
  test('a line begins and ends at the borders of its boxes', () => {
    const task = plan(2, 2, 2);
    const { boxes, lines } = lay_out(task);
    task.edges.forEach((edge, at) => {
      const [a, b] = [boxes[edge.from] as Box, boxes[edge.to] as Box];
      const grown = (box: Box) => ({ x: box.x - 1, y: box.y - 1, w: box.w + 2, h: box.h + 2 });
      expect(inside({ ...(lines[at]![0]!), w: 0, h: 0 }, grown(a))).toBe(true);
      expect(inside({ ...(lines[at]!.at(-1)!), w: 0, h: 0 }, grown(b))).toBe(true);
    });
  });
  test('many phases in a row go on in new rows instead of one long thread', () => {
    const { width, height } = lay_out(plan(12, 2, 3));
    expect(width / height).toBeGreaterThan(0.6);
    expect(width / height).toBeLessThan(4);
  });
  test('in a narrow window phases stand below each other, with straight lines', () => {
    const items = Array.from({ length: 6 }, (_, at) => box(`p${at}`));
    const edges = Array.from({ length: 5 }, (_, at) => ({ from: `p${at}`, to: `p${at + 1}` }));
    const { width, lines } = lay_out({ items, edges, aspect: 0.6 });
    expect(width).toBe(196);
    for (const points of lines) expect(points.map((point) => point.x)).toEqual([98, 98]);
  });
  test('what hangs together with nothing fills a field, not a column', () => {
    const { width, height } = lay_out({ items: [box('p', undefined, true), ...Array.from({ length: 200 }, (_, at) => box(`t${at}`, 'p'))], edges: [] });
    expect(width / height).toBeGreaterThan(0.5);
    expect(width / height).toBeLessThan(4);
  });
  test('a component too large for dagre is laid out in layers in the order of its edges', () => {
    const count = most_for_dagre + 50;
    const items = [box('p', undefined, true), ...Array.from({ length: count }, (_, at) => box(`t${at}`, 'p'))];
    const edges = Array.from({ length: count - 1 }, (_, at) => ({ from: `t${Math.floor(at / 2)}`, to: `t${at + 1}` }));
    const { boxes } = lay_out({ items, edges });
    for (const edge of edges) expect((boxes[edge.from] as Box).x).toBeLessThan((boxes[edge.to] as Box).x);
    check({ items, edges });
  });
  test('an empty plan has no extent', () => expect(lay_out({ items: [], edges: [] })).toEqual({ width: 0, height: 0, boxes: {}, lines: [] }));
});

test('a line has round corners and goes through its ends', () => {
  expect(round_path([{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 100, y: 50 }], 10)).toBe('M0 0L90 0Q100 0 100 10L100 50');
  expect(round_path([{ x: 0, y: 0 }])).toBe('');
});
