// What happened, in a sentence for people: "Scout completed “Draft the charter” in Plan X". Pure: an event goes in, parts
// of a sentence come out, so that a page can make links of the names, and a screen reader or a test reads plain text.
import type { Activity } from '../api/types';
import type { Tone } from './state';

/** What a sentence is made of: a recorded event, or an entry of the activity feed. */
export interface Happening {
  event_type: string;
  actor: string;
  execution_id?: string;
  agent_id?: string;
  task_id?: string;
  task_title?: string;
  message?: string;
  [more: string]: unknown;
}

/** How things are called where the sentence is read. What is not known stands with its id. */
export interface Names {
  agent?: (id: string) => string | undefined;
  task?: (id: string) => string | undefined;
  execution?: (id: string) => string | undefined;
}

export interface Part {
  kind: 'text' | 'agent' | 'task' | 'execution' | 'value';
  text: string;
  /** Of an agent, a task or an execution. */
  id?: string;
}

export interface Sentence {
  parts: readonly Part[];
  /** What was said with it, word for word. */
  quote?: string;
  tone: Tone;
}

export type Kind = 'executions' | 'work' | 'trouble' | 'people' | 'agents' | 'notifications' | 'server';
export const kinds: Record<Kind, string> = {
  executions: 'Executions', work: 'Work', trouble: 'Trouble', people: 'People asked', agents: 'Agents',
  notifications: 'Notifications', server: 'Plans and server',
};

interface Telling {
  kind: Kind;
  tone: Tone;
  /**
   * {agent} {actor} {task} {execution} {who}, the agent where one is named, else who sent the command, and members of the
   * event stand in braces. A part [in brackets|or, if given, this] is left out when a member in it is missing.
   */
  words: string | ((event: Happening) => string);
}

const table = {
  execution_created: { kind: 'executions', tone: 'grey', words: '{actor} created {execution}' },
  execution_queued: { kind: 'executions', tone: 'grey', words: '{execution} was queued' },
  execution_started: { kind: 'executions', tone: 'blue', words: '{execution} began' },
  execution_paused: { kind: 'executions', tone: 'orange', words: (e) => (e['by_switch'] ? '{execution} was paused with everything else' : '{actor} paused {execution}') },
  execution_resumed: { kind: 'executions', tone: 'blue', words: '{actor} resumed {execution}' },
  execution_blocked: { kind: 'executions', tone: 'orange', words: '{execution} cannot go on' },
  execution_unblocked: { kind: 'executions', tone: 'blue', words: '{execution} goes on' },
  execution_completed: { kind: 'executions', tone: 'green', words: '{execution} is complete' },
  execution_failed: { kind: 'executions', tone: 'red', words: '{execution} failed' },
  execution_cancelled: { kind: 'executions', tone: 'grey', words: '{actor} cancelled {execution}' },
  execution_reprioritized: { kind: 'executions', tone: 'grey', words: '{actor} gave {execution} [priority {priority}|another priority]' },
  execution_forked: { kind: 'executions', tone: 'violet', words: (e) => (origin_seq(e) === undefined ? '{actor} forked {execution} from another one' : `{actor} forked {execution} from another one, after its event ${origin_seq(e)}`) },
  execution_archived: { kind: 'executions', tone: 'grey', words: '{execution} went to the archive[ with {events} events]' },
  execution_unstaffed: { kind: 'trouble', tone: 'orange', words: 'Nobody within reach can go on with {execution}' },
  execution_staffed: { kind: 'executions', tone: 'blue', words: 'Somebody within reach can go on with {execution} again' },

  task_assigned: { kind: 'work', tone: 'blue', words: '{agent} was given {task}[, attempt {attempt}]' },
  task_started: { kind: 'work', tone: 'blue', words: '{agent} started {task}' },
  task_progress: { kind: 'work', tone: 'blue', words: '{agent} has done [{progress_percent} % of|more of] {task}' },
  task_complete: { kind: 'work', tone: 'green', words: '{who} completed {task}' },
  task_error: { kind: 'trouble', tone: 'red', words: (e) => (e['final'] === true ? '{task} failed for good' : e.agent_id ? '{agent} failed at {task}[, attempt {attempt}]' : '{task} failed[, attempt {attempt}]') },
  task_retry_scheduled: { kind: 'trouble', tone: 'orange', words: '{task} will be tried again[ at {retry_at}]' },
  task_retry_due: { kind: 'work', tone: 'grey', words: '{task} can be tried again' },
  task_blocked: { kind: 'trouble', tone: 'orange', words: '{agent} waits with {task} for something outside' },
  task_unblocked: { kind: 'work', tone: 'blue', words: '{task} can go on' },
  task_skipped: { kind: 'people', tone: 'grey', words: '{actor} skipped {task}' },
  task_reassigned: { kind: 'people', tone: 'grey', words: (e) => (e.agent_id ? '{actor} gave {task} to {agent}' : '{actor} gave {task} to [the role {assignee_role}|another role]') },
  task_escalated: { kind: 'people', tone: 'orange', words: '{task} was escalated[ to {escalated_to}]' },
  lease_expired: { kind: 'trouble', tone: 'orange', words: '{agent} gave no sign and lost {task}' },
  subtasks_added: { kind: 'work', tone: 'violet', words: (e) => (e.agent_id ? '{agent} took {task} apart[ into {parts}]' : '{task} was taken apart[ into {parts}]') },
  review_requested: { kind: 'people', tone: 'orange', words: (e) => (e['review_kind'] === 'approval' ? '{task} waits for approval' : e['review_kind'] === 'failure' ? '{task} has failed, and a person is asked what to do' : 'A person is asked about {task}') },
  review_resolved: { kind: 'people', tone: 'green', words: (e) => decision_words[String(e['action'])] ?? '{actor} decided about {task}' },
  report_rejected_stale: { kind: 'trouble', tone: 'orange', words: '{agent} reported about {task} too late; nothing was changed' },

  agent_registered: { kind: 'agents', tone: 'green', words: '{agent} was registered' },
  agent_profile_changed: { kind: 'agents', tone: 'grey', words: '{actor} changed what {agent} can do' },
  agent_standing_changed: { kind: 'agents', tone: 'orange', words: (e) => standing_words[String(e['status'])] ?? '{actor} changed how {agent} stands' },
  plan_imported: { kind: 'server', tone: 'grey', words: '{actor} brought in [the plan {title}|a plan]' },
  subject_erased: { kind: 'server', tone: 'orange', words: '{actor} erased [the personal data of {subject}|a person’s data]' },
  everything_paused: { kind: 'server', tone: 'red', words: '{actor} paused everything' },
  everything_resumed: { kind: 'server', tone: 'green', words: '{actor} let everything go on' },
  key_created: { kind: 'server', tone: 'grey', words: '{actor} made a key[ for {name}]' },
  key_revoked: { kind: 'server', tone: 'orange', words: '{actor} revoked a key[ of {name}]' },
  notification_queued: { kind: 'notifications', tone: 'grey', words: 'A notification is to be sent[ to {agent_id}]' },
  notification_delivered: { kind: 'notifications', tone: 'green', words: '[Notification {number}|A notification] was delivered' },
  notification_failed: { kind: 'notifications', tone: 'orange', words: '[Notification {number}|A notification] was not taken, and will be sent again' },
  notification_dead_lettered: { kind: 'notifications', tone: 'red', words: '[Notification {number}|A notification] could not be delivered' },
  notification_redriven: { kind: 'notifications', tone: 'grey', words: '{actor} had [notification {number}|a notification] sent again' },
} as const satisfies Record<string, Telling>;

