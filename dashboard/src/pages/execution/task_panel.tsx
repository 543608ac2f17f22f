// Everything about one task: beside the tree, or over the page on a phone.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { RecordedEvent } from '../../api/types';
import { to } from '../../router';
import { agents } from '../../state/overview';
import type { Moment, Node } from '../../state/moment';
import { StateBadge, StateShape } from '../../ui/state';
import { Text, visible } from '../../ui/text';
import { relative, When } from '../../ui/time';
import { always_offered, approvable_below, blockers_by_task, DecisionButtons } from './decisions';
import { EventLine } from './event_line';
import { actual_ms, ancestors_of, below, dependents_of, effort, fate_names, fates, is_leaf, is_over, moment_ms, shown_status, took } from './insight';
import { JsonView } from './json_view';
import { ConcernsOf } from './risks';
import { WhyView } from './why';
import '../../styles/task_panel.css';

/** Relations shown before the rest opens on demand. */
const relations_shown = 8;
const events_asked = 100;

export interface PanelProps {
  moment: Moment;
  task: Node;
  /** False: the past is shown, or the key may only look. */
  may_decide: boolean;
  past: boolean;
  /** Events as they come; the panel asks for its own when one is about its task. */
  events: readonly RecordedEvent[];
  on_select: (task_id: string | undefined) => void;
  on_at: (seq: number) => void;
}

export function TaskPanel(props: PanelProps) {
  const { moment, task, may_decide, past, on_select } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever opens a task by hand goes to it; a link that is opened leaves the focus alone.
  useEffect(() => {
    if (document.activeElement && document.activeElement !== document.body) heading.current?.focus({ preventScroll: true });
  }, [task.task_id]);
  const recorded = useTaskEvents(props);
  return (
    <aside class="panel card" aria-label={`Task: ${visible(task.title)}`} onKeyDown={(event) => event.key === 'Escape' && on_select(undefined)}>
      <div class="panel-head">
        <nav class="panel-path small" aria-label="Part of">
          {ancestors_of(moment, task.task_id).map((each) => (
            <button key={each.task_id} type="button" class="text-link" onClick={() => on_select(each.task_id)}><Text value={each.title} /></button>
          ))}
        </nav>
        <button type="button" class="button quiet small" aria-label="Close the task" onClick={() => on_select(undefined)}>✕</button>
        <h2 ref={heading} tabIndex={-1}><Text value={task.title} /></h2>
        <div class="row">
          <StateBadge status={shown_status(task)} />
          <span class="soft small">{task.level}</span>
          {task.status === 'RUNNING' && <span class="number small">{Math.floor(task.progress_percent)} %</span>}
        </div>
      </div>
      <div class="panel-body">
        {may_decide && <Deciding moment={moment} task={task} />}
        <Waiting task={task} />
        {!is_over(task.status) && (
          <Section title={past ? 'Why was this waiting?' : 'Why is this waiting?'} open={task.status !== 'RUNNING' && is_leaf(task)} key={`why ${task.task_id}`}>
            <WhyView execution_id={moment.execution.execution_id} task_id={task.task_id} seq={moment.seq} at={past ? moment.seq : undefined} may_decide={may_decide} on_select={on_select} />
          </Section>
        )}
        {task.error && (
          <div class="panel-error" role="note"><b>{task.status === 'ERROR' ? '' : 'The attempt before failed: '}<Text value={task.error.error_type} /></b><p><Text value={task.error.error_message} /></p></div>
        )}
        {task.description && <p class="panel-text"><Text value={task.description} /></p>}
        <Concerns moment={moment} task={task} />
        <Facts moment={moment} task={task} />
        <Relations moment={moment} task={task} on_select={on_select} />
        <Result task={task} recorded={recorded} />
        <Section title={`Events (${recorded.length}${recorded.length === events_asked ? ' newest' : ''})`} open>
          {recorded.length === 0 ? <p class="soft small">Nothing has happened to it yet.</p> : (
            <ol class="panel-events">{recorded.map((event) => <li key={event.seq}><EventLine event={event} moment={moment} on_at={props.on_at} on_select={on_select} /></li>)}</ol>
          )}
        </Section>
      </div>
    </aside>
  );
}

