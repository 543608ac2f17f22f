// One execution: its head, a slider through its time, and the views of its tasks. What is shown is the present, as it
// moves, or, with ?at=SEQ, the past.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { go, place, settle, to } from '../../router';
import { LiveExecution, type Moment } from '../../state/execution';
import { moment_at } from '../../state/moments';
import { may } from '../../state/me';
import { visible } from '../../ui/text';
import { useTopHeight } from '../../ui/top_height';
import { BlockersView } from './blockers';
import { Question, question } from './decisions';
import { EventsView } from './events';
import { ExecutionHeader } from './header';
import { KeysHelp } from './keys_help';
import { is_leaf, type Fate } from './insight';
import { PastBar } from './past_bar';
import { no_filter, roles_in } from './rows';
import { TaskPanel } from './task_panel';
import { TimeSlider } from './time_slider';
import { first_tree_state, TreeView, type TreeState } from './tree';
import { later } from '../../ui/later';
import { usePageKeys } from '../../ui/page_keys';
import '../../styles/frame.css';

const GraphView = later(() => import('./graph').then((found) => found.GraphView));
const TimelineView = later(() => import('./timeline').then((found) => found.TimelineView));
const RecordView = later(() => import('./records').then((found) => found.RecordView));
const OutcomesView = later(() => import('./records').then((found) => found.OutcomesView));
const CompareView = later(() => import('./records').then((found) => found.CompareView));

const tabs = [
  { view: 'tasks', name: 'Tasks' },
  { view: 'graph', name: 'Graph' },
  { view: 'timeline', name: 'Timeline' },
  { view: 'events', name: 'Events' },
  { view: 'blockers', name: 'Blockers' },
  { view: 'record', name: 'Record' },
] as const;

/** As in frame.css. */
const tabs_height = 44;
const frame_gap = 14;

/** A whole number above 0, or nothing. */
function seq_of(text: string | null): number | undefined {
  const seq = Number(text);
  return text && Number.isSafeInteger(seq) && seq > 0 ? seq : undefined;
}

export function ExecutionPage({ id, view }: { id: string; view: string }) {
  if (view === 'compare') {
    const { query } = place.value;
    const other = query.get('with');
    if (other) return <OutcomesView id={id} other={other} />;
    return <CompareView id={id} from={seq_of(query.get('from')) ?? 1} until={seq_of(query.get('until')) ?? 1} />;
  }
  return <LivePage id={id} view={view} />;
}

function LivePage({ id, view }: { id: string; view: string }) {
  const [live] = useState(() => new LiveExecution(id));
  useEffect(() => () => live.close(), []);
  const at = seq_of(place.value.query.get('at'));
  const past = usePast(id, at);
  const present = live.present.value;
  if (live.missing.value) {
    return <div class="empty"><h1>There is no such execution</h1><p class="mono">{visible(id)}</p><p><a href="#/">To all executions</a></p></div>;
  }
  // On the way from one moment to the other the page stays as it is: whoever drags a slider must not lose it.
  const last = useRef<Moment | undefined>(undefined);
  const moment = at === undefined ? present : past.moment ?? (past.failed ? undefined : last.current);
  last.current = moment;
  if (!present || !moment) {
    return <div class="empty" aria-busy="true">{past.failed ? <><h2>That moment cannot be shown</h2><p>{visible(past.failed)}</p><p><a href={to(place.value.path)}>To the present</a></p></> : live.link.value === 'broken' ? 'The server cannot be reached. The page goes on by itself when it can.' : 'Opening…'}</div>;
  }
  return <Frame live={live} present={present} moment={moment} at={at} loading={past.loading} view={view} />;
}

/** A wish that is no longer the newest is still answered within this time; then it is given up. */
const grace_ms = 600;

/**
 * The execution after event `at`. While another moment is on its way the last one stays. One is asked for at a time, the
 * newest wish next: whoever drags a slider sees what they pass. What takes long, or is not wanted any more, is given up.
 */
