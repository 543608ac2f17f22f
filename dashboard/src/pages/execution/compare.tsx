// Two moments of an execution, and what changed between them. Both stand in the address, which can be passed on.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { Execution, RecordedEvent } from '../../api/types';
import { settle, to } from '../../router';
import type { Moment } from '../../state/execution';
import { moment_at } from '../../state/moments';
import { CopyButton } from '../../ui/copy';
import { StateBadge, StateShape } from '../../ui/state';
import { Text } from '../../ui/text';
import { absolute, clock, duration } from '../../ui/time';
import { count } from '../../ui/words';
import { agents } from '../../state/overview';
import { agents_between, changes, counters_of, diff_of, differences_of, ordered, type Change, type ChangedTask, type Counter, type Difference } from './diff';
import { use_event_index } from './event_index';
import { status_of } from './graph_drawing';
import { event_name, marks_of, time_near, type Stamp } from './history';
import '../../styles/time_slider.css';
import '../../styles/compare.css';

export interface CompareProps {
  id: string;
  from: number;
  /** 1 or less: the present. */
  until: number;
}

const rest_ms = 90;
/** More steps of one kind are told when somebody asks. */
const first_shown = 12;
const first_events = 14;
const most_events = 1_000;

export function CompareView({ id, from, until }: CompareProps) {
  const [last_seq, set_last_seq] = useState(0);
  const [failure, set_failure] = useState('');
  useEffect(() => {
    const gone = new AbortController();
    get<Execution>(`/api/executions/${encodeURIComponent(id)}`, gone.signal).then(
      (execution) => set_last_seq(execution.version),
      (why: Error) => gone.signal.aborted || set_failure(why.message),
    );
    return () => gone.abort();
  }, [id]);
  if (failure) return <p class="empty" role="alert">{failure}</p>;
  if (last_seq === 0) return <p class="empty" aria-busy="true">Opening…</p>;
  return <Comparison id={id} last_seq={last_seq} {...ordered(from, until <= 1 ? last_seq : until, last_seq)} />;
}

function Comparison({ id, from, until, last_seq }: { id: string; from: number; until: number; last_seq: number }) {
  const { stamps, complete } = use_event_index(id, last_seq);
  const { pair, failure } = use_pair(id, from, until);
  const events = use_events(id, from, until);
  const diff = useMemo(() => pair && diff_of(pair.from, pair.until), [pair]);
  const counters = useMemo(() => pair && counters_of(pair.from, pair.until), [pair]);
  const change = (next: { from: number; until: number }) => {
    const sorted = ordered(next.from, next.until, last_seq);
    settle({ from: String(sorted.from), until: String(sorted.until) });
  };
  const total = [...(diff?.values() ?? [])].reduce((sum, list) => sum + list.length, 0);
  return (
    <div class="compare stack" aria-busy={!pair}>
      <div class="spread">
        <div>
          <p class="small"><a href={to(['executions', id])}>← To the execution</a></p>
          <h1>What changed{pair && <> in <Text value={pair.until.execution.title} /></>}</h1>
        </div>
        <CopyButton name="Copy the link" what="The link to this comparison" text={() => location.href} />
      </div>
      <section class="card compare-picks" aria-label="The two moments" onPointerDown={complete}>
        <Pick name="From" seq={from} last_seq={last_seq} stamps={stamps} moment={pair?.from} on_seq={(seq) => change({ from: seq, until })} />
        <Pick name="Until" seq={until} last_seq={last_seq} stamps={stamps} moment={pair?.until} on_seq={(seq) => change({ from, until: seq })} />
      </section>
      {failure && <p role="alert">{failure}</p>}
      {pair && diff && counters && (
        <>
          <p class="compare-sum" role="status">{summary(pair.from, pair.until, total)}</p>
          <div class="compare-columns">
            <section class="stack" aria-label="Changed steps">
              {total === 0 && <div class="card empty">No step changed between these moments.</div>}
              {changes.map((each) => diff.has(each.change) && <Group key={each.change} {...each} list={diff.get(each.change) as ChangedTask[]} id={id} until={until} moment={pair.until} />)}
            </section>
            <aside class="stack">
              <Counters counters={counters} from={from} until={until} />
              <Agents events={events.list} moment={pair.until} />
              <Events id={id} events={events.list} more={events.more} from={from} until={until} />
            </aside>
          </div>
        </>
      )}
    </div>
  );
}

function summary(from: Moment, until: Moment, total: number): string {
  const ms = Date.parse(until.execution.updated_at) - Date.parse(from.execution.updated_at);
  return `${count(until.seq - from.seq, 'event')} in ${ms < 1_000 ? `${Math.max(0, ms)} ms` : duration(ms)}; ${total === 1 ? 'one step' : `${total} steps`} changed.`;
}

