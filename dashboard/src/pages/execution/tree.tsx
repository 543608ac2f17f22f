// The tasks as a tree. It may be thousands of rows long; only those in sight are in the document. One row has the
// focus, and the keys of a tree grid move it.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { agents } from '../../state/overview';
import type { Moment, Node } from '../../state/moment';
import { StateShape } from '../../ui/state';
import { Text, visible } from '../../ui/text';
import { relative } from '../../ui/time';
import { useRowsInSight } from '../../ui/rows_in_sight';
import { useNarrow } from '../../ui/narrow';
import { approvable_below, ApproveButton } from './decisions';
import { actual_ms, below, effort, fate_names, fate_tones, fates, is_leaf, is_over, moment_ms, shown_status, sums_of, took, wait_in_short, type Fate } from './insight';
import { closed_below, filters, no_filter, roles_in, row_at, rows_of, type TaskFilter } from './rows';
import type { ViewProps } from './graph';
import '../../styles/tree.css';

const row_height = 38;
const narrow_row_height = 62;
/** Letters typed within this belong to one word that is looked for. */
const typing_ms = 800;
/** Trees that fit on a screen or two are open from the start. */
const small_tree = 60;

export interface TreeState {
  filter: TaskFilter;
  closed: ReadonlySet<string> | undefined;
}
export const first_tree_state: TreeState = { filter: no_filter, closed: undefined };

export interface TreeProps extends ViewProps {
  state: TreeState;
  on_state: (state: TreeState) => void;
  /** Pixels at the top of the window that the page's head and the tabs cover. */
  covered: number;
  /** The present, and somebody who may decide. */
  live: boolean;
}

export function TreeView(props: TreeProps) {
  const { moment, state, on_state } = props;
  const filtering = filters(state.filter);
  // What is closed while a filter is on is forgotten with it: a filter shows what it finds.
  const [filter_closed, set_filter_closed] = useState<ReadonlySet<string>>(new Set());
  const first_closed = useMemo(
    () => (moment.tasks.length <= small_tree ? new Set<string>() : closed_below(moment.tasks, 1)), [moment.by_id.places]);
  const closed = filtering ? filter_closed : state.closed ?? first_closed;
  const set_closed = (next: ReadonlySet<string>) => (filtering ? set_filter_closed(next) : on_state({ ...state, closed: next }));
  const rows = rows_of(moment.tasks, closed, state.filter);
  return (
    <section class="tree-view" aria-label="Tasks">
      <TreeFilter
        moment={moment} filter={state.filter} shown={rows.length}
        on_filter={(filter) => {
          set_filter_closed(new Set());
          on_state({ ...state, filter });
        }}
        on_level={(depth) => set_closed(depth === undefined ? new Set() : closed_below(moment.tasks, depth))}
      />
      {rows.length > 0 ? <TreeGrid {...props} rows={rows} closed={closed} set_closed={set_closed} /> : (
        <div class="card empty">
          <h2>{filtering ? 'No task is like that' : 'There are no tasks'}</h2>
          {filtering && <button type="button" class="button" onClick={() => on_state({ ...state, filter: no_filter })}>Show all tasks</button>}
        </div>
      )}
    </section>
  );
}

interface FilterProps {
  moment: Moment;
  filter: TaskFilter;
  shown: number;
  on_filter: (filter: TaskFilter) => void;
  on_level: (depth: number | undefined) => void;
}

