// What the whole server is doing, live: every execution's summary, every agent, and what happened lately. One stream
// for the page, opened by the first who looks and kept.
import { batch, computed, signal } from '@preact/signals';
import { Stream, type Link, type StreamMessage } from '../api/stream';
import type { Activity, Agent, ExecutionRow, SafetySwitch } from '../api/types';

export const most_activity = 500;

export const executions = signal<ReadonlyMap<string, ExecutionRow>>(new Map());
export const agents = signal<ReadonlyMap<string, Agent>>(new Map());
/** Newest first. */
export const activity = signal<readonly Activity[]>([]);
export const safety_switch = signal<SafetySwitch>({ paused: false });
/** There are older executions than the stream tells of. */
export const more_executions = signal(false);
/** False until the first snapshot is there. */
export const known = signal(false);
/** How the connection stands; every page shows it. */
export const link = computed<Link>(() => stream.value?.link.value ?? 'connecting');

const stream = signal<Stream | undefined>(undefined);

/** Newest first. */
export const executions_in_order = computed(() =>
  [...executions.value.values()].sort((a, b) => compare(b.created_at, a.created_at) || compare(b.execution_id, a.execution_id)),
);
export const agents_in_order = computed(() =>
  [...agents.value.values()].sort((a, b) => compare(a.agent_id, b.agent_id)),
);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export function watch_overview(): void {
  stream.value ??= new Stream('/api/stream', false, (message) => batch(() => take(message)));
}

/** Starts anew, with another key. */
export function rewatch_overview(): void {
  stream.value?.close();
  stream.value = undefined;
  watch_overview();
}

/** What has left the log is no longer in the list. */
function forget(archived: readonly string[]): void {
  if (!archived.some((id) => executions.value.has(id))) return;
  const left = new Map(executions.value);
  for (const id of archived) left.delete(id);
  executions.value = left;
}

export function take(message: StreamMessage): void {
  switch (message.type) {
    case 'snapshot':
      executions.value = new Map((message['executions'] as ExecutionRow[]).map((row) => [row.execution_id, row]));
      agents.value = new Map((message['agents'] as Agent[]).map((agent) => [agent.agent_id, agent]));
      activity.value = (message['activity'] as Activity[] | undefined) ?? [];
      safety_switch.value = (message['switch'] as SafetySwitch | undefined) ?? { paused: false };
      more_executions.value = message['more_executions'] === true;
      known.value = true;
      return;
    case 'execution_update': {
      const row = message['execution'] as ExecutionRow | undefined;
      if (row) executions.value = new Map(executions.value).set(row.execution_id, row);
      return;
    }
    case 'agent_update': {
      const agent = message['agent'] as Agent;
      agents.value = new Map(agents.value).set(agent.agent_id, agent);
      return;
    }
    case 'presence': {
      const present = new Map(agents.value);
      for (const seen of message['agents'] as Pick<Agent, 'agent_id' | 'status' | 'last_seen_at'>[]) {
        const agent = present.get(seen.agent_id);
        if (agent) present.set(seen.agent_id, { ...agent, ...seen });
      }
      agents.value = present;
      return;
    }
    case 'activity': {
      const newest = activity.value[0]?.position ?? 0;
      const fresh = (message['entries'] as Activity[]).filter((entry) => entry.position > newest);
      fresh.sort((a, b) => b.position - a.position);
      forget(fresh.flatMap((entry) => (entry.event_type === 'execution_archived' && entry.execution_id ? [entry.execution_id] : [])));
      activity.value = [...fresh, ...activity.value].slice(0, most_activity);
      return;
    }
    case 'switch':
      safety_switch.value = message as unknown as SafetySwitch;
      return;
  }
}
