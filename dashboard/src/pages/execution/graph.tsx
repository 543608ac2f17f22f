// What waits for what: the plan's tasks as boxes in their phases, the lines between them, and the critical path. Goes
// with what happens, without moving anything as long as the tree stays the same.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Moment, Node } from '../../state/execution';
import { look_of, StateShape, type AnyStatus } from '../../ui/state';
import { Text } from '../../ui/text';
import { Arrows, FarTitle, GroupBox, status_of, TaskBox, WaitLine } from './graph_drawing';
import { chain, first_level, open_at, shown_of, Surroundings, topological, type Level, type Shown } from './graph_model';
import type { Layout } from './graph_layout';
import type { Box } from './graph_lines';
import { LayoutDesk } from './layout_desk';
import { Plane, type PlaneHandle } from './plane';
import { use_planned_path } from './report';
import { detail_at, seen, touches, type Size, type View } from './graph_view';
import '../../styles/graph.css';

export interface ViewProps {
  moment: Moment;
  /** The task that is looked at. */
  selected: string | undefined;
  on_select: (task_id: string) => void;
}

/** Fewer boxes than these are all drawn, wherever one looks. */
const always_drawn = 500;
const levels: { level: Level; name: string }[] = [
  { level: 'phases', name: 'Phases' }, { level: 'tasks', name: 'Tasks' }, { level: 'leaves', name: 'Steps' },
];
const reaches: { steps: number; name: string }[] = [
  { steps: 0, name: 'Whole plan' }, { steps: 1, name: '1 step around it' }, { steps: 2, name: '2 steps around it' },
  { steps: 4, name: '4 steps around it' }, { steps: 10_000, name: 'All it hangs on' },
];

/** About the form that the plane will have. */
const window_aspect = () => Math.max(0.6, Math.min(3, (Math.min(innerWidth, 1_440) - 40) / (innerHeight * 0.64)));

interface Picture {
  shown: Shown;
  layout: Layout;
  order: string[];
  /** What was asked for when it was laid out: when it changes, one looks anew. */
  question: object;
  /** The form that it was made for; another one is on its way when it differs. */
  form: object;
}

/** What the picture's form depends on; its colours may change without it. */
function structure_of(moment: Moment): string {
  return moment.tasks.map((task) => `${task.task_id} ${task.depth} ${task.prerequisites.join()}`).join('\n');
}

function use_picture(moment: Moment, open: ReadonlySet<string>, only: ReadonlySet<string> | undefined): { picture: Picture | undefined; busy: boolean; failure: string } {
  const desk = useRef<LayoutDesk | undefined>(undefined);
  const [laid_out, set_laid_out] = useState<Picture | undefined>(undefined);
  const [failure, set_failure] = useState('');
  const structure = useMemo(() => structure_of(moment), [moment.tasks]);
  const path = moment.execution.forecast?.critical_path.join() ?? '';
  const question = useMemo(() => ({}), [open, only]);
  const form = useMemo(() => ({}), [structure, question]);
  // The critical path moves while the form stays: the same boxes and lines in the same order, told anew.
  const planned = use_planned_path(moment, structure);
  const shown = useMemo(() => shown_of(moment, open, only, planned), [form, path, planned]);
  useEffect(() => () => {
    desk.current?.close();
    desk.current = undefined;
  }, []);
  useEffect(() => {
    let wanted = true;
    desk.current ??= new LayoutDesk();
    const items = shown.items.map(({ id, parent, group, closed, depth }) => ({ id, parent, group, closed, depth }));
    const edges = shown.edges.map(({ from, to }) => ({ from, to }));
    desk.current.lay_out({ items, edges, aspect: window_aspect() }).then(
      (layout) => {
        if (!wanted) return;
        set_laid_out({ shown, layout, order: topological(shown), question, form });
        set_failure('');
      },
      (why: Error) => wanted && set_failure(why.message),
    );
    return () => {
      wanted = false;
    };
  }, [form]);
  const settled = laid_out?.form === form;
  return { picture: laid_out && settled ? { ...laid_out, shown } : laid_out, busy: !settled && failure === '', failure };
}

