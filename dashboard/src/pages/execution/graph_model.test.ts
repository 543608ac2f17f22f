import { describe, expect, test } from 'vitest';
import type { Execution, Task } from '../../api/types';
import { flatten, moment_of as made_of, type Moment } from '../../state/moment';
import { first_level, open_at, shown_of, Surroundings, topological } from './graph_model';

const task = (task_id: string, prerequisites: string[] = [], children: Task[] = [], parent_id?: string): Task => ({
  task_id, title: task_id, prerequisites, children: children.map((child) => ({ ...child, parent_id: task_id })), status: 'QUEUED', progress_percent: 0,
  ...(parent_id ? { parent_id } : {}),
} as unknown as Task);

function moment_of(roots: Task[], critical_path: string[] = []): Moment {
  return made_of({ forecast: { critical_path } } as Execution, flatten(roots), 1);
}

/** Two phases; the second waits for the first; within the second a task waits for another one. */
const plan = (critical: string[] = []) => moment_of([
  task('p1', [], [task('a', [], [task('a1'), task('a2', ['a1'])])]),
  task('p2', ['p1'], [task('b', [], [task('b1'), task('b2', ['b1'])]), task('c', ['b', 'a2'], [task('c1')])]),
], critical);
const pairs = (edges: { from: string; to: string }[]) => edges.map((edge) => `${edge.from}>${edge.to}`).sort();

describe('what is shown', () => {
  test('phases alone, with the edges inside them gone and those between them once', () => {
    const moment = plan();
    const shown = shown_of(moment, open_at(moment.tasks, 'phases'));
    expect(shown.items.map((item) => item.id)).toEqual(['p1', 'p2']);
    expect(shown.edges).toEqual([{ from: 'p1', to: 'p2', count: 2, critical: false }]);
    expect(shown.items.every((item) => item.closed && !item.group)).toBe(true);
  });
  test('tasks in open phases; an edge to a hidden leaf ends at the task it is in', () => {
    const moment = plan();
    const shown = shown_of(moment, open_at(moment.tasks, 'tasks'));
    expect(shown.items.filter((item) => item.group).map((item) => item.id)).toEqual(['p1', 'p2']);
    expect(pairs(shown.edges)).toEqual(['a>c', 'b>c', 'p1>p2']);
  });
  test('all leaves, with the edges as the plan has them', () => {
    const moment = plan();
    const shown = shown_of(moment, open_at(moment.tasks, 'leaves'));
    expect(pairs(shown.edges)).toEqual(['a1>a2', 'a2>c', 'b1>b2', 'b>c', 'p1>p2']);
  });
  test('the critical path marks boxes, the containers around them, and the lines it goes along', () => {
    const moment = plan(['a1', 'a2', 'b1', 'b2', 'c1']);
    const shown = shown_of(moment, open_at(moment.tasks, 'tasks'));
    expect([...shown.critical].sort()).toEqual(['a', 'b', 'c', 'p1', 'p2']);
    expect(pairs(shown.edges.filter((edge) => edge.critical))).toEqual(['b>c', 'p1>p2']);
  });
  test('what is done is critical by the plan; a forecast does not know it any more', () => {
    const roots = [task('p', [], [{ ...task('x'), status: 'COMPLETE' }, { ...task('y', ['x']), status: 'COMPLETE' }, task('z', ['y', 'x'])])];
    const moment = moment_of(roots, ['z']);
    const shown = shown_of(moment, open_at(moment.tasks, 'leaves'), undefined, new Map([['x', { from: 0, until: 2 }], ['y', { from: 2, until: 3 }], ['z', { from: 3, until: 4 }]]));
    expect([...shown.critical].sort()).toEqual(['p', 'x', 'y', 'z']);
    expect(pairs(shown.edges.filter((edge) => edge.critical))).toEqual(['x>y', 'y>z']);
  });
  test('a part of the plan, with what is around it opened', () => {
    const moment = plan();
    const shown = shown_of(moment, new Set(), new Set(['a2', 'c1', 'b']));
    expect(shown.items.map((item) => `${item.id}${item.group ? '+' : ''}`)).toEqual(['p1+', 'a+', 'a2', 'p2+', 'b', 'c+', 'c1']);
  });
  test('a small plan begins with its leaves, a large one with its phases', () => {
    expect(first_level(plan().tasks)).toBe('leaves');
    const wide = moment_of([task('p', [], Array.from({ length: 5_000 }, (_, at) => task(`t${at}`)))]);
    expect(first_level(wide.tasks)).toBe('phases');
    const some = moment_of([task('p', [], Array.from({ length: 20 }, (_, at) => task(`t${at}`)))]);
    expect([first_level(some.tasks), first_level(some.tasks, true)]).toEqual(['leaves', 'phases']);
  });
});

describe('surroundings', () => {
  const around = new Surroundings(plan());
  test('a leaf that waits for nothing of its own waits for what its containers wait for', () => {
    expect(around.of('c1').before).toEqual(['b', 'a2']);
    expect(around.of('b1').before).toEqual(['p1']);
    expect(around.of('a1').before).toEqual([]);
  });
  test('the last leaf of a task is waited for by those who wait for the task', () => {
    expect(around.of('b2').after).toEqual(['c']);
    expect(around.of('a2').after).toEqual(['c']);
  });
  test('a neighbourhood reaches as far as it is asked to', () => {
    expect([...around.within('b2', 1)].sort()).toEqual(['b1', 'b2', 'c']);
    expect([...around.within('b2', 9)].sort()).toEqual(['b1', 'b2', 'c', 'p1']);
  });
});

describe('order for the keyboard', () => {
  test('everything comes after what it waits for, whatever the document says', () => {
    const moment = moment_of([task('p', [], [task('x', ['z']), task('y'), task('z', ['y'])])]);
    expect(topological(shown_of(moment, open_at(moment.tasks, 'leaves')))).toEqual(['y', 'z', 'x']);
  });
  test('an edge between containers holds for all that is in them', () => {
    const moment = moment_of([task('p2', ['p1'], [task('b')]), task('p1', [], [task('a'), task('a_too')])]);
    const order = topological(shown_of(moment, open_at(moment.tasks, 'leaves')));
    expect(order.indexOf('b')).toBe(2);
  });
  test('a cycle loses nobody', () => {
    const moment = moment_of([task('p', [], [task('x', ['y']), task('y', ['x'])])]);
    expect(topological(shown_of(moment, open_at(moment.tasks, 'leaves'))).sort()).toEqual(['x', 'y']);
  });
});
