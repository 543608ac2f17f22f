import { describe, expect, test } from 'vitest';
import { lines_of } from './graph_text';
import { bring, detail_at, fit, keep, seen, touches, zoom_at } from './graph_view';

const window = { w: 800, h: 600 };

describe('the view', () => {
  test('fits the whole plane in the middle, and makes nothing larger than life', () => {
    const view = fit({ w: 4_000, h: 1_000 }, window);
    expect(view.x + 4_000 * view.k).toBeCloseTo(800 - view.x);
    // There is more room above, for titles.
    expect(view.y).toBeCloseTo(600 - view.y - 1_000 * view.k + 26);
    expect(fit({ w: 10, h: 9_000 }, window).y).toBe(46);
    expect(fit({ w: 100, h: 100 }, window).k).toBe(1);
  });
  test('zooms around the point that is pointed at', () => {
    const before = { x: 13, y: -40, k: 0.5 };
    const after = zoom_at(before, 1.7, 300, 200);
    expect((300 - after.x) / after.k).toBeCloseTo((300 - before.x) / before.k);
    expect((200 - after.y) / after.k).toBeCloseTo((200 - before.y) / before.k);
  });
  test('does not zoom beyond its limits', () => {
    expect(zoom_at({ x: 0, y: 0, k: 1 }, 1e9, 0, 0).k).toBe(2.5);
    expect(zoom_at({ x: 0, y: 0, k: 1 }, 1e-9, 0, 0).k).toBe(0.004);
  });
  test('moves as little as needed to bring a box into sight', () => {
    const view = { x: 0, y: 0, k: 1 };
    expect(bring(view, { x: 100, y: 100, w: 50, h: 50 }, window)).toEqual(view);
    const moved = bring(view, { x: 900, y: 100, w: 50, h: 50 }, window);
    expect(moved).toEqual({ x: -170, y: 0, k: 1 });
  });
  test('never loses the plane', () => {
    const view = keep({ x: 99_999, y: -99_999, k: 1 }, { w: 100, h: 100 }, window);
    expect(touches({ x: view.x, y: view.y, w: 100, h: 100 }, { x: 0, y: 0, w: 800, h: 600 })).toBe(true);
  });
  test('the part that is drawn holds what is seen and stays the same for small moves', () => {
    const view = { x: -1_100, y: -1_100, k: 1 };
    const part = seen(view, window);
    expect(part.x).toBeLessThanOrEqual(1_100);
    expect(part.x + part.w).toBeGreaterThanOrEqual(1_900);
    expect(part.y + part.h).toBeGreaterThanOrEqual(1_700);
    expect(seen({ ...view, x: -1_110 }, window)).toEqual(part);
  });
  test('draws less from farther away, and blocks only when there is much to draw', () => {
    expect([detail_at(1, 10), detail_at(0.3, 10), detail_at(0.05, 10), detail_at(0.05, 5_000)]).toEqual([2, 1, 1, 0]);
  });
});

describe('titles', () => {
  const measure = (text: string) => text.length;
  test('wrap at words and end with an ellipsis when they are cut', () => {
    expect(lines_of('one two three four', 9, 2, measure)).toEqual(['one two', 'three fo…']);
    expect(lines_of('one two', 9, 2, measure)).toEqual(['one two']);
    expect(lines_of('', 9, 2, measure)).toEqual([]);
  });
  test('a word longer than a line is broken', () => {
    const lines = lines_of('abcdefghijklmnop', 6, 2, measure);
    expect(lines.length).toBe(2);
    expect(lines.every((line) => line.length <= 6)).toBe(true);
    expect(lines.join('').replace('…', '')).toMatch(/^abcdefghij/);
  });
});
