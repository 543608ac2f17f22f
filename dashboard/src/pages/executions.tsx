// Every execution, live: where it stands, who is at work, who is waited for.
import { useRef, useState } from 'preact/hooks';
import { ask } from '../api/http';
import type { ExecutionRow, ExecutionStatus } from '../api/types';
import { place, settle, to } from '../router';
import { eta_of, moves } from '../state/eta';
import { needs } from '../state/me';
import { agents, executions_in_order, known, more_executions } from '../state/overview';
import { counts, ordered, searched, sort_of, sorts, status_of, statuses, type Sort } from '../state/select';
import { Chips } from '../ui/chips';
import { look_of, StateBadge, StateShape, tone_of, type Tone } from '../ui/state';
import { StopEverything } from '../ui/stop_everything';
import { Text, visible } from '../ui/text';
import { absolute, duration, relative, When } from '../ui/time';
import { say_refusal } from '../ui/toast';
import { VirtualList } from '../ui/virtual';
import { count } from '../ui/words';
import { Waiting } from '../ui/waiting';
import { later } from '../ui/later';
import { usePageKeys } from '../ui/page_keys';
import '../styles/executions.css';
import '../styles/lists.css';

const ArchivedList = later(() => import('./rare').then((found) => found.ArchivedList));

/** Executions that the stream tells of; older ones are asked for from there on. */
const most_streamed = 1_000;
const older_at_once = 200;

function Total({ value, name, detail, tone, href }: { value: number; name: string; detail?: string; tone: Tone; href?: string | undefined }) {
  const inside = (
    <>
      <span class={`total-value number ${value > 0 ? `total-${tone}` : ''}`}>{value}</span>
      <span class="total-name">{name}</span>
      {detail && <span class="soft small">{detail}</span>}
    </>
  );
  return href ? <a class="card total" href={href}>{inside}</a> : <div class="card total">{inside}</div>;
}

function Totals({ rows }: { rows: readonly ExecutionRow[] }) {
  const found = counts(rows);
  const of = (status: ExecutionStatus) => found.get(status) ?? 0;
  const people = rows.filter((row) => row.waiting_for_people > 0);
  const waiting = people.reduce((sum, row) => sum + row.waiting_for_people, 0);
  const everybody = [...agents.value.values()].filter((agent) => agent.status !== 'retired');
  const holding = everybody.filter((agent) => agent.held_tasks.length > 0).length;
  const away = everybody.filter((agent) => agent.status === 'unreachable').length;
  return (
    <section class="totals" aria-label="In short">
      <Total value={of('RUNNING')} name="running" tone="blue" href={to([], { state: 'RUNNING' })} detail={of('QUEUED') ? `${of('QUEUED')} queued` : 'none queued'} />
      <Total value={of('BLOCKED')} name="blocked" tone="orange" href={to([], { state: 'BLOCKED' })} detail={of('FAILED') ? `${of('FAILED')} failed` : 'none failed'} />
      <Total value={waiting} name={waiting === 1 ? 'waits for people' : 'wait for people'} tone="orange" href={to(['inbox'])} detail={waiting ? `${waiting === 1 ? 'task' : 'tasks'} in ${count(people.length, 'execution')}` : 'nobody is asked'} />
      <Total value={holding} name={holding === 1 ? 'agent at work' : 'agents at work'} tone="green" href={to(['agents'])} detail={`of ${everybody.length}${away ? `, ${away} unreachable` : ''}`} />
      <Total value={of('COMPLETED')} name="completed" tone="green" href={to([], { state: 'COMPLETED' })} detail={`of ${rows.length}`} />
    </section>
  );
}

/** Effort as the bar, tasks as a mark on it: the two differ where large tasks wait behind small ones. */
function Progress({ row }: { row: ExecutionRow }) {
  const { tasks_total, tasks_completed, tasks_skipped, percent, effort_percent } = row.progress;
  const done = tasks_completed + tasks_skipped;
  const words = `${Math.round(effort_percent)} % of the effort, ${done} of ${tasks_total} tasks`;
  const tone = row.status === 'COMPLETED' ? 'green' : row.status === 'FAILED' ? 'red' : row.status === 'CANCELLED' ? 'grey' : 'blue';
  return (
    <div class="x-progress" title={words}>
      <div class="x-numbers">
        <b class="number">{Math.round(effort_percent)} %</b>
        <span class="soft small number">{done} / {tasks_total} tasks</span>
      </div>
      <div class={`bar tone-${tone} x-bar`} role="progressbar" aria-label="Progress" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(effort_percent)} aria-valuetext={words}>
        <i style={{ width: `${Math.min(100, effort_percent)}%` }} />
        {percent > 0 && percent < 100 && <em style={{ left: `${percent}%` }} />}
      </div>
    </div>
  );
}

