// One agent: what it is, what it holds and for how long, what it has done.
import { useEffect, useState } from 'preact/hooks';
import { get, patch, Refusal } from '../../api/http';
import type { Activity, Agent } from '../../api/types';
import { to } from '../../router';
import { merged } from '../../state/feed';
import type { Inbox } from '../../state/inbox';
import { needs } from '../../state/me';
import { activity, agents } from '../../state/overview';
import { ActivityList } from '../../ui/activity_list';
import { Dialog } from '../../ui/dialog';
import { StateBadge } from '../../ui/state';
import { Text, visible } from '../../ui/text';
import { duration, When } from '../../ui/time';
import { attempt, say } from '../../ui/toast';
import { Waiting } from '../../ui/waiting';
import { initials, kind_names } from './agents';
import { EditDialog } from './profile';
import '../../styles/lists.css';
import '../../styles/agents.css';

/** Lines of activity on the page; all of them stand in the feed. */
const lines_shown = 50;

export function AgentPage({ id }: { id: string }) {
  const agent = use_agent(id);
  const [asks, set_asks] = useState<'edit' | 'retire' | undefined>(undefined);
  if (agent === 'missing') return <div class="empty"><h1>There is no such agent</h1><p><a href={to(['agents'])}>To all agents</a></p></div>;
  if (!agent) return <Waiting title="Agent" />;
  const path = `/api/agents/${encodeURIComponent(id)}`;
  const paused = agent.status === 'paused';
  const retired = agent.status === 'retired';
  const rights = needs('operator');
  return (
    <div class="stack">
      <a class="small" href={to(['agents'])}>Agents</a>
      <div class="spread">
        <div class="agent-head">
          <span class="agent-avatar large" aria-hidden="true">{initials(agent.name)}</span>
          <div>
            <h1><Text value={agent.name} /></h1>
            <div class="row">
              <StateBadge status={agent.status} />
              <span class="soft small">{kind_names[agent.kind]}{agent.last_seen_at && <>, seen <When at={agent.last_seen_at} /></>}</span>
            </div>
          </div>
        </div>
        <div class="row">
          {agent.kind === 'human' && <a class="button" href={to(['inbox', id])}>Inbox</a>}
          {!retired && (
            <button
              type="button" class="button" {...rights}
              onClick={() => void attempt(paused ? `${agent.name} works again.` : `${agent.name} is paused.`, () => patch(path, { status: paused ? 'active' : 'paused' }))}
            >
              {paused ? 'Let work again' : 'Pause'}
            </button>
          )}
          <button type="button" class="button" {...rights} onClick={() => set_asks('edit')}>Change</button>
          {!retired && <button type="button" class="button danger" {...rights} onClick={() => set_asks('retire')}>Retire</button>}
        </div>
      </div>
      <div class="agent-page">
        <div class="stack">
          <Numbers agent={agent} />
          <Held agent={agent} />
          <section class="card">
            <div class="card-head"><h2>What it is</h2></div>
            <dl class="facts card-pad">
              <dt>Id</dt><dd><code>{visible(agent.agent_id)}</code></dd>
              <dt>Roles</dt><dd><Tags texts={agent.roles} none="none: any role" /></dd>
              <dt>Actions</dt><dd><Tags texts={agent.capabilities.map((each) => each.action)} none="none" /></dd>
              <dt>At once</dt><dd class="number">{agent.max_concurrent_tasks}</dd>
              {agent.registered_at && <><dt>Registered</dt><dd><When at={agent.registered_at} /></dd></>}
              {agent.webhook_url && <><dt>Webhook</dt><dd><code>{visible(agent.webhook_url)}</code></dd></>}
            </dl>
          </section>
        </div>
        <Lately id={id} />
      </div>
      {asks === 'edit' && <EditDialog agent={agent} on_close={() => set_asks(undefined)} />}
      {asks === 'retire' && (
        <Dialog
          title={`Retire ${visible(agent.name)}?`} action="Retire" danger on_close={() => set_asks(undefined)}
          on_confirm={async () => {
            await patch(path, { status: 'retired' });
            say(`${agent.name} is retired.`);
          }}
        >
          <p class="soft">It is handed nothing any more. {agent.held_tasks.length > 0 ? 'What it holds goes back to be handed to somebody else.' : 'It holds nothing now.'} What it has done stays on the record.</p>
        </Dialog>
      )}
    </div>
  );
}