/** Both moments; the last pair that is known, until the wanted one is there. */
function use_pair(id: string, from: number, until: number): { pair: { from: Moment; until: Moment } | undefined; failure: string } {
  const [pair, set_pair] = useState<{ from: Moment; until: Moment } | undefined>(undefined);
  const [failure, set_failure] = useState('');
  useEffect(() => {
    const gone = new AbortController();
    Promise.all([moment_at(id, from, gone.signal), moment_at(id, until, gone.signal)]).then(
      ([first, second]) => {
        if (gone.signal.aborted) return;
        set_pair({ from: first, until: second });
        set_failure('');
      },
      (why: Error) => gone.signal.aborted || set_failure(why.message),
    );
    return () => gone.abort();
  }, [id, from, until]);
  return { pair, failure };
}

function use_events(id: string, from: number, until: number): { list: readonly RecordedEvent[]; more: boolean } {
  const [found, set_found] = useState<{ list: readonly RecordedEvent[]; more: boolean }>({ list: [], more: false });
  useEffect(() => {
    const gone = new AbortController();
    if (until <= from) return set_found({ list: [], more: false });
    // The newest ones; `before_seq` does not include its own.
    get<RecordedEvent[]>(`/api/executions/${encodeURIComponent(id)}/events?after_seq=${from}&before_seq=${until + 1}&limit=${most_events}`, gone.signal).then(
      (list) => gone.signal.aborted || set_found({ list, more: until - from > list.length }),
      () => gone.signal.aborted || set_found({ list: [], more: false }),
    );
    return () => gone.abort();
  }, [id, from, until]);
  return found;
}

interface PickProps {
  name: string;
  seq: number;
  last_seq: number;
  stamps: readonly Stamp[];
  moment: Moment | undefined;
  on_seq: (seq: number) => void;
}

function Pick({ name, seq, last_seq, stamps, moment, on_seq }: PickProps) {
  const [held, set_held] = useState<number | undefined>(undefined);
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const shown = held ?? seq;
  const ms = time_near(stamps, shown);
  const time = ms === undefined ? '' : absolute(new Date(ms).toISOString());
  const move = (next: number) => {
    set_held(next);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      set_held(undefined);
      on_seq(next);
    }, rest_ms);
  };
  return (
    <div class="pick">
      <div class="pick-head">
        <strong>{name}</strong>
        <span class="number">event {shown} of {last_seq}</span>
        {moment && held === undefined && <StateBadge status={moment.execution.status} />}
      </div>
      <div class="time-track">
        <div class="time-marks" aria-hidden="true">
          {marks_of(stamps, last_seq, 60).map((mark) => <i key={mark.place} class={`shape-${mark.tone}`} style={{ left: `${mark.place * 100}%` }} title={`${event_name(mark.type)}, event ${mark.seq}`} onClick={() => on_seq(mark.seq)} />)}
        </div>
        <input
          type="range" min={1} max={Math.max(1, last_seq)} step={1} value={shown} aria-label={name} aria-valuetext={`Event ${shown}${time ? `, ${time}` : ''}`}
          style={{ '--part': `${last_seq <= 1 ? 100 : (100 * (shown - 1)) / (last_seq - 1)}%` }} onInput={(event) => move(Number(event.currentTarget.value))}
        />
        <div class="time-told" aria-hidden="true"><span class="number">{time}</span></div>
      </div>
    </div>
  );
}

function Group({ change, name, list, id, until, moment }: { change: Change; name: string; list: readonly ChangedTask[]; id: string; until: number; moment: Moment }) {
  const [all, set_all] = useState(false);
  const shown = all ? list : list.slice(0, first_shown);
  return (
    <section class={`card compare-group change-${change}`}>
      <h2 class="card-head"><span>{name}</span> <span class="count number">{list.length}</span></h2>
      <ul>
        {shown.map(({ task, before }) => (
          <li key={task.task_id}>
            <span class="compare-states">
              {before && before.descendants === 0 ? <StateShape status={status_of(before)} size={13} /> : <span class="none">new</span>}
              <span aria-hidden="true">→</span><span class="heard">then</span>
              <StateShape status={status_of(task)} size={13} />
            </span>
            <a class="clip" href={to(['executions', id, 'tasks'], { at: String(until), task: task.task_id })}><Text value={task.title} /></a>
            <Details list={differences_of(before, task)} />
            <span class="soft small clip compare-where"><Text value={task.parent_id === undefined ? '' : moment.by_id.get(task.parent_id)?.title} /></span>
          </li>
        ))}
      </ul>
      {shown.length < list.length && <button type="button" class="button quiet small" onClick={() => set_all(true)}>All {list.length}</button>}
    </section>
  );
}