function Expected({ row }: { row: ExecutionRow }) {
  const eta = eta_of(row).value;
  if (row.completed_at && row.started_at) {
    return <span class="soft small nowrap" title={`Ended ${absolute(row.completed_at)}`}>took {duration(Date.parse(row.completed_at) - Date.parse(row.started_at))}</span>;
  }
  if (!eta || !moves(row)) return null;
  return <span class="small nowrap" title={`Expected to end ${absolute(eta)}`}>ends {relative(eta)}</span>;
}

function Doing({ row }: { row: ExecutionRow }) {
  const current = row.progress.current_task_title;
  const quiet = row.status === 'COMPLETED' || row.status === 'CANCELLED';
  return (
    <div class="x-doing">
      <span class="clip" title={visible(current ?? row.status_message)}>
        {current ? <Text value={current} /> : <span class="soft">{quiet ? '' : <Text value={row.status_message} />}</span>}
      </span>
      <span class="x-marks">
        {row.waiting_for_people > 0 && (
          <span class="mark mark-orange" title={`${row.waiting_for_people} ${row.waiting_for_people === 1 ? 'task waits' : 'tasks wait'} for a person`}>
            <PersonIcon /> {row.waiting_for_people}<span class="heard"> wait for people</span>
          </span>
        )}
        {row.agents.length > 0 && (
          <span class="mark clip" title={`At work: ${row.agents.map(agent_name).join(', ')}`}>
            <AgentIcon /> {row.agents.length === 1 ? agent_name(row.agents[0] ?? '') : `${row.agents.length} agents`}
          </span>
        )}
        <Expected row={row} />
      </span>
    </div>
  );
}

const agent_name = (id: string) => visible(agents.value.get(id)?.name ?? id);

const PersonIcon = () => (
  <svg width="13" height="13" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="5" r="3.2" fill="currentColor" /><path d="M1.8 14.5a6.2 6.2 0 0 1 12.4 0Z" fill="currentColor" /></svg>
);
const AgentIcon = () => (
  <svg width="13" height="13" viewBox="0 0 16 16" aria-hidden="true"><rect x="2" y="5" width="12" height="9" rx="2.5" fill="none" stroke="currentColor" stroke-width="1.7" /><path d="M8 5V2M5.6 9v1.4M10.4 9v1.4" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" /></svg>
);

function Row({ row }: { row: ExecutionRow }) {
  return (
    <article class={`x-row edge-${tone_of(row.status)}`}>
      <div class="x-name">
        <div class="x-title">
          <StateShape status={row.status} size={16} />
          <a class="x-link clip" href={to(['executions', row.execution_id])} title={visible(row.title)}><Text value={row.title} /></a>
          {row.forked_from && <span class="mark" title={`Forked from another execution, after its event ${row.forked_from.seq}`}>fork</span>}
          {row.priority !== 0 && <span class="mark number" title={`Priority ${row.priority}`}>P {row.priority}</span>}
        </div>
        <span class="soft small clip" title={visible(row.goal)}>{row.goal !== row.title ? <Text value={row.goal} /> : <Text value={row.status_message} />}</span>
      </div>
      <Progress row={row} />
      <Doing row={row} />
      <div class="x-state">
        <StateBadge status={row.status} />
        <span class="soft small nowrap"><When at={row.updated_at} /></span>
      </div>
    </article>
  );
}

function Begin() {
  return (
    <section class="card begin">
      <h2>Nothing is being carried out yet</h2>
      <p class="soft">A plan of PlanExe becomes a graph of tasks, agents take them, and this page shows it all as it happens.</p>
      <ol class="steps">
        <li><b>Bring in a plan.</b> <span class="soft">The zip of a PlanExe run, or JSON or Markdown. You see who would do what before anything is kept.</span></li>
        <li><b>Start it.</b> <span class="soft">Tasks whose prerequisites are done become ready.</span></li>
        <li><b>Let agents come.</b> <span class="soft">Programs poll for work over HTTP; people do the same in their <a href={to(['inbox'])}>inbox</a>.</span></li>
      </ol>
      <div class="row"><a class="button primary" href={to(['new'])}>Bring in a plan</a></div>
    </section>
  );
}