function Tags({ texts, none }: { texts: readonly string[]; none: string }) {
  if (texts.length === 0) return <span class="soft">{none}</span>;
  return <span class="tags">{texts.map((text) => <span key={text} class="tag" title={visible(text)}>{text === '*' ? 'any' : visible(text)}</span>)}</span>;
}

/** Live from the overview; asked for where that does not have it. */
function use_agent(id: string): Agent | 'missing' | undefined {
  const live = agents.value.get(id);
  const [asked, set_asked] = useState<Agent | 'missing' | undefined>(undefined);
  const absent = live === undefined;
  useEffect(() => {
    if (!absent) return;
    const control = new AbortController();
    get<Agent>(`/api/agents/${encodeURIComponent(id)}`, control.signal)
      .then(set_asked)
      .catch((failure: unknown) => { if (failure instanceof Refusal && failure.status === 404) set_asked('missing'); });
    return () => control.abort();
  }, [id, absent]);
  return live ?? asked;
}

function Numbers({ agent }: { agent: Agent }) {
  const ended = agent.completed + agent.failed;
  const numbers: [string, string][] = [
    [String(agent.completed), 'completed'], [String(agent.failed), 'failed'],
    [ended > 0 ? `${Math.round((100 * agent.completed) / ended)} %` : '–', 'of its attempts succeed'],
    [agent.median_task_seconds === undefined ? '–' : duration(agent.median_task_seconds * 1_000), 'for half of its tasks'],
  ];
  return (
    <section class="card agent-numbers" aria-label="What it has done">
      {numbers.map(([value, name]) => <div key={name}><b class="number">{value}</b><span class="soft small">{name}</span></div>)}
    </section>
  );
}

function Held({ agent }: { agent: Agent }) {
  const [held, set_held] = useState<Inbox['held'] | undefined>(undefined);
  const holds = agent.held_tasks.map((task) => `${task.execution_id} ${task.task_id}`).join('\n');
  // The overview names what is held by ids alone.
  useEffect(() => {
    if (!holds) return set_held([]);
    const control = new AbortController();
    get<Inbox>(`/api/agents/${encodeURIComponent(agent.agent_id)}/inbox?limit=1`, control.signal)
      .then((inbox) => set_held(inbox.held))
      .catch(() => undefined);
    return () => control.abort();
  }, [agent.agent_id, holds]);
  return (
    <section class="card">
      <div class="card-head"><h2>Holds</h2><span class="soft small number">{agent.held_tasks.length} of {agent.max_concurrent_tasks}</span></div>
      {agent.held_tasks.length === 0 && <p class="soft card-pad">Nothing at present.</p>}
      <ul class="held-list">
        {agent.held_tasks.map((task) => {
          const told = held?.find((each) => each.task_id === task.task_id && each.execution_id === task.execution_id);
          return (
            <li key={task.execution_id + task.task_id}>
              <a class="held-title" href={to(['executions', task.execution_id], { task: task.task_id })}><Text value={told?.title ?? task.task_id} /></a>
              <span class="soft small">
                {told && <>in <Text value={told.execution_title} />, </>}since <When at={task.since} />
                {told?.lease_expires_at && <>, lease ends <When at={told.lease_expires_at} /></>}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Lately({ id }: { id: string }) {
  const [before, set_before] = useState<readonly Activity[]>([]);
  useEffect(() => {
    const control = new AbortController();
    get<Activity[]>(`/api/activity?agent_id=${encodeURIComponent(id)}&limit=${lines_shown}`, control.signal)
      .then(set_before)
      .catch(() => undefined);
    return () => control.abort();
  }, [id]);
  const entries = merged(before, activity.value.filter((entry) => entry.agent_id === id)).slice(0, lines_shown);
  return (
    <section class="card">
      <div class="card-head"><h2>Lately</h2><a class="small" href={to(['activity'], { agent: id })}>All of it</a></div>
      {entries.length === 0 ? <p class="soft card-pad">Nothing yet.</p> : <ActivityList entries={entries} label="What it did, newest first" />}
    </section>
  );
}