const difference_names: Record<Difference['what'], string> = { holder: 'held by', attempt: 'attempt', output: 'output', wait: 'waited for', progress: 'progress' };
const agent_name = (id: string) => agents.value.get(id)?.name ?? id;

/** In what else a step differs, a line each. */
function Details({ list }: { list: readonly Difference[] }) {
  if (list.length === 0) return null;
  return (
    <dl class="compare-details small">
      {list.map(({ what, from, until }) => (
        <div key={what}>
          <dt>{difference_names[what]}</dt>
          <dd>
            {what === 'output' ? (from === undefined ? 'there is one now' : until === undefined ? 'it is gone' : 'another one')
              : <><Side what={what} value={from} /> <span aria-hidden="true">→</span><span class="heard">, then</span> <Side what={what} value={until} /></>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const none: Partial<Record<Difference['what'], string>> = { holder: 'nobody', attempt: 'none' };

function Side({ what, value }: { what: Difference['what']; value: string | undefined }) {
  if (value === undefined) return <span class="soft">{none[what] ?? 'nothing'}</span>;
  return <Text value={what === 'holder' ? agent_name(value) : value} />;
}

const written = (value: number, unit: Counter['unit']) => (unit ? `${Math.round(value * 10) / 10} ${unit}` : String(value));

function Counters({ counters, from, until }: { counters: readonly Counter[]; from: number; until: number }) {
  return (
    <section class="card" aria-label="Numbers of both moments">
      <table class="compare-counters">
        <thead><tr><th scope="col"><span class="heard">What</span></th><th scope="col" class="number">at {from}</th><th scope="col" class="number">at {until}</th><th scope="col">Change</th></tr></thead>
        <tbody>
          {counters.map((counter) => {
            const by = Math.round((counter.until - counter.from) * 10) / 10;
            const tone = by === 0 || counter.more_is === 'neither' ? '' : (by > 0) === (counter.more_is === 'good') ? 'better' : 'worse';
            return (
              <tr key={counter.name} class={by === 0 ? 'same' : ''}>
                <th scope="row">{counter.name}</th><td class="number">{written(counter.from, counter.unit)}</td><td class="number">{written(counter.until, counter.unit)}</td>
                <td class={`number ${tone}`}>{by === 0 ? '–' : `${by > 0 ? '+' : '−'}${written(Math.abs(by), counter.unit)}`}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Agents({ events, moment }: { events: readonly RecordedEvent[]; moment: Moment }) {
  const shares = useMemo(() => agents_between(events, moment), [events, moment]);
  if (shares.length === 0) return null;
  return (
    <section class="card" aria-label="Agents in between">
      <h2 class="card-head">Agents</h2>
      <table class="compare-counters">
        <thead><tr><th scope="col">Agent</th><th scope="col">Done</th><th scope="col">Errors</th><th scope="col">Holds</th></tr></thead>
        <tbody>
          {shares.slice(0, 30).map((share) => (
            <tr key={share.agent_id}>
              <th scope="row"><a href={to(['agents', share.agent_id])}><Text value={agent_name(share.agent_id)} /></a></th>
              <td class="number">{share.completed}</td><td class={`number ${share.errors > 0 ? 'worse' : ''}`}>{share.errors}</td><td class="number">{share.holds}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Events({ id, events, more, from, until }: { id: string; events: readonly RecordedEvent[]; more: boolean; from: number; until: number }) {
  const [count, set_count] = useState(first_events);
  useEffect(() => set_count(first_events), [from, until]);
  return (
    <section class="card" aria-label="Events in between">
      <h2 class="card-head"><span>Events in between</span> <span class="count number">{until - from}</span></h2>
      <ul class="compare-events">
        {events.slice(0, count).map((event) => (
          <li key={event.seq}>
            <a class="number" href={to(['executions', id, 'tasks'], { at: String(event.seq), ...(event.task_id ? { task: event.task_id } : {}) })}>{event.seq}</a>
            <span>{event_name(event.event_type)}{event.agent_id && <span class="soft"> · <Text value={agent_name(event.agent_id)} /></span>}</span>
            <time class="soft number nowrap" dateTime={event.timestamp} title={absolute(event.timestamp)}>{clock(event.timestamp)}</time>
          </li>
        ))}
      </ul>
      {count < events.length && <button type="button" class="button quiet small" onClick={() => set_count(count + 100)}>More</button>}
      {more && count >= events.length && <p class="soft small card-pad">Older ones are not listed here.</p>}
    </section>
  );
}