function TreeFilter({ moment, filter, shown, on_filter, on_level }: FilterProps) {
  const roles = useMemo(() => roles_in(moment), [moment.by_id.places]);
  const sums = sums_of(moment.tasks);
  const toggle = (fate: Fate) => {
    const next = new Set(filter.fates);
    if (!next.delete(fate)) next.add(fate);
    on_filter({ ...filter, fates: next });
  };
  const needing = sums.count.person + sums.count.failed;
  return (
    <div class="tree-filter" role="search" aria-label="Filter tasks">
      <input
        class="input tree-search" type="search" placeholder="Find a task   /" aria-label="Find a task" value={filter.text} data-search
        onInput={(event) => on_filter({ ...filter, text: event.currentTarget.value })}
      />
      <div class="fate-chips" role="group" aria-label="States">
        {fates.filter((fate) => sums.count[fate] > 0 || filter.fates.has(fate)).map((fate) => (
          <button key={fate} type="button" class={`fate-chip fate-${fate}`} aria-pressed={filter.fates.has(fate)} onClick={() => toggle(fate)}>
            <i class={`swatch fate-${fate}`} aria-hidden="true" />{fate_names[fate]} <b class="number">{sums.count[fate]}</b>
          </button>
        ))}
        <button type="button" class="fate-chip needs" aria-pressed={filter.needs} onClick={() => on_filter({ ...filter, needs: !filter.needs })}>
          needs a decision <b class="number">{needing}</b>
        </button>
      </div>
      {roles.length > 1 && (
        <select class="input tree-role" aria-label="Role" value={filter.role} onChange={(event) => on_filter({ ...filter, role: event.currentTarget.value })}>
          <option value="">All roles</option>
          {roles.map((role) => <option key={role} value={role}>{visible(role)}</option>)}
        </select>
      )}
      <div class="row tree-levels" role="group" aria-label="Open the tree">
        <span class="soft small tree-levels-name">Open</span>
        <button type="button" class="button small quiet" onClick={() => on_level(0)}>Phases</button>
        <button type="button" class="button small quiet" onClick={() => on_level(1)}>Tasks</button>
        <button type="button" class="button small quiet" onClick={() => on_level(undefined)}>All</button>
      </div>
      <span class="heard" role="status">{filters(filter) ? `${shown} rows` : ''}</span>
    </div>
  );
}

interface GridProps extends TreeProps {
  rows: readonly number[];
  closed: ReadonlySet<string>;
  set_closed: (closed: ReadonlySet<string>) => void;
}