export function Section({ title, open, children }: { title: string; open?: boolean; children: ComponentChildren }) {
  const [is_open, set_open] = useState(open ?? false);
  return (
    <details class="section" open={is_open} onToggle={(event) => set_open(event.currentTarget.open)}>
      <summary>{title}</summary>
      {is_open && <div class="section-body">{children}</div>}
    </details>
  );
}

/** The task's own events, newest first, asked for again when the stream tells of another one. */
function useTaskEvents({ moment, task, events, past }: PanelProps): readonly RecordedEvent[] {
  const [found, set_found] = useState<{ id: string; events: RecordedEvent[] }>({ id: '', events: [] });
  const newest = past ? moment.seq : events.find((event) => event.task_id === task.task_id)?.seq ?? 0;
  useEffect(() => {
    const control = new AbortController();
    const before = past ? `&before_seq=${moment.seq + 1}` : '';
    get<RecordedEvent[]>(
      `/api/executions/${encodeURIComponent(moment.execution.execution_id)}/events?limit=${events_asked}&task_id=${encodeURIComponent(task.task_id)}${before}`,
      control.signal,
    ).then((answer) => set_found({ id: task.task_id, events: answer }), () => undefined);
    return () => control.abort();
  }, [task.task_id, newest, past]);
  return found.id === task.task_id ? found.events : [];
}

function Deciding({ moment, task }: { moment: Moment; task: Node }) {
  const { execution_id, status } = moment.execution;
  if (status === 'COMPLETED' || status === 'CANCELLED' || status === 'FAILED' || is_over(task.status)) return null;
  if (!is_leaf(task)) {
    const count = approvable_below(moment, task);
    return count > 0 ? (
      <div class="stack tight">
        <p class="small soft">{count} below {count === 1 ? 'waits' : 'wait'} for approval.</p>
        <DecisionButtons execution_id={execution_id} task={task} options={['approve', 'skip', 'reject']} count={count} small />
      </div>
    ) : null;
  }
  const blocker = blockers_by_task(moment.execution).get(task.task_id);
  if (blocker) return <DecisionButtons execution_id={execution_id} task={task} options={blocker.options} small />;
  return (
    <Section title="Decide" key={`decide ${task.task_id}`}>
      <DecisionButtons execution_id={execution_id} task={task} options={always_offered} small />
    </Section>
  );
}

function Waiting({ task }: { task: Node }) {
  const { waiting_for: wait } = task;
  if (!wait) return null;
  return (
    <div class="panel-wait">
      <p><Text value={wait.detail || wait.kind} /></p>
      <p class="small soft">since <When at={wait.since} />{wait.wake_at && <>, looked at again {relative(wait.wake_at)}</>}</p>
    </div>
  );
}

function Concerns({ moment, task }: { moment: Moment; task: Node }) {
  const blocker = blockers_by_task(moment.execution).get(task.task_id);
  if (!blocker) return null;
  return <ConcernsOf blocker={blocker} />;
}