export function GraphView({ moment, selected, on_select }: ViewProps) {
  const [level, set_level] = useState<Level>(() => first_level(moment.tasks, innerWidth < 600));
  /** Containers opened or shut by hand, against the level. */
  const [turned, set_turned] = useState<ReadonlySet<string>>(new Set());
  const [steps, set_steps] = useState(0);
  const [critical_only, set_critical_only] = useState(false);
  const [active, set_active] = useState<string | undefined>(undefined);
  const plane = useRef<PlaneHandle>(null);

  const surroundings = useMemo(() => new Surroundings(moment), [moment.tasks]);
  const leaves = moment.tasks.filter((task) => task.descendants === 0).length;
  const open = useMemo(() => {
    const all = open_at(moment.tasks, level);
    for (const id of turned) if (!all.delete(id)) all.add(id);
    return all;
  }, [moment.tasks.length, level, turned]);
  const focus = steps > 0 && selected !== undefined && moment.by_id.has(selected) ? selected : undefined;
  const only = useMemo(() => (focus === undefined ? undefined : surroundings.within(focus, steps)), [focus, steps, moment.tasks.length]);
  const { picture, busy, failure } = use_picture(moment, open, only);

  const fold = (id: string) => {
    if (only) return;
    const next = new Set(turned);
    if (!next.delete(id)) next.add(id);
    set_turned(next);
    set_active(id);
  };
  const here = active ?? selected;
  const task = here === undefined ? undefined : moment.by_id.get(here);
  return (
    <section class="graph card" aria-label="Dependency graph">
      <div class="graph-tools">
        <div class="segments" role="group" aria-label="How deep">
          {levels.map((each) => (
            <button
              key={each.level} type="button" aria-pressed={level === each.level && turned.size === 0} disabled={only !== undefined}
              onClick={() => { set_level(each.level); set_turned(new Set()); }}
            >
              {each.name}
            </button>
          ))}
        </div>
        <label class="graph-reach">
          <span class="heard">Show of the plan</span>
          <select class="input" value={String(steps)} disabled={selected === undefined} title={selected === undefined ? 'Choose a task first' : ''} onChange={(event) => set_steps(Number(event.currentTarget.value))}>
            {reaches.map((each) => <option key={each.steps} value={each.steps}>{each.name}</option>)}
          </select>
        </label>
        <button type="button" class="button small" aria-pressed={critical_only} onClick={() => set_critical_only(!critical_only)}>
          <i class="critical-mark" aria-hidden="true" /> Critical path
        </button>
        <span class="grow" />
        <div class="segments" role="group" aria-label="Zoom">
          <button type="button" aria-label="Smaller" onClick={() => plane.current?.zoom(1 / 1.35)}>−</button>
          <button type="button" onClick={() => plane.current?.fit()}>Fit</button>
          <button type="button" aria-label="Larger" onClick={() => plane.current?.zoom(1.35)}>+</button>
        </div>
      </div>
      {failure && <p class="graph-note" role="alert">{failure}</p>}
      {picture && busy && <p class="graph-busy" role="status">Laying out…</p>}
      {picture && (
        <Drawing
          moment={moment} picture={picture} selected={selected} here={here} critical_only={critical_only} surroundings={surroundings}
          plane={plane} on_active={set_active} on_select={on_select} on_fold={fold}
        />
      )}
      {!picture && <div class="graph-plane waiting" aria-busy={busy}>{moment.tasks.length === 0 ? 'There are no tasks.' : 'Laying out…'}</div>}
      <Legend many={leaves} />
      <Relations moment={moment} task={task} surroundings={surroundings} on_select={(id) => { set_active(id); on_select(id); }} />
    </section>
  );
}

