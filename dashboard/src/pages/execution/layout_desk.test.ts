import { expect, test } from 'vitest';
import { first_gap } from './event_index';
import { LayoutDesk } from './layout_desk';

test('where there is no worker the page lays out itself', async () => {
  expect(typeof Worker).toBe('undefined');
  const item = (id: string) => ({ id, parent: undefined, group: false, closed: false, depth: 0 });
  const desk = new LayoutDesk();
  const [first, second] = await Promise.all([
    desk.lay_out({ items: [item('a'), item('b')], edges: [{ from: 'a', to: 'b' }] }), desk.lay_out({ items: [item('c')], edges: [] }),
  ]);
  expect(Object.keys(first.boxes)).toEqual(['a', 'b']);
  expect(first.lines[0]?.length).toBeGreaterThan(1);
  expect(Object.keys(second.boxes)).toEqual(['c']);
  desk.close();
});

test('events are fetched from the first one on that is not known', () => {
  const stamp = (seq: number) => ({ seq, ms: 0, type: 'task_progress' });
  expect([first_gap([]), first_gap([stamp(1), stamp(2), stamp(7)]), first_gap([stamp(3)])]).toEqual([0, 2, 0]);
});