function TreeGrid(props: GridProps) {
  const { moment, rows, closed, selected, live, covered } = props;
  const { tasks, by_id } = moment;
  const narrow = useNarrow();
  const height = narrow ? narrow_row_height : row_height;
  const { list, seen, reveal } = useRowsInSight(rows.length, height, covered);
  const [active, set_active] = useState<string | undefined>(selected);
  const wants_focus = useRef(false);
  const active_row = row_of(active, moment, rows);
  useAnchor(list, rows, moment, height, seen.top, covered);

  const move = (row: number) => {
    const at = Math.max(0, Math.min(rows.length - 1, row));
    wants_focus.current = true;
    set_active(tasks[rows[at] as number]?.task_id);
    reveal(at);
  };
  useLayoutEffect(() => {
    // Who has gone on to the search meanwhile, or to another part of the page, keeps the focus there.
    const here = document.activeElement === document.body || list.current?.contains(document.activeElement);
    if (wants_focus.current && here) list.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus({ preventScroll: true });
    wants_focus.current = false;
  });
  const on_key = useTreeKeys(props, active_row, move);

  const drawn: number[] = [];
  for (let row = seen.first; row < Math.min(seen.end, rows.length); row++) drawn.push(row);
  // The row with the focus stays in the document, however far somebody scrolls.
  if (!drawn.includes(active_row)) drawn.push(active_row);
  const phase = phase_above(moment, rows, seen.top);
  return (
    <div class="card tree" role="treegrid" aria-label="Tasks" aria-rowcount={rows.length + 1} aria-readonly="true">
      <div role="rowgroup" class="tree-head">
        <div class="tree-row" role="row" aria-rowindex={1}>
          <span role="columnheader">Task</span>
          <span role="columnheader">Waits for</span>
          <span role="columnheader">Role, agent</span>
          <span role="columnheader">Progress</span>
          <span role="columnheader" class="right">Planned, actual</span>
        </div>
      </div>
      {phase && (
        <div class="tree-sticky" aria-hidden="true">
          <div class="tree-sticky-row" onClick={() => reveal(row_at(rows, by_id.places.get(phase.task_id) ?? 0))}>
            <StateShape status={shown_status(phase)} /> <span class="clip"><Text value={phase.title} /></span>
          </div>
        </div>
      )}
      <div ref={list} role="rowgroup" class="tree-body" style={{ height: `${rows.length * height}px` }} onKeyDown={on_key}>
        {drawn.map((row) => {
          const place = rows[row] as number;
          const task = tasks[place] as Node;
          return (
            <TreeRow
              key={task.task_id} task={task} place={place} moment={moment} row={row} top={row * height}
              open={!closed.has(task.task_id)} selected={task.task_id === selected} focusable={row === active_row}
              approve={live && !narrow ? approvable_below(moment, task) : 0}
              on_open={() => toggle_closed(props, task)} on_focus={() => set_active(task.task_id)}
              on_choose={() => {
                set_active(task.task_id);
                props.on_select(task.task_id);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}

function toggle_closed({ closed, set_closed }: GridProps, task: Node): void {
  const next = new Set(closed);
  if (!next.delete(task.task_id)) next.add(task.task_id);
  set_closed(next);
}

/** The row with the focus: the task's own, or that of the nearest thing above it that is shown. */
function row_of(active: string | undefined, moment: Moment, rows: readonly number[]): number {
  for (let at = active; at; at = moment.by_id.get(at)?.parent_id) {
    const row = row_at(rows, moment.by_id.places.get(at) ?? -1);
    if (row >= 0) return row;
  }
  return 0;
}

/** The phase of the first row in sight, where its own row is above. */
function phase_above(moment: Moment, rows: readonly number[], top: number): Node | undefined {
  const place = rows[top];
  if (place === undefined || top === 0) return undefined;
  const task = moment.tasks[place];
  if (!task || task.depth === 0) return undefined;
  let phase: Node | undefined = task;
  while (phase?.parent_id) phase = moment.by_id.get(phase.parent_id);
  return phase;
}

/** Keeps the first row in sight where it is when rows come or go above it. */
function useAnchor(list: { current: HTMLElement | null }, rows: readonly number[], moment: Moment, height: number, top: number, covered: number): void {
  const anchor = useRef<{ id: string; row: number }>();
  useLayoutEffect(() => {
    const kept = anchor.current;
    if (kept && list.current && list.current.getBoundingClientRect().top < covered) {
      const row = row_at(rows, moment.by_id.places.get(kept.id) ?? -1);
      if (row >= 0 && row !== kept.row) scrollBy(0, (row - kept.row) * height);
    }
  }, [rows.length, moment.by_id.places]);
  useLayoutEffect(() => {
    const task = moment.tasks[rows[top] ?? -1];
    anchor.current = task && { id: task.task_id, row: top };
  });
}

function useTreeKeys(props: GridProps, row: number, move: (row: number) => void) {
  const { moment, rows, closed, set_closed, on_select } = props;
  const typed = useRef({ text: '', at: 0 });
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).getAttribute('role') !== 'row') return;
    const place = rows[row];
    const task = place === undefined ? undefined : moment.tasks[place];
    if (!task) return;
    const open = !closed.has(task.task_id);
    const done = act();
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
    function act(): boolean {
      if (!task) return false;
      switch (event.key) {
        case 'ArrowDown': move(row + 1); return true;
        case 'ArrowUp': move(row - 1); return true;
        case 'PageDown': move(row + 15); return true;
        case 'PageUp': move(row - 15); return true;
        case 'Home': move(0); return true;
        case 'End': move(rows.length - 1); return true;
        case 'ArrowRight':
          if (is_leaf(task)) return true;
          if (open) move(row + 1);
          else toggle_closed(props, task);
          return true;
        case 'ArrowLeft':
          if (!is_leaf(task) && open) toggle_closed(props, task);
          else if (task.parent_id) move(row_at(rows, moment.by_id.places.get(task.parent_id) ?? 0));
          return true;
        case 'Enter':
        case ' ': on_select(task.task_id); return true;
        case '*': {
          // As trees do everywhere: opens all beside it.
          const next = new Set(closed);
          for (const each of moment.tasks) if (each.parent_id === task.parent_id) next.delete(each.task_id);
          set_closed(next);
          return true;
        }
        default: return event.key.length === 1 && /[\p{L}\p{N}]/u.test(event.key) && find(event.key);
      }
    }
    function find(letter: string): boolean {
      const fresh = Date.now() - typed.current.at > typing_ms;
      const text = (fresh ? '' : typed.current.text) + letter.toLowerCase();
      typed.current = { text, at: Date.now() };
      // One letter goes on from here; a growing word may stay where it is.
      for (let step = text.length === 1 ? 1 : 0; step < rows.length; step++) {
        const at = (row + step) % rows.length;
        if (moment.tasks[rows[at] as number]?.title.toLowerCase().startsWith(text)) {
          move(at);
          break;
        }
      }
      return true;
    }
  };
}

interface RowProps {
  task: Node;
  place: number;
  moment: Moment;
  row: number;
  top: number;
  open: boolean;
  selected: boolean;
  focusable: boolean;
  /** Leaves that one click would approve. */
  approve: number;
  on_open: () => void;
  on_focus: () => void;
  on_choose: () => void;
}

function TreeRow({ task, place, moment, row, top, open, selected, focusable, approve, on_open, on_focus, on_choose }: RowProps) {
  const leaf = is_leaf(task);
  const sums = leaf ? undefined : below(moment.tasks, place);
  return (
    <div
      role="row" class={`tree-row level-${Math.min(task.depth, 6)}${leaf ? '' : ' inner'}${is_over(task.status) ? ' ended' : ''}`}
      aria-rowindex={row + 2} aria-level={task.depth + 1} aria-selected={selected} tabIndex={focusable ? 0 : -1}
      {...(leaf ? {} : { 'aria-expanded': open })}
      style={{ transform: `translateY(${top}px)`, '--depth': task.depth }} onClick={on_choose} onFocus={on_focus}
    >
      <span role="gridcell" class="tree-title">
        {leaf ? <span class="twist" /> : (
          <span class={`twist${open ? ' open' : ''}`} aria-hidden="true" onClick={(event) => { event.stopPropagation(); on_open(); }}>
            <svg width="12" height="12" viewBox="0 0 12 12"><path d="m4 2 4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>
          </span>
        )}
        <StateShape status={shown_status(task)} size={15} />
        <span class="clip" title={visible(task.title)}><Text value={task.title} /></span>
        {approve > 0 && <ApproveButton execution_id={moment.execution.execution_id} task={task} count={approve} in_row />}
      </span>
      <span role="gridcell" class="tree-wait clip soft small">{sums ? <SumText sums={sums} /> : <WaitText task={task} moment={moment} />}</span>
      <span role="gridcell" class="tree-who clip small"><Who task={task} /></span>
      <span role="gridcell" class="tree-progress"><RowProgress task={task} /></span>
      <span role="gridcell" class="tree-time right number small"><RowTime task={task} moment={moment} /></span>
    </div>
  );
}

function WaitText({ task, moment }: { task: Node; moment: Moment }) {
  const { waiting_for: wait } = task;
  const wakes = wait?.kind === 'retry' && wait.wake_at && !moment.past ? ` ${relative(wait.wake_at)}` : '';
  return <Text value={wait_in_short(task, moment) + wakes} />;
}

function SumText({ sums }: { sums: ReturnType<typeof below> }) {
  const parts = (['running', 'failed', 'person', 'outside'] as const).filter((fate) => sums.count[fate] > 0);
  if (parts.length === 0) return <>{sums.leaves} {sums.leaves === 1 ? 'task' : 'tasks'}</>;
  return <>{parts.map((fate, i) => <span key={fate}>{i > 0 && ' · '}<span class={`ink-${fate_tones[fate]}`}>{sums.count[fate]} {fate_names[fate]}</span></span>)}</>;
}

function Who({ task }: { task: Node }) {
  if (!is_leaf(task)) return null;
  const agent = task.agent_id ? agents.value.get(task.agent_id)?.name ?? task.agent_id : undefined;
  if (agent && task.status === 'RUNNING') return <span class="holder"><Text value={agent} /></span>;
  return <span class="soft"><Text value={task.assignee_role ?? agent ?? ''} /></span>;
}

function RowProgress({ task }: { task: Node }) {
  if (is_leaf(task) && task.status !== 'RUNNING' && task.progress_percent === 0) return null;
  const percent = is_leaf(task) && is_over(task.status) ? 100 : task.progress_percent;
  const tone = task.status === 'ERROR' ? 'red' : task.status === 'BLOCKED' ? 'orange' : percent >= 100 ? 'green' : 'blue';
  if (is_leaf(task) && is_over(task.status)) return null;
  return (
    <span class="tree-bar">
      <span class={`bar tone-${tone}`} aria-hidden="true"><i style={{ width: `${percent}%` }} /></span>
      <span class="number small soft">{Math.floor(percent)} %</span>
    </span>
  );
}

function RowTime({ task, moment }: { task: Node; moment: Moment }) {
  const planned = task.estimate ? effort(task.estimate.days_realistic) : '';
  // Only what goes on looks at the clock.
  const actual = actual_ms(task, task.started_at && !task.completed_at ? moment_ms(moment) : 0);
  return (
    <>
      <span class="soft">{planned}</span>
      {actual !== undefined && <span>{planned && <span class="soft"> · </span>}{took(actual)}</span>}
    </>
  );
}