interface DrawingProps {
  moment: Moment;
  picture: Picture;
  selected: string | undefined;
  here: string | undefined;
  critical_only: boolean;
  surroundings: Surroundings;
  plane: { current: PlaneHandle | null };
  on_active: (id: string) => void;
  on_select: (id: string) => void;
  on_fold: (id: string) => void;
}

function Drawing(props: DrawingProps) {
  const { moment, picture, selected, here, critical_only, surroundings, plane, on_active, on_select, on_fold } = props;
  const { shown, layout, order } = picture;
  const [look, set_look] = useState<{ view: View; window: Size } | undefined>(undefined);
  const boxes = new Map(shown.items.map((item) => [item.id, layout.boxes[item.id] as Box]));
  const active = here !== undefined && boxes.has(here) ? here : order[0];
  // A chosen task that is not shown itself is in a container that is.
  const watched = selected === undefined ? undefined : chain(moment, selected).find((id) => boxes.has(id));
  const detail = look ? detail_at(look.view.k, shown.items.length) : 2;
  const part = look && shown.items.length > always_drawn ? seen(look.view, look.window) : undefined;
  const is_seen = (box: Box) => !part || touches(box, part);
  const title_size = Math.min(200, 13 / (look?.view.k ?? 1));
  const hidden_below = (id: string) => detail === 0 && (moment.by_id.get(id)?.depth ?? 0) >= 2;

  const move_to = (id: string | undefined) => {
    if (id === undefined) return;
    on_active(id);
    const box = boxes.get(id);
    if (box) plane.current?.bring(box);
    // The box is drawn as the active one first; then it can take the focus.
    requestAnimationFrame(() => plane.current?.element()?.querySelector<SVGElement>(`[data-id="${CSS.escape(id)}"]`)?.focus());
  };
  const on_key = (event: KeyboardEvent): boolean => {
    if (active === undefined) return false;
    const place = order.indexOf(active);
    const near = surroundings.of(active);
    const drawn = (ids: string[]) => ids.find((id) => boxes.has(id));
    switch (event.key) {
      case 'ArrowDown': move_to(order[place + 1] ?? active); return true;
      case 'ArrowUp': move_to(order[Math.max(0, place - 1)]); return true;
      case 'ArrowRight': move_to(drawn(near.after) ?? active); return true;
      case 'ArrowLeft': move_to(drawn(near.before) ?? active); return true;
      case 'Home': move_to(order[0]); return true;
      case 'End': move_to(order.at(-1)); return true;
      case 'Enter': on_select(active); return true;
      case ' ': case 'c': {
        const task = moment.by_id.get(active);
        const folds = task && task.descendants > 0 ? active : task?.parent_id;
        if (folds !== undefined) on_fold(folds);
        return true;
      }
      default: return false;
    }
  };
  const on_press = (target: Element, twice: boolean) => {
    const found = target.closest<SVGElement>('[data-id]');
    const id = found?.dataset['id'];
    if (id === undefined || !found) return;
    const task = moment.by_id.get(id);
    on_active(id);
    if (target.closest('[data-fold]') || (twice && task && task.descendants > 0)) on_fold(id);
    else on_select(id);
  };
  const faded = (id: string) => critical_only && !shown.critical.has(id);
  return (
    <Plane
      handle={plane} size={{ w: layout.width, h: layout.height }} label="Dependency graph. Arrow keys follow the lines, up and down go through all, Enter chooses, Space opens and shuts, plus, minus and 0 zoom."
      described_by="graph-relations" watched={watched === undefined ? undefined : boxes.get(watched)} watched_id={watched} on_look={(view, window) => set_look({ view, window })} on_key={on_key} on_press={on_press} picture={picture.question}
    >
      <Arrows />
      {shown.items.map((item) => {
        const [task, box] = [moment.by_id.get(item.id), boxes.get(item.id) as Box];
        if (!item.group || !task || !is_seen(box) || hidden_below(item.id)) return null;
        return (
          <GroupBox
            key={item.id} task={task} box={box} detail={detail} critical={shown.critical.has(item.id)} faded={faded(item.id)}
            selected={selected === item.id} active={active === item.id} block={detail === 0 && task.depth === 1}
          />
        );
      })}
      {detail > 0 && shown.edges.map((edge, at) => {
        const points = layout.lines[at] ?? [];
        const [a, b] = [boxes.get(edge.from), boxes.get(edge.to)];
        if (!a || !b || !(is_seen(a) || is_seen(b))) return null;
        const near = active === edge.from || active === edge.to || selected === edge.from || selected === edge.to;
        return <WaitLine key={edge.from + ' ' + edge.to} points={points} critical={edge.critical} near={near} faded={critical_only && !edge.critical} many={edge.count > 1} far={moment.by_id.get(edge.from)?.parent_id !== moment.by_id.get(edge.to)?.parent_id} />;
      })}
      {shown.items.map((item) => {
        const [task, box] = [moment.by_id.get(item.id), boxes.get(item.id) as Box];
        if (item.group || !task || (item.id !== active && !is_seen(box)) || hidden_below(item.id)) return null;
        return (
          <TaskBox
            key={item.id} task={task} box={box} closed={item.closed} detail={detail} critical={shown.critical.has(item.id)} faded={faded(item.id)}
            selected={selected === item.id} active={active === item.id} relation={relation(surroundings, item.id)}
          />
        );
      })}
      {detail < 2 && shown.items.map((item) => {
        const [task, box] = [moment.by_id.get(item.id), boxes.get(item.id) as Box];
        return task?.depth === 0 && is_seen(box) ? <FarTitle key={item.id} title={task.title} box={box} size={title_size} /> : null;
      })}
    </Plane>
  );
}