function usePast(id: string, at: number | undefined): { moment?: Moment; loading: boolean; failed: string } {
  const [state, set_state] = useState<{ moment?: Moment; loading: boolean; failed: string }>({ loading: false, failed: '' });
  const wanted = useRef(at);
  const asking = useRef<AbortController | undefined>(undefined);
  wanted.current = at;
  useEffect(() => {
    if (at === undefined) {
      asking.current?.abort();
      return set_state({ loading: false, failed: '' });
    }
    set_state((old) => ({ ...old, loading: true, failed: '' }));
    const under_way = asking.current;
    if (under_way) {
      setTimeout(() => under_way.abort(), grace_ms);
      return;
    }
    void (async () => {
      for (let shown: number | undefined; wanted.current !== undefined && wanted.current !== shown; ) {
        const seq = wanted.current;
        const control = (asking.current = new AbortController());
        try {
          const moment = await moment_at(id, seq, control.signal);
          if (wanted.current !== undefined) set_state({ moment, loading: wanted.current !== seq, failed: '' });
        } catch (failure) {
          if (control.signal.aborted) continue;
          if (wanted.current === seq) set_state({ loading: false, failed: failure instanceof Error ? failure.message : String(failure) });
        }
        shown = seq;
      }
      asking.current = undefined;
    })();
  }, [id, at]);
  useEffect(() => () => {
    wanted.current = undefined;
    asking.current?.abort();
  }, []);
  return state;
}

interface FrameProps {
  live: LiveExecution;
  present: Moment;
  moment: Moment;
  at: number | undefined;
  loading: boolean;
  view: string;
}

