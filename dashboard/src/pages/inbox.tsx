// Where a person works: what they hold, what they are asked about, what they could take. They poll and report as programs
// do, under an agent's id of their own.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ask, get, post } from '../api/http';
import type { Agent, Task } from '../api/types';
import { go, place, to } from '../router';
import { key_of, renewal_ms, work_of, type AvailableTask, type Inbox, type Work, type WorkAnswer } from '../state/inbox';
import { may, me, needs } from '../state/me';
import { agents, agents_in_order, executions, known } from '../state/overview';
import { Text, visible } from '../ui/text';
import { relative, When } from '../ui/time';
import { say, say_refusal } from '../ui/toast';
import { count } from '../ui/words';
import { Waiting } from '../ui/waiting';
import { initials } from './agents/agents';
import { RegisterDialog } from './agents/profile';
import { DecisionButtons, Question } from './execution/decisions';
import { HeldCard } from './inbox_work';
import '../styles/lists.css';
import '../styles/agents.css';
import '../styles/inbox.css';

const chosen_place = 'planexe-ax.person';

function remembered(): string | undefined {
  try {
    return localStorage.getItem(chosen_place) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(id: string): void {
  try {
    localStorage.setItem(chosen_place, id);
  } catch {
    // Without storage the choice is made anew each time.
  }
}

export function InboxPage({ id }: { id: string | undefined }) {
  // Whose key belongs to an agent looks at that one's inbox first.
  const own = me.value.agent_id;
  const picks = place.value.query.has('pick');
  const last = own ?? remembered();
  useEffect(() => {
    if (!id && last && !picks && known.value && agents.value.has(last)) location.replace(to(['inbox', last]));
  }, [id, last, picks, known.value]);
  if (!known.value && !id) return <Waiting title="Inbox" />;
  return id ? <PersonInbox key={id} id={id} /> : <Pick />;
}

function Pick() {
  const [registers, set_registers] = useState(false);
  const people = agents_in_order.value.filter((agent) => agent.kind === 'human' && agent.status !== 'retired');
  return (
    <div class="stack pick">
      <h1>Whose inbox?</h1>
      <p class="soft">People work as agents do: they take tasks, report, and decide where they are asked.</p>
      {people.length > 0 && (
        <ul class="people">
          {people.map((person) => (
            <li key={person.agent_id}>
              <a class="card person" href={to(['inbox', person.agent_id])}>
                <span class="agent-avatar" aria-hidden="true">{initials(person.name)}</span>
                <span class="agent-name"><b class="clip"><Text value={person.name} /></b><span class="soft small clip">{person.roles.includes('*') ? 'any role' : <Text value={person.roles.join(', ')} />}</span></span>
                {person.held_tasks.length > 0 && <span class="state tone-blue">{person.held_tasks.length}<span class="heard"> held</span></span>}
              </a>
            </li>
          ))}
        </ul>
      )}
      <div><button type="button" class={`button ${people.length === 0 ? 'primary' : ''}`} onClick={() => set_registers(true)} {...needs('operator')}>Register a person</button></div>
      {registers && <RegisterDialog kind="human" on_close={() => set_registers(false)} on_registered={(id) => go(to(['inbox', id]))} />}
    </div>
  );
}

/** Decisions and tasks asked for at a time. */
const most_listed = 100;
/** Changes that come close together are asked about once. */
const settle_ms = 700;
const look_again_ms = 30_000;

/** The inbox, asked for again when something moved that may change it. */
function use_inbox(id: string) {
  const [inbox, set_inbox] = useState<Inbox | undefined>(undefined);
  const [missing, set_missing] = useState<string | undefined>(undefined);
  const latest = useRef(0);
  const refresh = useCallback(async () => {
    const turn = ++latest.current;
    try {
      const found = await get<Inbox>(`/api/agents/${encodeURIComponent(id)}/inbox?limit=${most_listed}`);
      // An older answer that comes late says nothing any more.
      if (turn === latest.current) set_inbox(found);
    } catch (failure) {
      if (turn === latest.current && failure instanceof Error) set_missing(failure.message);
    }
  }, [id]);
  const rows = [...executions.value.values()];
  const moved = rows.reduce((sum, row) => sum + row.waiting_for_people * 7 + row.progress.tasks_completed + row.agents.length * 3, rows.length);
  const held = agents.value.get(id)?.held_tasks.map(key_of).join() ?? '';
  useEffect(() => {
    const timer = setTimeout(() => void refresh(), inbox ? settle_ms : 0);
    return () => clearTimeout(timer);
  }, [refresh, moved, held]);
  useEffect(() => {
    const timer = setInterval(() => { if (document.visibilityState === 'visible') void refresh(); }, look_again_ms);
    return () => clearInterval(timer);
  }, [refresh]);
  return { inbox, missing: inbox ? undefined : missing, refresh };
}

/** What is known of the held tasks beyond their titles: from polls, else from their executions. */
function use_works(id: string, inbox: Inbox | undefined) {
  const [works, set_works] = useState<ReadonlyMap<string, Work>>(new Map());
  const add = useCallback((found: readonly Work[]) => {
    if (found.length) set_works((before) => new Map([...before, ...found.map((work): [string, Work] => [key_of(work), work])]));
  }, []);
  const unknown = (inbox?.held ?? []).filter((held) => !works.has(key_of(held)));
  const asked = useRef(new Set<string>());
  useEffect(() => {
    const fresh = unknown.filter((held) => !asked.current.has(key_of(held)));
    if (!inbox || fresh.length === 0) return;
    for (const held of fresh) asked.current.add(key_of(held));
    void learn(id, fresh).then(add).catch(() => undefined);
  }, [unknown.map(key_of).join()]);
  return { works, add };
}

async function learn(id: string, unknown: Inbox['held']): Promise<Work[]> {
  // Who holds all that they can is told of it again by a poll. Looking must not take anything: no task has this action.
  const found = (await poll(id, '-')).tasks;
  const told = new Set(found.map(key_of));
  const rest = unknown.filter((held) => !told.has(key_of(held)));
  for (const execution_id of new Set(rest.map((held) => held.execution_id))) {
    const tasks = await get<Task[]>(`/api/executions/${encodeURIComponent(execution_id)}/tasks?flat=true`);
    const goal = executions.value.get(execution_id)?.goal ?? '';
    for (const held of rest) {
      const work = held.execution_id === execution_id ? work_of(held, tasks, goal) : undefined;
      if (work) found.push(work);
    }
  }
  return found;
}

/** `action`: the only one that is wanted; none given: any. */
async function poll(id: string, action?: string): Promise<WorkAnswer> {
  const query = action === undefined ? '' : `&supported_actions=${encodeURIComponent(action)}`;
  const { value } = await ask<WorkAnswer | undefined>(`/api/agents/${encodeURIComponent(id)}/work?wait=0&limit=1${query}`);
  // 204: there is nothing.
  return value ?? { tasks: [], revoked: [], force_pause: false };
}

/** Keeps leases alive while the page is open and looked at: whoever closes it loses their tasks to others in time. */
function use_heartbeats(id: string, held: Inbox['held'][number] | undefined, on_renewed: () => void) {
  const execution_id = held?.execution_id;
  const timeout = me.value.server?.agent_timeout_seconds ?? 1_800;
  useEffect(() => {
    if (!execution_id) return;
    const left = held?.lease_expires_at ? (Date.parse(held.lease_expires_at) - Date.now()) / 1_000 : timeout;
    const beat = () => {
      if (document.visibilityState !== 'visible') return;
      post(`/api/executions/${encodeURIComponent(execution_id)}/events`, { agent_id: id, event_type: 'heartbeat' }).then(on_renewed).catch(() => undefined);
    };
    beat();
    const timer = setInterval(beat, renewal_ms(Math.min(timeout, left)));
    document.addEventListener('visibilitychange', beat);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', beat);
    };
  }, [id, execution_id, timeout]);
}

function PersonInbox({ id }: { id: string }) {
  const { inbox, missing, refresh } = use_inbox(id);
  const { works, add } = use_works(id, inbox);
  const [busy, set_busy] = useState(false);
  useEffect(() => remember(id), [id]);
  use_heartbeats(id, inbox?.held[0], () => void refresh());
  const person: Agent | undefined = agents.value.get(id);
  const own = me.value.agent_id === id;
  const name = person?.name ?? (own ? me.value.name : undefined) ?? id;
  if (missing) return <div class="empty"><h1>This inbox cannot be opened</h1><p>{missing}</p><p><a href={to(['inbox'], { pick: '1' })}>Choose somebody</a></p></div>;
  if (!inbox) return <Waiting title="Inbox" />;
  const most = person?.max_concurrent_tasks;
  // Where it is not known, the server has the last word.
  const full = most !== undefined && inbox.held.length >= most;

  const take = async (wanted?: AvailableTask) => {
    set_busy(true);
    try {
      if (wanted) {
        const path = `/api/executions/${encodeURIComponent(wanted.execution_id)}/tasks/${encodeURIComponent(wanted.task_id)}/resolution`;
        await post(path, { action: 'reassign', agent_id: id });
      }
      const { tasks, revoked } = await poll(id);
      add(tasks);
      for (const each of revoked) say(`A task was taken back: ${visible(each.reason)}`, true);
      if (tasks.length === 0) say(wanted ? `“${visible(wanted.title)}” is kept for you.` : 'There is nothing to take at present.');
      else if (wanted && !tasks.some((task) => key_of(task) === key_of(wanted)))
        say(`“${visible(tasks[0]?.title ?? '')}” comes first; “${visible(wanted.title)}” is kept for you.`);
    } catch (failure) {
      say_refusal(failure);
    } finally {
      set_busy(false);
      void refresh();
    }
  };

  return (
    <div class="stack">
      <div class="spread">
        <div class="agent-head">
          <span class="agent-avatar large" aria-hidden="true">{initials(name)}</span>
          <div>
            <h1><Text value={name} /></h1>
            <span class="soft small">
              {count(inbox.held.length, 'task')} held, {inbox.decisions.length}{inbox.more_decisions ? ' and more' : ''} to decide, {inbox.available.length} to take
            </span>
          </div>
        </div>
        <div class="row">
          {person?.status === 'paused' && <span class="state tone-orange">Paused: nothing is handed out</span>}
          {!me.value.agent_id && <a class="button" href={to(['inbox'], { pick: '1' })}>Somebody else</a>}
          {may('viewer') && <a class="button" href={to(['agents', id])}>Profile</a>}
        </div>
      </div>
      <div class="inbox">
        <section class="stack" aria-labelledby="held-title">
          <h2 id="held-title" class="inbox-title">In your hands <span class="soft number">{inbox.held.length}{most !== undefined && ` of ${most}`}</span></h2>
          {inbox.held.map((held) => <HeldCard key={key_of(held)} agent_id={id} held={held} work={works.get(key_of(held))} on_reported={() => void refresh()} />)}
          {inbox.held.length === 0 && (
            <div class="card empty">
              <h2>You hold nothing</h2>
              <p>{inbox.available.length > 0 ? 'Take a task, and it is yours until you report.' : 'There is nothing that you could take now. It shows up here as soon as there is.'}</p>
              {inbox.available.length > 0 && <button type="button" class="button primary" disabled={busy} onClick={() => void take()}>Take the next task</button>}
            </div>
          )}
        </section>
        <div class="stack">
          <Decisions inbox={inbox} />
          <Available tasks={inbox.available} disabled={busy || full} full={full} on_take={take} />
        </div>
      </div>
      <Question roles={person?.roles ?? []} />
    </div>
  );
}

/** Drawn before the rest is asked for. */
const shown_at_first = 10;

function Decisions({ inbox }: { inbox: Inbox }) {
  const [all, set_all] = useState(false);
  const { decisions } = inbox;
  const shown = all ? decisions : decisions.slice(0, shown_at_first);
  const rights = needs('operator');
  return (
    <section class="card" aria-labelledby="asked-title">
      <div class="card-head"><h2 id="asked-title">You are asked</h2><span class="soft small number">{decisions.length}{inbox.more_decisions && '+'}</span></div>
      {decisions.length === 0 && <p class="soft card-pad">Nothing waits for a word of yours.</p>}
      <ul class="ask-list">
        {shown.map((decision) => (
          <li key={key_of(decision)}>
            <div>
              <a class="held-title" href={to(['executions', decision.execution_id], { task: decision.task_id })}><Text value={decision.title ?? decision.task_id} /></a>
              <p class="soft small">in <a href={to(['executions', decision.execution_id])}><Text value={decision.execution_title} /></a>, for {age(decision.since)}</p>
            </div>
            <p class="small"><Text value={decision.reason} /></p>
            {decision.escalated_to && <p class="small"><span class="state tone-orange">Escalated to {visible(decision.escalated_to)}</span></p>}
            {rights.disabled
              ? <p class="soft small">{rights.title}</p>
              : <DecisionButtons execution_id={decision.execution_id} task={{ task_id: decision.task_id, title: decision.title ?? decision.task_id }} options={decision.options} small />}
          </li>
        ))}
      </ul>
      {!all && decisions.length > shown_at_first && <div class="list-foot"><button type="button" class="button small" onClick={() => set_all(true)}>Show all {decisions.length}</button></div>}
    </section>
  );
}

const age = (since: string) => relative(since).replace(/ ago$/, '').replace(/^now$/, 'a moment');

function Available({ tasks, disabled, full, on_take }: {
  tasks: readonly AvailableTask[];
  disabled: boolean;
  full: boolean;
  on_take: (task?: AvailableTask) => Promise<void>;
}) {
  const [all, set_all] = useState(false);
  const shown = all ? tasks : tasks.slice(0, shown_at_first);
  const rights = needs('operator');
  const why = full ? 'You hold as many tasks as you can at once.' : undefined;
  return (
    <section class="card" aria-labelledby="free-title">
      <div class="card-head">
        <h2 id="free-title">You could take</h2>
        {tasks.length > 0 && <button type="button" class="button small" disabled={disabled} title={why ?? 'The one that is most urgent for the server'} onClick={() => void on_take()}>Take the next</button>}
      </div>
      {tasks.length === 0 && <p class="soft card-pad">Nothing is free that you can do.</p>}
      <ul class="free-list">
        {shown.map((task) => (
          <li key={key_of(task)}>
            <div class="grow">
              <a class="held-title" href={to(['executions', task.execution_id], { task: task.task_id })}><Text value={task.title} /></a>
              <p class="soft small">in <Text value={task.execution_title} />, ready since <When at={task.since} /></p>
            </div>
            <button
              type="button" class="button small" disabled={disabled || rights.disabled} title={why ?? rights.title ?? 'It is kept for you, and handed to you'}
              aria-label={`Take ${visible(task.title)}`} onClick={() => void on_take(task)}
            >
              Take
            </button>
          </li>
        ))}
      </ul>
      {!all && tasks.length > shown_at_first && <div class="list-foot"><button type="button" class="button small" onClick={() => set_all(true)}>Show all {tasks.length}</button></div>}
    </section>
  );
}
