// What the graph shows of an execution: which tasks stand for themselves, which containers are open around them, and
// what waits for what between those. Pure; the drawing and the layout are made from it.
import type { Moment, Node } from '../../state/execution';

export type Level = 'phases' | 'tasks' | 'leaves';

/** A box of the graph: an open container (`group`) around others, or a task or closed container that stands for itself. */
export interface Item {
  id: string;
  /** The open container around it. */
  parent: string | undefined;
  group: boolean;
  /** A container that is shut. */
  closed: boolean;
  depth: number;
}

/** `to` waits for `from`. `count` edges of the plan lie in it. */
export interface Edge {
  from: string;
  to: string;
  count: number;
  critical: boolean;
}

export interface Shown {
  /** In document order, a container before what is in it. */
  items: Item[];
  edges: Edge[];
  /** Items that lie on the critical path, or hold a task that does. */
  critical: ReadonlySet<string>;
}

/** Critical tasks and containers of the plan's own schedule, with their days. */
export type PlannedPath = ReadonlyMap<string, { from: number; until: number }>;

/** More boxes than these are not shown at first, in a wide window and in a narrow one: titles could not be read. */
export const calm_wide = 60;
export const calm_narrow = 12;
/** Beyond this even tasks are too many. */
const calm_tasks = 400;

/** Where a graph of this size begins. */
export function first_level(tasks: readonly Node[], narrow = false): Level {
  const calm = narrow ? calm_narrow : calm_wide;
  if (tasks.filter((task) => task.descendants === 0).length <= calm) return 'leaves';
  return tasks.filter((task) => task.depth === 1).length <= (narrow ? calm_narrow : calm_tasks) ? 'tasks' : 'phases';
}

/** The containers that are open at a level. */
export function open_at(tasks: readonly Node[], level: Level): Set<string> {
  const depth = level === 'phases' ? 0 : level === 'tasks' ? 1 : Infinity;
  return new Set(tasks.filter((task) => task.descendants > 0 && task.depth < depth).map((task) => task.task_id));
}

/**
 * `only`: tasks to show, each standing for itself; what is around them is opened. Undefined: all. `planned`: the plan's own
 * critical path; the forecast's knows of what is left alone.
 */
export function shown_of(moment: Moment, open: ReadonlySet<string>, only?: ReadonlySet<string>, planned: PlannedPath = new Map()): Shown {
  const items: Item[] = [];
  const shown_for = new Map<string, string>();
  const { tasks } = moment;
  const wanted = only && with_ancestors(moment, only);
  for (let at = 0; at < tasks.length; at++) {
    const task = tasks[at] as Node;
    if (wanted && !wanted.has(task.task_id)) {
      at += task.descendants;
      continue;
    }
    const group = task.descendants > 0 && (wanted && only ? !only.has(task.task_id) : open.has(task.task_id));
    items.push({ id: task.task_id, parent: task.parent_id, group, closed: task.descendants > 0 && !group, depth: task.depth });
    shown_for.set(task.task_id, task.task_id);
    if (group) continue;
    for (let below = at + 1; below <= at + task.descendants; below++) {
      shown_for.set((tasks[below] as Node).task_id, task.task_id);
    }
    at += task.descendants;
  }
  const path = moment.execution.forecast?.critical_path ?? [];
  const done = [...planned.keys()].filter((id) => finished(moment, id) && moment.by_id.get(id)?.descendants === 0);
  return { items, edges: edges_of(moment, shown_for, path, planned), critical: critical_items(moment, shown_for, [...done, ...path]) };
}

/** On the plan's own critical path one thing begins when the one before ends. */
function follows(planned: PlannedPath, before: string, after: string): boolean {
  const [a, b] = [planned.get(before), planned.get(after)];
  return a !== undefined && b !== undefined && Math.abs(a.until - b.from) < 0.001;
}

/** What is done is no part of a forecast any more. */
function finished(moment: Moment, id: string): boolean {
  const task = moment.by_id.get(id);
  return task !== undefined && (task.status === 'COMPLETE' || task.status === 'SKIPPED');
}

function with_ancestors(moment: Moment, only: ReadonlySet<string>): Set<string> {
  const all = new Set<string>();
  for (const id of only) for (const each of chain(moment, id)) all.add(each);
  return all;
}

/** A task and the containers around it, the innermost first. */
export function chain(moment: Moment, id: string): string[] {
  const found: string[] = [];
  for (let at: string | undefined = id; at !== undefined; at = moment.by_id.get(at)?.parent_id) found.push(at);
  return found;
}

const key = (from: string, to: string) => from + '\n' + to;

function edges_of(moment: Moment, shown_for: ReadonlyMap<string, string>, path: readonly string[], planned: PlannedPath): Edge[] {
  const edges = new Map<string, Edge>();
  for (const task of moment.tasks) {
    const to = shown_for.get(task.task_id);
    if (to === undefined) continue;
    for (const prerequisite of task.prerequisites) {
      const from = shown_for.get(prerequisite);
      if (from === undefined || from === to || inside(moment, from, to) || inside(moment, to, from)) continue;
      const known = edges.get(key(from, to));
      const critical = finished(moment, prerequisite) && follows(planned, prerequisite, task.task_id);
      if (!known) edges.set(key(from, to), { from, to, count: 1, critical });
      else {
        known.count++;
        known.critical ||= critical;
      }
    }
  }
  for (let at = 1; at < path.length; at++) {
    const before = chain(moment, path[at - 1] as string);
    for (const to of chain(moment, path[at] as string)) {
      for (const from of before) {
        const edge = edges.get(key(from, to));
        if (edge) edge.critical = true;
      }
    }
  }
  return [...edges.values()];
}