function Frame({ live, present, moment, at, loading, view }: FrameProps) {
  const [tree, set_tree] = useState<TreeState>(first_tree_state);
  const [help, set_help] = useState(false);
  const top = useTopHeight();
  const past = at !== undefined;
  const selected = place.value.query.get('task') ?? undefined;
  const task = selected ? moment.by_id.get(selected) : undefined;
  const on_select = (task_id: string | undefined) => select(task_id);
  const on_at = (seq: number | undefined) => settle({ at: seq === undefined ? undefined : String(seq) });
  const { archived } = present.execution;
  const may_decide = !past && !archived && may('operator');
  const here = { task: selected, at: at === undefined ? undefined : String(at) };
  const address = (name: string) => to(['executions', live.id, name], here);
  const show_fate = (fate: Fate) => {
    set_tree({ ...tree, filter: { ...no_filter, fates: new Set([fate]) } });
    if (view !== 'tasks') go(address('tasks'));
  };
  usePageKeys((key) => {
    if (key === '?') set_help(true);
    else if (key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus();
    else if (key === 'Escape' && selected) on_select(undefined);
    else if (/^[1-6]$/.test(key)) go(address(tabs[Number(key) - 1]?.view ?? 'tasks'));
    else return false;
    return true;
  });
  useTitle(moment.execution.title);
  useKeptScroll(view);
  // On a phone the tabs are wider than the page.
  useEffect(() => show_tab(document.querySelector('.frame-tabs [aria-current]')), [view]);
  const view_props = { moment, selected, on_select };
  return (
    <div class={`frame${past ? ' is-past' : ''}`} aria-busy={loading} style={{ '--top': `${top}px` }}>
      {archived && <p class="archived-bar" role="status"><b>Archived.</b> This execution has left the log, and nothing of it can be changed any more. It can be looked at, gone through, checked and downloaded as before.</p>}
      {past && <PastBar moment={moment} id={live.id} present_seq={present.seq} on_now={() => on_at(undefined)} />}
      <ExecutionHeader moment={moment} past={past} link={live.link.value} events={live.events.value} on_fate={show_fate} on_select={on_select} on_changed={() => live.look_again()} />
      <TimeSlider id={live.id} last_seq={present.seq} at={at} on_at={on_at} />
      <nav class="tabs frame-tabs" aria-label="Views">
        {tabs.map((tab, i) => (
          <a key={tab.view} href={address(tab.view)} aria-current={view === tab.view ? 'page' : undefined} title={`${tab.name} (${i + 1})`}>
            {tab.name}{tab.view === 'blockers' && moment.execution.blockers.length > 0 && <> <span class="count number">{moment.execution.blockers.length}</span></>}
          </a>
        ))}
        {past && <button type="button" class="button small frame-now" onClick={() => on_at(undefined)}>Event {moment.seq}: back to now</button>}
        <button type="button" class="button quiet small frame-help" aria-label="Keys" title="Keys (?)" onClick={() => set_help(true)}>?</button>
      </nav>
      <div class={`frame-body${task ? ' with-panel' : ''}`}>
        <div class="frame-view">
          {view === 'graph' ? <GraphView {...view_props} />
            : view === 'timeline' ? <TimelineView {...view_props} />
            : view === 'events' ? <EventsView moment={moment} events={live.events.value} at={at} older={() => live.fetch_older()} on_at={on_at} selected={task?.task_id} on_select={on_select} />
            : view === 'blockers' ? <BlockersView {...view_props} may_decide={may_decide} />
            : view === 'record' ? <RecordView moment={moment} />
            : <TreeView {...view_props} covered={top + tabs_height} state={tree} on_state={set_tree} live={may_decide} />}
        </div>
        {task && <TaskPanel key={task.task_id} moment={moment} task={task} may_decide={may_decide} past={past} events={live.events.value} on_select={on_select} on_at={on_at} />}
      </div>
      {help && <KeysHelp on_close={() => set_help(false)} />}
      <Question roles={question.value ? roles_in(moment) : []} actions={question.value ? actions_in(moment) : []} />
    </div>
  );
}

const actions_in = (moment: Moment) => [...new Set(moment.tasks.filter(is_leaf).map((task) => task.action))].filter(Boolean).sort();

/** The task that is looked at stands in the address: it can be sent to somebody. */
function select(task_id: string | undefined): void {
  const before = place.value.query.get('task');
  settle({ task: task_id });
  // Whoever closes a task goes on where it was opened.
  if (!task_id && before) requestAnimationFrame(() => document.querySelector<HTMLElement | SVGElement>('[role=row][tabindex="0"], .graph-plane [tabindex="0"]')?.focus({ preventScroll: true }));
}

/** Brings a tab into the sight of its row; the page itself stays where it is. */
function show_tab(tab: HTMLElement | null): void {
  const row = tab?.parentElement;
  if (!tab || !row) return;
  const [left, right] = [tab.offsetLeft - row.offsetLeft, tab.offsetLeft - row.offsetLeft + tab.offsetWidth];
  if (left < row.scrollLeft) row.scrollLeft = left;
  else if (right > row.scrollLeft + row.clientWidth) row.scrollLeft = right - row.clientWidth;
}

/** Another view of the same thing: the page stays where it is, or, where the tabs have reached the top, at the tabs. */
function useKeptScroll(view: string): void {
  const shown = useRef(view);
  const kept = useRef<number>();
  // Before anything is drawn: what is shorter would have been scrolled already.
  if (shown.current !== view) kept.current = scrollY;
  shown.current = view;
  useLayoutEffect(() => {
    const height = kept.current;
    kept.current = undefined;
    if (height === undefined) return;
    const frame = requestAnimationFrame(() => {
      const body = document.querySelector('.frame-body')?.getBoundingClientRect().top ?? 0;
      const top = document.querySelector('.frame-tabs')?.getBoundingClientRect().height ?? 0;
      const head = document.querySelector('header.top')?.getBoundingClientRect().height ?? 0;
      scrollTo(0, Math.min(height, Math.max(0, body + scrollY - top - head - frame_gap)));
    });
    return () => cancelAnimationFrame(frame);
  }, [view]);
}

function useTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = `${visible(title)} – PlanExe-AX`;
    return () => {
      document.title = before;
    };
  }, [title]);
}