/** Executions before those that the stream tells of; page after page. */
function use_older() {
  const [older, set_older] = useState<readonly ExecutionRow[]>([]);
  const [next, set_next] = useState<string | undefined>(undefined);
  const [state, set_state] = useState<'idle' | 'busy' | 'done'>('idle');
  const load = async () => {
    set_state('busy');
    try {
      // The first page is what is known already; its end is where the older ones begin.
      const start = next ?? (await ask<ExecutionRow[]>(`/api/executions?limit=${most_streamed}`)).next;
      if (!start) return set_state('done');
      const page = await ask<ExecutionRow[]>(next ? start : start.replace(/limit=\d+/, `limit=${older_at_once}`));
      set_older((before) => [...before, ...page.value]);
      set_next(page.next);
      set_state(page.next ? 'idle' : 'done');
    } catch (failure) {
      say_refusal(failure);
      set_state('idle');
    }
  };
  return { older, state, load };
}

export function ExecutionsPage() {
  const search = useRef<HTMLInputElement>(null);
  const { older, state: older_state, load } = use_older();
  usePageKeys((key) => {
    if (key !== '/') return false;
    search.current?.focus();
    search.current?.select();
    return true;
  });

  const { query } = place.value;
  const text = query.get('q') ?? '';
  const status = status_of(query.get('state') ?? '');
  const sort = sort_of(query.get('sort') ?? '');
  const live = executions_in_order.value;
  const streamed = new Set(live.map((row) => row.execution_id));
  const all = older.length ? [...live, ...older.filter((row) => !streamed.has(row.execution_id))] : live;
  const matching = searched(all, text);
  const found = counts(matching);
  const rows = ordered(status ? matching.filter((row) => row.status === status) : matching, sort);

  if (query.has('archived')) return <ArchivedList />;
  if (!known.value) return <Waiting title="Executions" />;
  return (
    <div class="stack">
      <div class="spread">
        <h1>Executions</h1>
        <div class="row">
          <a class="button quiet" href={to([], { archived: '1' })}>Archived</a>
          <StopEverything />
          <NewLink />
        </div>
      </div>
      {all.length === 0 ? <Begin /> : (
        <>
          <Totals rows={all} />
          <section class="card">
            <div class="toolbar">
              <label class="search">
                <span class="heard">Search by title, goal or id</span>
                <input
                  ref={search} class="input" type="search" placeholder="Search by title, goal or id" value={text} aria-keyshortcuts="/"
                  onInput={(event) => settle({ q: event.currentTarget.value })}
                  onKeyDown={(event) => {
                    if (event.key === 'Escape') event.currentTarget.blur();
                    if (event.key === 'ArrowDown' || event.key === 'Enter') {
                      event.preventDefault();
                      document.querySelector<HTMLElement>('.x-link')?.focus();
                    }
                  }}
                />
                <kbd aria-hidden="true">/</kbd>
              </label>
              <Chips
                label="State" chosen={status} on_choose={(value) => settle({ state: value })}
                chips={statuses.filter((each) => found.has(each) || each === status).map((each) => ({
                  value: each, count: found.get(each) ?? 0,
                  name: <><span class={`dot dot-${tone_of(each)}`} aria-hidden="true" />{look_of(each).name}</>,
                }))}
              />
              <label class="sort">
                <span class="heard">Order</span>
                <select class="input" value={sort} onChange={(event) => settle({ sort: event.currentTarget.value === 'newest' ? '' : event.currentTarget.value })}>
                  {(Object.keys(sorts) as Sort[]).map((each) => <option key={each} value={each}>{sorts[each]}</option>)}
                </select>
              </label>
            </div>
            {rows.length === 0
              ? <div class="empty"><h2>Nothing fits</h2><p>{more_executions.value && older_state !== 'done' ? `None of the newest ${all.length} has` : 'No execution has'} these words and this state. <button type="button" class="button small" onClick={() => settle({ q: '', state: '' })}>Show all</button></p></div>
              : <VirtualList items={rows} key_of={(row) => row.execution_id} first_guess={69} label="Executions" class="x-list" render={(row) => <Row row={row} />} />}
            {more_executions.value && older_state !== 'done' && (
              <div class="list-foot">
                <span class="soft small">These are the newest {all.length}.</span>
                <button type="button" class="button small" disabled={older_state === 'busy'} onClick={() => void load()}>Show older ones</button>
              </div>
            )}
          </section>
        </>
      )}
    </div>
  );
}

function NewLink() {
  const { disabled, title } = needs('operator');
  return disabled
    ? <button type="button" class="button primary" disabled title={title}>New execution</button>
    : <a class="button primary" href={to(['new'])}>New execution</a>;
}