const inside = (moment: Moment, id: string, container: string) => chain(moment, id).includes(container);

function critical_items(moment: Moment, shown_for: ReadonlyMap<string, string>, path: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const id of path) {
    const shown = shown_for.get(id);
    if (shown !== undefined) for (const each of chain(moment, shown)) found.add(each);
  }
  return found;
}

/** What a task waits for, and what waits for it, one step away; of its own and by the containers around it. */
export interface Neighbours {
  before: string[];
  after: string[];
}

/** Finds neighbours; made once for a structure. */
export class Surroundings {
  private readonly after = new Map<string, string[]>();

  constructor(private readonly moment: Moment) {
    for (const task of moment.tasks) {
      for (const prerequisite of task.prerequisites) {
        const known = this.after.get(prerequisite);
        if (known) known.push(task.task_id);
        else this.after.set(prerequisite, [task.task_id]);
      }
    }
  }

  of(id: string): Neighbours {
    return { before: this.next(id, (at) => this.prerequisites(at)), after: this.next(id, (at) => this.after.get(at) ?? []) };
  }

  /** `id` with all that lies within so many steps before and after it. */
  within(id: string, steps: number): Set<string> {
    const found = new Set([id]);
    const walk = (side: 'before' | 'after') => {
      const seen = new Set([id]);
      let front = [id];
      for (let step = 0; step < steps && front.length > 0; step++) {
        const next = front.flatMap((at) => this.of(at)[side]).filter((at) => !seen.has(at) && !this.holds(at, id));
        front = [...new Set(next)];
        for (const at of front) seen.add(at);
      }
      for (const at of seen) found.add(at);
    };
    walk('before');
    walk('after');
    // A container that holds another found one is shown as what is around it.
    const around = new Set([...found].flatMap((at) => chain(this.moment, at).slice(1)));
    return new Set([...found].filter((at) => !around.has(at)));
  }

  private prerequisites(id: string): readonly string[] {
    return this.moment.by_id.get(id)?.prerequisites.filter((each) => this.moment.by_id.has(each)) ?? [];
  }

  private holds(container: string, id: string): boolean {
    return inside(this.moment, id, container) && container !== id;
  }

  /** Of its own; where there are none in its container, those of the container. */
  private next(id: string, direct: (at: string) => readonly string[]): string[] {
    for (let at: string | undefined = id; at !== undefined; at = this.moment.by_id.get(at)?.parent_id) {
      const found = direct(at);
      if (found.length > 0) return [...found];
    }
    return [];
  }
}

/** Boxes that stand for themselves, each after what it waits for as far as shown; otherwise in document order. */
export function topological(shown: Shown): string[] {
  const rank = new Map(shown.items.map((item, at) => [item.id, at]));
  const parent = new Map(shown.items.map((item) => [item.id, item.parent]));
  const inner = new Map<string, string[]>();
  const boxes = shown.items.filter((item) => !item.group).map((item) => item.id);
  for (const id of boxes) {
    for (let at: string | undefined = id; at !== undefined; at = parent.get(at)) {
      const known = inner.get(at);
      if (known) known.push(id);
      else inner.set(at, [id]);
    }
  }
  // An edge of containers is carried by a gate between their boxes, so that there is no edge for each pair.
  const waits = new Map<string, number>();
  const unlocks = new Map<string, string[]>();
  const link = (from: string, to: string) => {
    waits.set(to, (waits.get(to) ?? 0) + 1);
    const known = unlocks.get(from);
    if (known) known.push(to);
    else unlocks.set(from, [to]);
  };
  shown.edges.forEach((edge, at) => {
    const gate = `\n${at}`;
    for (const id of inner.get(edge.from) ?? []) link(id, gate);
    for (const id of inner.get(edge.to) ?? []) link(gate, id);
  });
  const order: string[] = [];
  const done = new Set<string>();
  const take = (first: string) => {
    const stack = [first];
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (done.has(id)) continue;
      done.add(id);
      if (!id.startsWith('\n')) order.push(id);
      const free: string[] = [];
      for (const next of unlocks.get(id) ?? []) {
        const left = (waits.get(next) ?? 1) - 1;
        waits.set(next, left);
        if (left === 0) free.push(next);
      }
      free.sort((a, b) => (rank.get(b) ?? -1) - (rank.get(a) ?? -1));
      stack.push(...free);
    }
  };
  const roots = boxes.filter((id) => !waits.get(id));
  for (const id of roots) take(id);
  // Whatever a cycle holds back comes last: a picture shows it all the same.
  for (const id of boxes) if (!done.has(id)) take(id);
  return order;
}