function relation(surroundings: Surroundings, id: string): string {
  const { before, after } = surroundings.of(id);
  return `waits for ${before.length}, ${after.length} ${after.length === 1 ? 'waits' : 'wait'} for it`;
}

const legend: AnyStatus[] = ['COMPLETE', 'RUNNING', 'READY', 'QUEUED', 'BLOCKED', 'ERROR', 'SKIPPED'];

function Legend({ many }: { many: number }) {
  return (
    <div class="graph-legend">
      {legend.map((status) => (
        <span key={status}><StateShape status={status} size={12} /> <span aria-hidden="true">{look_of(status).name}</span></span>
      ))}
      <span><i class="critical-mark" aria-hidden="true" /> Critical path</span>
      <span class="grow" />
      <span class="soft number">{many} steps</span>
    </div>
  );
}

/** The same in words: what the task waits for, and what waits for it. */
function Relations({ moment, task, surroundings, on_select }: { moment: Moment; task: Node | undefined; surroundings: Surroundings; on_select: (id: string) => void }) {
  if (!task) return <div id="graph-relations" class="graph-relations"><p class="soft small">Choose a task to see what it waits for.</p></div>;
  const { before, after } = surroundings.of(task.task_id);
  const side = (name: string, ids: string[], none: string) => (
    <div>
      <p class="graph-side">{name} {ids.length > 0 && <span class="soft number">{ids.length}</span>}</p>
      {ids.length === 0 && <p class="soft small">{none}</p>}
      <ul>
        {ids.map((id) => {
          const other = moment.by_id.get(id);
          return other && (
            <li key={id}>
              <button type="button" class="link" onClick={() => on_select(id)}><StateShape status={status_of(other)} /> <Text value={other.title} /></button>
            </li>
          );
        })}
      </ul>
    </div>
  );
  return (
    <div id="graph-relations" class="graph-relations">
      <div class="graph-here"><StateShape status={status_of(task)} size={16} /> <strong><Text value={task.title} /></strong></div>
      {side('Waits for', before, 'Nothing: it could begin at once.')}
      {side('Waited for by', after, 'Nothing waits for it.')}
    </div>
  );
}
