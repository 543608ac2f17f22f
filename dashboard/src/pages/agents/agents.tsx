// Who is there: programs and people, what they can do, what they hold.
import { useState } from 'preact/hooks';
import type { Agent, AgentStatus } from '../../api/types';
import { go, place, settle, to } from '../../router';
import { needs } from '../../state/me';
import { agents_in_order, executions, known } from '../../state/overview';
import { Chips } from '../../ui/chips';
import { look_of, StateBadge, tone_of } from '../../ui/state';
import { Text, visible } from '../../ui/text';
import { duration, When } from '../../ui/time';
import { VirtualList } from '../../ui/virtual';
import { count } from '../../ui/words';
import { Waiting } from '../../ui/waiting';
import { RegisterDialog, roles_known } from './profile';
import { RoleLoads } from './roles';
import '../../styles/lists.css';
import '../../styles/agents.css';

const statuses: readonly AgentStatus[] = ['active', 'idle', 'unreachable', 'paused', 'retired'];
export const kind_names: Record<Agent['kind'], string> = { ai: 'AI agent', human: 'Person', service: 'Service' };

/** Roles offered in the filter. */
const most_roles = 100;

function fits(agent: Agent, text: string, role: string): boolean {
  if (role && !agent.roles.includes(role)) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const haystack = `${agent.name}\n${agent.agent_id}\n${agent.roles.join('\n')}`.toLowerCase();
  return words.every((word) => haystack.includes(word));
}

export function AgentsPage() {
  const [registers, set_registers] = useState(false);
  const { query } = place.value;
  const text = query.get('q') ?? '';
  const role = query.get('role') ?? '';
  const status = statuses.find((each) => each === query.get('status')) ?? '';
  const all = agents_in_order.value;
  const matching = all.filter((agent) => fits(agent, text, role));
  // Those that have left stand at the end, and only in the way of those who look for them.
  const shown = matching
    .filter((agent) => (status ? agent.status === status : agent.status !== 'retired'))
    .sort((a, b) => statuses.indexOf(a.status) - statuses.indexOf(b.status));
  const of = (each: AgentStatus) => matching.filter((agent) => agent.status === each).length;
  if (!known.value) return <Waiting title="Agents" />;
  return (
    <div class="stack">
      <div class="spread">
        <h1>Agents</h1>
        <button type="button" class="button primary" onClick={() => set_registers(true)} {...needs('operator')}>Register</button>
      </div>
      {all.length === 0
        ? (
          <section class="card empty">
            <h2>Nobody is here yet</h2>
            <p>Agents register themselves with <code>POST /api/agents</code> and poll for work. People can be registered here, and work in their <a href={to(['inbox'])}>inbox</a>.</p>
          </section>
        )
        : (
          <section class="card">
            <div class="toolbar">
              <label class="search">
                <span class="heard">Search by name, id or role</span>
                <input class="input" type="search" placeholder="Search by name, id or role" value={text} onInput={(event) => settle({ q: event.currentTarget.value })} />
              </label>
              <Chips
                label="Status" chosen={status} on_choose={(value) => settle({ status: value })}
                chips={statuses.filter((each) => of(each) > 0 || each === status).map((each) => ({
                  value: each, count: of(each), name: <><span class={`dot dot-${tone_of(each)}`} aria-hidden="true" />{look_of(each).name}</>,
                }))}
              />
              <label class="sort">
                <span class="heard">Role</span>
                <select class="input role-filter" value={role} onChange={(event) => settle({ role: event.currentTarget.value })}>
                  <option value="">All roles</option>
                  {roles_known().slice(0, most_roles).map((each) => <option key={each} value={each}>{visible(each === '*' ? 'Any role (*)' : each)}</option>)}
                </select>
              </label>
            </div>
            {shown.length === 0
              ? <div class="empty"><h2>Nobody fits</h2><p><button type="button" class="button small" onClick={() => settle({ q: '', role: '', status: '' })}>Show all</button></p></div>
              : <VirtualList items={shown} key_of={(agent) => agent.agent_id} first_guess={69} label="Agents" class="agent-list" render={(agent) => <AgentLine agent={agent} />} />}
          </section>
        )}
      <RoleLoads />
      {registers && <RegisterDialog kind="human" on_close={() => set_registers(false)} on_registered={(id) => go(to(['agents', id]))} />}
    </div>
  );
}

function AgentLine({ agent }: { agent: Agent }) {
  const { held_tasks } = agent;
  const first = held_tasks[0];
  return (
    <article class="agent-line">
      <div class="agent-who">
        <span class="agent-avatar" aria-hidden="true">{initials(agent.name)}</span>
        <div class="agent-name">
          <a class="agent-link clip" href={to(['agents', agent.agent_id])}><Text value={agent.name} /></a>
          <span class="soft small clip">{kind_names[agent.kind]}<span class="agent-id">, {visible(agent.agent_id)}</span></span>
        </div>
      </div>
      <div class="agent-roles clip small" title={visible(agent.roles.join(', '))}>
        {agent.roles.length === 0 || agent.roles.includes('*') ? <span class="soft">any role</span> : <Text value={agent.roles.join(', ')} />}
      </div>
      <div class="agent-holds small">
        {first
          ? (
            <>
              <a class="clip above" href={to(['executions', first.execution_id], { task: first.task_id })}>{count(held_tasks.length, 'task')}</a>
              <span class="soft clip"><Text value={executions.value.get(first.execution_id)?.title ?? 'in an older execution'} /></span>
            </>
          )
          : <span class="soft">holds nothing</span>}
      </div>
      <div class="agent-done small number">
        <span>{agent.completed} done{agent.failed > 0 && <span class="agent-failed">, {agent.failed} failed</span>}</span>
        {agent.median_task_seconds !== undefined && <span class="soft">{each(agent.median_task_seconds)}</span>}
      </div>
      <div class="agent-state">
        <StateBadge status={agent.status} />
        {agent.last_seen_at && <span class="soft small nowrap"><When at={agent.last_seen_at} /></span>}
      </div>
    </article>
  );
}

const each = (seconds: number) => (seconds < 1 ? 'under 1 s each' : `${duration(seconds * 1_000)} each`);

/** "Ann Meyer" → "AM". */
export function initials(name: string): string {
  const words = name.split(/[\s_-]+/).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return visible(first + last).toUpperCase();
}
