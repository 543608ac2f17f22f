// The head of an execution: what it is, how it stands, how far it is, when it will be done, and who is at work.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { Link } from '../../api/stream';
import type { ExecutionStatus, RecordedEvent } from '../../api/types';
import { may } from '../../state/me';
import type { Moment } from '../../state/moment';
import { agents } from '../../state/overview';
import { look_of, StateBadge } from '../../ui/state';
import { Text, visible } from '../../ui/text';
import { absolute, duration, now, relative, When } from '../../ui/time';
import { Controls } from './controls';
import { ForkedFrom } from './fork';
import { WhyView } from './why';
import { expected_end, fate_names, fates, is_final, sums_of, type Fate, type Sums } from './insight';

interface HeaderProps {
  moment: Moment;
  past: boolean;
  link: Link;
  events: readonly RecordedEvent[];
  on_fate: (fate: Fate) => void;
  on_select: (task_id: string) => void;
  /** Something was done to it that no update tells of. */
  on_changed: () => void;
}

const link_words: Record<Link, string> = { connecting: 'connecting', live: 'live', broken: 'reconnecting' };

export function ExecutionHeader({ moment, past, link, events, on_fate, on_select, on_changed }: HeaderProps) {
  const { execution } = moment;
  const sums = sums_of(moment.tasks);
  return (
    <header class="card exec-head">
      <div class="exec-top">
        <div class="grow">
          <div class="row exec-title">
            <h1><Text value={execution.title || execution.execution_id} /></h1>
            <span role="status" aria-live="polite"><StateBadge status={execution.status} /></span>
            <code class="exec-id soft">{visible(execution.execution_id)}</code>
            {execution.archived && <span class="state tone-grey">Archived</span>}
            {!past && !execution.archived && <span class={`link-state ${link}`} role="status">{link_words[link]}</span>}
          </div>
          <Goal text={execution.goal} />
          {execution.forked_from && <ForkedFrom execution_id={execution.execution_id} origin={execution.forked_from} />}
          {execution.status_message && <p class="exec-message"><Text value={execution.status_message} /></p>}
        </div>
        {!past && !execution.archived && may('operator') && <Controls execution={execution} on_changed={on_changed} />}
      </div>
      <Times moment={moment} past={past} events={events} />
      <Bars sums={sums} moment={moment} />
      <Asides moment={moment} past={past} on_select={on_select} on_fate={on_fate} />
      {!past && <AtWork moment={moment} on_select={on_select} />}
    </header>
  );
}

/** Goals are whole briefs; the first lines are enough until somebody asks. */
function Goal({ text }: { text: string }) {
  const [open, set_open] = useState(false);
  if (!text) return null;
  const long = text.length > 220;
  return (
    <p class={`exec-goal soft${open || !long ? '' : ' cut'}`}>
      <Text value={text} />
      {long && <> <button type="button" class="text-link small" aria-expanded={open} onClick={() => set_open(!open)}>{open ? 'less' : 'more'}</button></>}
    </p>
  );
}

/** Events that may begin a state. */
const turns: Partial<Record<ExecutionStatus, readonly string[]>> = {
  QUEUED: ['execution_queued', 'execution_resumed', 'execution_unblocked'],
  RUNNING: ['execution_started', 'execution_resumed', 'execution_unblocked'],
  BLOCKED: ['execution_blocked'],
  PAUSED: ['execution_paused'],
  FAILED: ['execution_failed'],
};

/** When the state that it is in began: by the last events, or, where these tell only of tasks, by asking. */
function useSince({ execution, seq, past }: Moment, events: readonly RecordedEvent[]): string | undefined {
  const { execution_id, status } = execution;
  const turn = events.find((event) => event.seq <= seq && event.event_type.startsWith('execution_') && event.status === status);
  const [asked, set_asked] = useState<RecordedEvent>();
  const wants = !turn && turns[status] !== undefined;
  useEffect(() => {
    set_asked(undefined);
    if (!wants) return;
    const control = new AbortController();
    const path = `/api/executions/${encodeURIComponent(execution_id)}/events?limit=1&before_seq=${seq + 1}&type=`;
    void Promise.all((turns[status] ?? []).map((type) => get<RecordedEvent[]>(path + type, control.signal))).then(
      (found) => set_asked(found.flat().filter((event) => event.status === status).sort((a, b) => b.seq - a.seq)[0]),
      () => undefined,
    );
    return () => control.abort();
  }, [execution_id, status, wants, past ? seq : 0]);
  return turn?.timestamp ?? asked?.timestamp ?? (status === 'CREATED' ? execution.created_at : execution.completed_at);
}

