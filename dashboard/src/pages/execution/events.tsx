// All that was recorded, newest first, as it comes. Older events are asked for when somebody scrolls there.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { RecordedEvent } from '../../api/types';
import { agents } from '../../state/overview';
import { with_events, type Moment } from '../../state/moment';
import { visible } from '../../ui/text';
import { say_refusal } from '../../ui/toast';
import { kind_of, kinds, type Kind } from '../../ui/sentences';
import { EventLine, told } from './event_line';
import '../../styles/events.css';

/** Lines drawn at once; more are added while scrolling. */
const lines_at_first = 120;
/** Pages of older events that a filter may read through before it asks whether to go on. */
const pages_at_once = 5;

interface EventsProps {
  moment: Moment;
  /** Newest first, as many as are known. */
  events: readonly RecordedEvent[];
  /** The moment that is shown, if it is the past. */
  at: number | undefined;
  older: () => Promise<boolean>;
  on_at: (seq: number) => void;
  /** The task that is looked at. */
  selected: string | undefined;
  on_select: (task_id: string) => void;
}

/** Kinds of events that an execution has. */
const kinds_here: readonly Kind[] = ['executions', 'work', 'trouble', 'people'];

interface EventFilter {
  kind: Kind | '';
  text: string;
  agent: string;
  /** Only about the task that is looked at. */
  task: boolean;
}

function lets(event: RecordedEvent, filter: EventFilter, moment: Moment, words: string): boolean {
  if (filter.kind && kind_of(event.event_type) !== filter.kind) return false;
  if (filter.agent && event.agent_id !== filter.agent) return false;
  if (!words) return true;
  return `${told(event, moment)} ${event.event_type} ${event.task_id ?? ''} ${event.message ?? ''} ${event.error_message ?? ''} ${event.actor} ${event.seq}`
    .toLowerCase().includes(words);
}

/** Events asked for around a moment that lies before those that are known, and how many of them come after it. */
const around = 200;
const ahead = 50;

/** The events to show: those known, or, where the moment lies before them, those around it. */
function useEventsAt(id: string, known: readonly RecordedEvent[], at: number | undefined, older: () => Promise<boolean>) {
  const [past, set_past] = useState<readonly RecordedEvent[]>([]);
  const covers = (list: readonly RecordedEvent[]) => at === undefined || ((list.at(-1)?.seq ?? Infinity) <= at && (list[0]?.seq ?? 0) >= at);
  const base = `/api/executions/${encodeURIComponent(id)}/events?limit=${around}&before_seq=`;
  const wants = at !== undefined && !covers(known) && !covers(past);
  useEffect(() => {
    if (!wants) return;
    const control = new AbortController();
    get<RecordedEvent[]>(base + (at + ahead + 1), control.signal).then(set_past, (failure: unknown) => control.signal.aborted || say_refusal(failure));
    return () => control.abort();
  }, [wants, at]);
  if (covers(known) || past.length === 0) return { events: known, older };
  const older_past = async () => {
    const found = await get<RecordedEvent[]>(base + (past.at(-1)?.seq ?? 1));
    set_past(with_events(past, found));
    return found.length > 0;
  };
  return { events: past, older: older_past };
}