const decision_words: Record<string, string> = {
  approve: '{actor} approved {task}',
  reject: '{actor} rejected {task}',
  retry: '{actor} had {task} tried again',
  skip: '{actor} skipped {task}',
  complete: '{actor} completed {task} by hand',
  unblock: '{actor} let {task} go on',
  choose: '{actor} chose how {task} goes on',
  reassign: '{actor} gave {task} to somebody else',
  decompose: '{actor} had {task} taken apart',
};

/** After which event of another execution a fork begins. */
function origin_seq(event: Happening): number | undefined {
  const seq = (event['forked_from'] as { seq?: unknown } | undefined)?.seq;
  return typeof seq === 'number' ? seq : undefined;
}

const standing_words: Record<string, string> = {
  active: '{actor} let {agent} work again',
  paused: '{actor} paused {agent}',
  retired: '{actor} retired {agent}',
};

export type EventType = keyof typeof table;
export const event_types = Object.keys(table) as EventType[];

const telling_of = (type: string): Telling | undefined =>
  Object.hasOwn(table, type) ? (table as Record<string, Telling>)[type] : undefined;

export const kind_of = (type: string): Kind => telling_of(type)?.kind ?? 'server';

/** "task_retry_due" → "Task retry due", for a type that is named rather than told. */
export function type_name(type: string): string {
  const words = type.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Who did it, for people: keys and agents go by their names, the server by itself. */
function actor_part(event: Happening, names: Names): Part {
  const id = event.actor.replace(/^agent:/, '');
  const name = names.agent?.(id);
  if (name !== undefined) return { kind: 'agent', text: name, id };
  return { kind: 'value', text: system_actors[id] ?? id };
}
/** Who acts without a key or a name of their own. */
const system_actors: Record<string, string> = { '': 'Somebody', person: 'A person', system: 'The server' };

const time_of_day = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

function value_of(name: string, event: Happening, names: Names): Part | undefined {
  switch (name) {
    case 'actor':
      return actor_part(event, names);
    case 'who':
      return event.agent_id ? value_of('agent', event, names) : actor_part(event, names);
    case 'agent':
      if (!event.agent_id) return { kind: 'text', text: 'Somebody' };
      return { kind: 'agent', text: names.agent?.(event.agent_id) ?? event.agent_id, id: event.agent_id };
    case 'task': {
      if (!event.task_id) return { kind: 'text', text: 'a task' };
      const title = event.task_title ?? names.task?.(event.task_id) ?? event.task_id;
      return { kind: 'task', text: title, id: event.task_id };
    }
    case 'execution': {
      if (!event.execution_id) return { kind: 'text', text: 'the execution' };
      return { kind: 'execution', text: names.execution?.(event.execution_id) ?? 'the execution', id: event.execution_id };
    }
    case 'parts': {
      const subtasks = event['subtasks'];
      const known = Array.isArray(subtasks) ? subtasks.length : event['parts'];
      return typeof known === 'number' ? { kind: 'value', text: known === 1 ? '1 part' : `${known} parts` } : undefined;
    }
    case 'retry_at': {
      const at = Date.parse(String(event['retry_at']));
      return Number.isNaN(at) ? undefined : { kind: 'value', text: time_of_day.format(at) };
    }
    default: {
      const value = event[name];
      if (typeof value === 'number') return { kind: 'value', text: String(Math.round(value * 10) / 10) };
      return typeof value === 'string' && value ? { kind: 'value', text: value } : undefined;
    }
  }
}

/** The parts of words with members in braces; undefined when a member is missing. */
function filled(words: string, event: Happening, names: Names): Part[] | undefined {
  const parts: Part[] = [];
  for (const piece of words.split(/(\{\w+\})/)) {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    const part: Part | undefined = name ? value_of(name, event, names) : { kind: 'text', text: piece };
    if (!part) return undefined;
    if (part.text) parts.push(part);
  }
  return parts;
}

function told(words: string, event: Happening, names: Names): Part[] {
  return words.split(/(\[[^\]]*\])/).flatMap((piece) => {
    if (!piece.startsWith('[')) return filled(piece, event, names) ?? [];
    const [with_it = '', without = ''] = piece.slice(1, -1).split('|');
    return filled(with_it, event, names) ?? [{ kind: 'text', text: without }];
  });
}