function Bars({ sums, moment }: { sums: Sums; moment: Moment }) {
  const { progress } = moment.execution;
  return (
    <div class="bars">
      <div class="bar-pair">
        <div class="bar-line">
          <span class="bar-name">Tasks</span>
          <Segments count={sums.count} total={sums.leaves} label={`${Math.floor(progress.percent)} % of the tasks`} percent={progress.percent} />
          <b class="number">{progress.tasks_completed + progress.tasks_skipped} <span class="soft">of {progress.tasks_total}</span></b>
        </div>
        <div class="bar-line">
          <span class="bar-name">Effort</span>
          <Segments count={sums.effort} total={sums.total_effort} label={`${Math.floor(progress.effort_percent)} % of the effort`} percent={progress.effort_percent} />
          <b class="number">{Math.floor(progress.effort_percent)} %</b>
        </div>
      </div>
    </div>
  );
}

function Legend({ sums, on_fate }: { sums: Sums; on_fate: (fate: Fate) => void }) {
  return (
    <div class="legend">
      {fates.filter((fate) => sums.count[fate] > 0).map((fate) => (
        <button key={fate} type="button" class="legend-item" title={`Show tasks that are ${fate_names[fate]}`} onClick={() => on_fate(fate)}>
          <i class={`swatch fate-${fate}`} aria-hidden="true" /><b class="number">{sums.count[fate]}</b> {fate_names[fate]}
        </button>
      ))}
    </div>
  );
}

function Segments({ count, total, label, percent }: { count: Record<Fate, number>; total: number; label: string; percent: number }) {
  return (
    <div class="fate-bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(percent)}>
      {fates.filter((fate) => count[fate] > 0 && fate !== 'waiting').map((fate) => (
        <i key={fate} class={`fate-${fate}`} style={{ flexGrow: count[fate] }} />
      ))}
      <i class="fate-waiting" style={{ flexGrow: count.waiting || (total === 0 ? 1 : 0) }} />
    </div>
  );
}

function Times({ moment, past, events }: { moment: Moment; past: boolean; events: readonly RecordedEvent[] }) {
  const { execution } = moment;
  const changed = useSince(moment, events);
  const end = expected_end(execution.forecast);
  const over = is_final(execution) || execution.status === 'FAILED';
  const late = !over && end && execution.deadline_at && Date.parse(end.eta) > Date.parse(execution.deadline_at);
  return (
    <dl class="exec-times">
      {changed && <Time name={`${look_of(execution.status).name} since`}>{past ? absolute(changed) : <When at={changed} />}</Time>}
      {execution.started_at && execution.started_at !== changed && <Time name="Started" minor>{past ? absolute(execution.started_at) : <When at={execution.started_at} />}</Time>}
      {execution.completed_at && execution.started_at && <Time name="Took">{duration(Date.parse(execution.completed_at) - Date.parse(execution.started_at))}</Time>}
      {!over && end && (
        <Time name="Expected end">
          <span title={absolute(end.eta)}>{past ? absolute(end.eta) : relative(end.eta)}</span>
          {end.earliest && end.latest && short_time(end.earliest) !== short_time(end.latest) && <span class="soft small"> between {short_time(end.earliest)} and {short_time(end.latest)}</span>}
        </Time>
      )}
      {!over && execution.deadline_at && <Time name="Deadline"><span class={late ? 'ink-red' : ''} title={absolute(execution.deadline_at)}>{past ? absolute(execution.deadline_at) : relative(execution.deadline_at)}{late ? ', will be missed' : ''}</span></Time>}
      {execution.priority !== 0 && <Time name="Priority">{execution.priority}</Time>}
    </dl>
  );
}