export function EventsView(props: EventsProps) {
  const { moment, at, selected } = props;
  const { events, older } = useEventsAt(moment.execution.execution_id, props.events, at, props.older);
  const [filter, set_filter] = useState<EventFilter>({ kind: '', text: '', agent: '', task: false });
  const [most, set_most] = useState(lines_at_first);
  const [busy, set_busy] = useState(false);
  const end = useRef<HTMLDivElement>(null);
  const agent_ids = useMemo(() => [...new Set(events.flatMap((event) => (event.agent_id ? [event.agent_id] : [])))].sort(), [events]);
  const words = filter.text.trim().toLowerCase();
  const task = filter.task ? selected : undefined;
  const found = useMemo(() => events.filter((event) => (!task || event.task_id === task) && lets(event, filter, moment, words)), [events, filter, task]);
  const begun = (events.at(-1)?.seq ?? 1) <= 1;
  const filtering = filter.kind !== '' || words !== '' || filter.agent !== '' || task !== undefined;
  const more = async () => {
    if (busy) return;
    if (found.length > most) return set_most(most + lines_at_first);
    if (begun) return;
    set_busy(true);
    try {
      // A page of the past is a state of this view: the next one is asked for when that is drawn.
      for (let page = 0; page < (filtering && events === props.events ? pages_at_once : 1); page++) if (!(await older())) break;
      set_most(most + lines_at_first);
    } catch (failure) {
      say_refusal(failure);
    } finally {
      set_busy(false);
    }
  };
  const line = useLines(props);
  const latest = useRef(more);
  latest.current = more;
  useEffect(() => {
    if (!end.current) return;
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && void latest.current(), { rootMargin: '400px' });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [found.length > most, begun, filtering]);
  return (
    <section class="events" aria-label="Events">
      <EventBar filter={filter} set_filter={set_filter} agent_ids={agent_ids} selected={selected} />
      <ol class="card event-list">
        {found.slice(0, most).map(line)}
        {found.length === 0 && <li class="empty">{filtering ? 'No event is like that among those read so far.' : 'Nothing has happened yet.'}</li>}
      </ol>
      <div ref={end} class="event-end">
        {begun && found.length <= most ? <p class="soft small">This is where it began.</p>
          : <button type="button" class="button small" disabled={busy} onClick={more}>{busy ? 'Reading…' : 'Older events'}</button>}
      </div>
    </section>
  );
}

/** Draws lines. One that is the same is the same node, so that new events do not draw the old ones again. */
function useLines({ moment, at, on_at, on_select }: EventsProps): (event: RecordedEvent) => JSX.Element {
  const drawn = useRef({ places: moment.by_id.places, lines: new Map<number, { current: boolean; node: JSX.Element }>() });
  if (drawn.current.places !== moment.by_id.places) drawn.current = { places: moment.by_id.places, lines: new Map() };
  const before = drawn.current.lines;
  // Only those that are drawn now are kept: an old node holds its elements.
  const lines: typeof before = new Map();
  drawn.current.lines = lines;
  return (event) => {
    const current = event.seq === at;
    const kept = before.get(event.seq);
    const line = kept?.current === current ? kept : {
      current,
      node: <li key={event.seq}><EventLine event={event} moment={moment} on_at={on_at} on_select={on_select} current={current} /></li>,
    };
    lines.set(event.seq, line);
    return line.node;
  };
}

interface BarProps {
  filter: EventFilter;
  set_filter: (filter: EventFilter) => void;
  agent_ids: readonly string[];
  selected: string | undefined;
}

function EventBar({ filter, set_filter, agent_ids, selected }: BarProps) {
  return (
    <div class="tree-filter" role="search" aria-label="Filter events">
      <input class="input tree-search" type="search" data-search placeholder="Find in events   /" aria-label="Find in events" value={filter.text} onInput={(event) => set_filter({ ...filter, text: event.currentTarget.value })} />
      <div class="fate-chips" role="group" aria-label="Kinds of events">
        {kinds_here.map((kind) => (
          <button key={kind} type="button" class="fate-chip" aria-pressed={filter.kind === kind} onClick={() => set_filter({ ...filter, kind: filter.kind === kind ? '' : kind })}>{kinds[kind]}</button>
        ))}
        {selected && (
          <button type="button" class="fate-chip" aria-pressed={filter.task} onClick={() => set_filter({ ...filter, task: !filter.task })}>only this task</button>
        )}
      </div>
      {agent_ids.length > 0 && (
        <select class="input tree-role" aria-label="Agent" value={filter.agent} onChange={(event) => set_filter({ ...filter, agent: event.currentTarget.value })}>
          <option value="">All agents</option>
          {agent_ids.map((agent) => <option key={agent} value={agent}>{visible(agents.value.get(agent)?.name ?? agent)}</option>)}
        </select>
      )}
    </div>
  );
}