/** Whether a sentence about this already names its execution. */
const names_execution = (parts: readonly Part[]) => parts.some((part) => part.kind === 'execution');

function quote_of(event: Happening): string | undefined {
  const { message } = event;
  const error = event['error_message'];
  if (typeof message === 'string' && message) return message;
  if (typeof error === 'string' && error) return error;
  const note = event['note'];
  return typeof note === 'string' && note ? note : undefined;
}

/** `elsewhere`: the reader looks at several executions, so that each sentence says in which it happened. */
export function sentence_of(event: Happening, names: Names = {}, elsewhere = false): Sentence {
  const telling = telling_of(event.event_type);
  // A type of a newer server is named, not hidden.
  const words = telling ? (typeof telling.words === 'string' ? telling.words : telling.words(event)) : type_name(event.event_type);
  const parts = told(words, event, names);
  if (elsewhere && event.execution_id && !names_execution(parts)) {
    const where = value_of('execution', event, names);
    if (where) parts.push({ kind: 'text', text: ' in ' }, where);
  }
  const first = parts[0];
  if (first?.kind === 'text') parts[0] = { ...first, text: first.text.charAt(0).toUpperCase() + first.text.slice(1) };
  const quote = quote_of(event);
  const tone = telling?.tone ?? 'grey';
  return quote === undefined ? { parts, tone } : { parts, quote, tone };
}

/** The sentence as one text. */
export const plain = (sentence: Sentence): string =>
  sentence.parts.map((part) => (part.kind === 'task' ? `“${part.text}”` : part.text)).join('');

/** What the feed's short message stands for, where it is not somebody's words, by the members that a recorded event has. */
const feed_members: Record<string, (message: string) => Record<string, unknown>> = {
  review_resolved: (message) => {
    const [action = '', ...note] = message.split(': ');
    return { action, message: note.join(': ') };
  },
  agent_standing_changed: (message) => ({ status: message }),
  agent_registered: () => ({}),
  agent_profile_changed: () => ({}),
  execution_reprioritized: (message) => ({ priority: number_in(message) }),
  execution_forked: (message) => ({ forked_from: { seq: number_in(/ at (\d+)$/.exec(message)?.[1] ?? '') } }),
  execution_archived: (message) => ({ events: number_in(message) }),
  subject_erased: (message) => ({ subject: message }),
  task_reassigned: (message) => ({ assignee_role: message }),
  task_retry_scheduled: (message) => ({ retry_at: /\d{4}-\S+$/.exec(message)?.[0] }),
  subtasks_added: (message) => ({ parts: number_in(message) }),
  report_rejected_stale: (message) => ({ report: message }),
  notification_dead_lettered: (message) => ({ number: number_in(message), message: message.replace(/^notification \d+: /, '') }),
  notification_redriven: (message) => ({ number: number_in(message) }),
};

function number_in(text: string): number | undefined {
  const digits = /-?\d+/.exec(text)?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** An entry of the feed as the event that it tells of. */
export function happening_of(entry: Activity): Happening {
  const { message, ...rest } = entry;
  const members = Object.hasOwn(feed_members, entry.event_type) ? feed_members[entry.event_type] : undefined;
  if (members) return { ...rest, ...members(message ?? '') };
  return message === undefined ? rest : { ...rest, message };
}