const this_day = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const other_day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
function short_time(time: string): string {
  const date = new Date(time);
  return (date.toDateString() === new Date(now.value).toDateString() ? this_day : other_day).format(date);
}

function Time({ name, minor, children }: { name: string; minor?: boolean; children: preact.ComponentChildren }) {
  return <div class={minor ? 'minor' : ''}><dt>{name}</dt><dd class="number">{children}</dd></div>;
}

/** What the bars' colours mean, why it is not done, and what was odd about the plan. */
function Asides({ moment, past, on_select, on_fate }: { moment: Moment; past: boolean; on_select: (task_id: string) => void; on_fate: (fate: Fate) => void }) {
  const [open, set_open] = useState<'why' | 'warnings'>();
  const { execution } = moment;
  const asks = !is_final(execution) && execution.status !== 'CREATED';
  const { warnings } = execution;
  const toggle = (name: 'why' | 'warnings') => set_open(open === name ? undefined : name);
  return (
    <div class="asides">
      <div class="aside-row">
        <Legend sums={sums_of(moment.tasks)} on_fate={on_fate} />
        {asks && <button type="button" class="button small quiet" aria-expanded={open === 'why'} onClick={() => toggle('why')}>{past ? 'Why was it not done?' : 'Why is it not done?'}</button>}
        {warnings.length > 0 && <button type="button" class="button small quiet" aria-expanded={open === 'warnings'} onClick={() => toggle('warnings')}>{warnings.length} {warnings.length === 1 ? 'warning' : 'warnings'} about the plan</button>}
      </div>
      {open === 'why' && asks && <div class="aside-body"><WhyView execution_id={execution.execution_id} seq={moment.seq} at={past ? moment.seq : undefined} may_decide={!past && !execution.archived && may('operator')} on_select={on_select} /></div>}
      {open === 'warnings' && (
        <ul class="aside-body warnings small">
          {warnings.map((warning, i) => (
            <li key={i}>
              <code>{visible(warning.code)}</code> <Text value={warning.detail} />
              {warning.task_id && moment.by_id.has(warning.task_id) && <> <button type="button" class="text-link" onClick={() => on_select(warning.task_id as string)}><Text value={moment.by_id.get(warning.task_id)?.title} /></button></>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Agents drawn before the rest is only counted. */
const agents_shown = 12;

function AtWork({ moment, on_select }: { moment: Moment; on_select: (task_id: string) => void }) {
  const [all, set_all] = useState(false);
  const { held } = sums_of(moment.tasks);
  if (held.length === 0) return null;
  const shown = all ? held : held.slice(0, agents_shown);
  return (
    <div class="at-work">
      <h2 class="heard">Agents at work</h2>
      <ul>
        {shown.map((task) => {
          const agent = agents.value.get(task.agent_id ?? '');
          const ends_ms = task.lease_expires_at ? Date.parse(task.lease_expires_at) - now.value : undefined;
          return (
            <li key={task.task_id} class={agent?.status === 'unreachable' ? 'gone' : ''}>
              <button type="button" class="worker" onClick={() => on_select(task.task_id)}>
                <span class="worker-name clip"><Text value={agent?.name ?? task.agent_id} /></span>
                <span class="worker-task clip small"><Text value={task.title} /></span>
                <span class="worker-times small soft number">
                  {task.started_at && <span>for {duration(now.value - Date.parse(task.started_at))}</span>}
                  {agent?.last_seen_at && <span>seen {relative(agent.last_seen_at)}</span>}
                  {ends_ms !== undefined && <span class={ends_ms < 60_000 ? 'ink-orange' : ''}>lease {ends_ms > 0 ? duration(ends_ms) : 'has ended'}</span>}
                </span>
                <span class="worker-bar" aria-hidden="true"><i style={{ width: `${task.progress_percent}%` }} /></span>
              </button>
            </li>
          );
        })}
      </ul>
      {held.length > shown.length && <button type="button" class="button small quiet" onClick={() => set_all(true)}>{held.length - shown.length} more at work</button>}
    </div>
  );
}