function Facts({ moment, task }: { moment: Moment; task: Node }) {
  const leaf = is_leaf(task);
  const actual = actual_ms(task, moment_ms(moment));
  const holder = task.agent_id ? agents.value.get(task.agent_id) : undefined;
  const sums = leaf ? undefined : below(moment.tasks, moment.by_id.places.get(task.task_id) ?? 0);
  const tiers = ['', 'an agent alone', 'an agent, after approval', 'a person leads'];
  return (
    <dl class="task-facts">
      {sums && <Fact name="Leaves">{sums.leaves}: {fates.filter((fate) => sums.count[fate] > 0).map((fate) => `${sums.count[fate]} ${fate_names[fate]}`).join(', ')}</Fact>}
      {task.assignee_role && <Fact name="Role"><Text value={task.assignee_role} /></Fact>}
      {task.agent_id && (
        <Fact name={task.status === 'RUNNING' ? 'Held by' : 'Agent'}>
          <a href={to(['agents', task.agent_id])}><Text value={holder?.name ?? task.agent_id} /></a>
          {holder?.last_seen_at && task.status === 'RUNNING' && <span class="soft">, last seen <When at={holder.last_seen_at} /></span>}
        </Fact>
      )}
      {task.lease_expires_at && <Fact name="Lease ends">{relative(task.lease_expires_at)}</Fact>}
      {leaf && <Fact name="Attempt">{task.attempt} of {task.max_attempts}</Fact>}
      {task.estimate && <Fact name="Planned">{effort(task.estimate.days_realistic)} <span class="soft">({effort(task.estimate.days_min)} to {effort(task.estimate.days_max)})</span></Fact>}
      {actual !== undefined && <Fact name={task.completed_at ? 'Took' : 'Going on for'}>{took(actual)}</Fact>}
      {task.started_at && <Fact name="Started"><When at={task.started_at} /></Fact>}
      {task.completed_at && <Fact name="Ended"><When at={task.completed_at} /></Fact>}
      {task.slack_days !== undefined && <Fact name="Slack">{task.slack_days < 0.01 ? <b>none: it is on the critical path</b> : effort(task.slack_days)}</Fact>}
      {leaf && task.action && <Fact name="Action"><code>{visible(task.action)}</code></Fact>}
      {leaf && <Fact name="Autonomy">tier {task.autonomy_tier}, {tiers[task.autonomy_tier] ?? ''}</Fact>}
      {leaf && <Fact name="Confidence"><Confidence value={task.decomposition_confidence} /></Fact>}
      {leaf && <Fact name="May take">{task.timeout_hours} h an attempt</Fact>}
      {task.priority !== 0 && <Fact name="Priority">{task.priority}</Fact>}
      <Fact name="Id"><code>{visible(task.task_id)}</code></Fact>
      {leaf && !empty(task.params) && <Fact name="Parameters"><JsonView value={task.params} /></Fact>}
    </dl>
  );
}

const empty = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return <><dt>{name}</dt><dd>{children}</dd></>;
}

function Confidence({ value }: { value: number }) {
  const tone = value >= 0.7 ? 'green' : value >= 0.5 ? 'orange' : 'red';
  return <span class={`number ink-${tone}`}>{Math.round(value * 100)} %</span>;
}

function Relations({ moment, task, on_select }: { moment: Moment; task: Node; on_select: (id: string) => void }) {
  return (
    <>
      <Related title="Comes after" ids={task.prerequisites} moment={moment} on_select={on_select} />
      <Related title="Is needed by" ids={dependents_of(moment).get(task.task_id) ?? []} moment={moment} on_select={on_select} />
    </>
  );
}

function Related({ title, ids, moment, on_select }: { title: string; ids: readonly string[]; moment: Moment; on_select: (id: string) => void }) {
  const [all, set_all] = useState(false);
  if (ids.length === 0) return null;
  const shown = all ? ids : ids.slice(0, relations_shown);
  return (
    <div class="related">
      <h3>{title}</h3>
      <ul>
        {shown.map((id) => {
          const other = moment.by_id.get(id);
          return (
            <li key={id}>
              {other && <StateShape status={shown_status(other)} size={13} />}
              <button type="button" class="text-link" onClick={() => on_select(id)}><Text value={other?.title ?? id} /></button>
            </li>
          );
        })}
      </ul>
      {ids.length > shown.length && <button type="button" class="button small quiet" onClick={() => set_all(true)}>{ids.length - shown.length} more</button>}
    </div>
  );
}

/** What came out. Updates tell only that there is something; the record has it. */
function Result({ task, recorded }: { task: Node; recorded: readonly RecordedEvent[] }) {
  const result = task.result !== undefined ? task.result
    : task.has_result ? recorded.find((event) => event.event_type === 'task_complete')?.['output_data'] : undefined;
  if (result === undefined) return null;
  return (
    <Section title="Result" open key={`result ${task.task_id}`}>
      <JsonView value={result} />
      <DownloadLink name={`${task.task_id.replace(/[^A-Za-z0-9._-]/g, '_')}.json`} value={result} />
    </Section>
  );
}

/** Saves as a file; never opened in the page, whatever is in it. */
function DownloadLink({ name, value }: { name: string; value: unknown }) {
  const [url, set_url] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: 'application/octet-stream' }));
    set_url(made);
    return () => URL.revokeObjectURL(made);
  }, [value]);
  return <a class="button small" href={url} download={name}>Save as a file</a>;
}
