// What a person can decide about a task: buttons, and a question where a decision needs more than a click.
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { post } from '../../api/http';
import type { Blocker, Execution, Resolution, Task } from '../../api/types';
import type { Moment, Node } from '../../state/moment';
import { agents_in_order } from '../../state/overview';
import { Dialog } from '../../ui/dialog';
import { Text, visible } from '../../ui/text';
import { attempt, say } from '../../ui/toast';
import { PartsEditor, empty_part, parts_to_send, type Part } from './parts_editor';
import '../../styles/decisions.css';

interface Words {
  name: string;
  /** In a question: what comes of it. */
  means: string;
  done: string;
  danger?: boolean;
}

export const resolution_words: Record<Resolution, Words> = {
  approve: { name: 'Approve', means: 'It may be carried out as it is.', done: 'Approved' },
  reject: { name: 'Reject', means: 'It counts as failed for good; what needs it cannot go on.', done: 'Rejected', danger: true },
  retry: { name: 'Retry', means: 'It is handed out again, with fresh attempts.', done: 'It is tried again' },
  skip: { name: 'Skip', means: 'It is left out; what waits for it goes on as if it were done.', done: 'Skipped', danger: true },
  complete: { name: 'Mark complete', means: 'It is done; what it unlocks can begin.', done: 'Completed' },
  unblock: { name: 'Unblock', means: 'What it waited for outside has happened.', done: 'Unblocked' },
  choose: { name: 'Choose', means: 'Answers the question; the agent is told the choice.', done: 'The choice is recorded' },
  reassign: { name: 'Reassign', means: 'Somebody else gets it; who holds it now loses it.', done: 'Reassigned' },
  decompose: { name: 'Take apart', means: 'It becomes several smaller tasks, which are carried out in its place.', done: 'It was taken apart' },
};

/** The order in which they are offered: what helps most first, what ends something last. */
const offered: readonly Resolution[] = ['approve', 'unblock', 'retry', 'choose', 'complete', 'reassign', 'decompose', 'skip', 'reject'];

/** What a question is about. */
export interface Matter {
  execution_id: string;
  task: Pick<Task, 'task_id' | 'title'>;
  action: Resolution;
  /** How many tasks below it that wait for a person are meant; none: the task itself. */
  count?: number;
}

/** The question that is open. */
export const question = signal<Matter | undefined>(undefined);

export function blockers_by_task(execution: Execution): ReadonlyMap<string, Blocker> {
  const kept = by_task.get(execution.blockers);
  if (kept) return kept;
  const found = new Map(execution.blockers.map((blocker) => [blocker.task_id, blocker]));
  by_task.set(execution.blockers, found);
  return found;
}
const by_task = new WeakMap<object, ReadonlyMap<string, Blocker>>();

/** How many leaves below a task an approval would decide about. */
export function approvable_below(moment: Moment, task: Node): number {
  const { blockers } = moment.execution;
  let kept = approvable.get(blockers);
  if (kept?.places !== moment.by_id.places) {
    const found = blockers.filter((blocker) => blocker.options.includes('approve')).map((blocker) => moment.by_id.places.get(blocker.task_id) ?? -1);
    kept = { places: moment.by_id.places, found };
    approvable.set(blockers, kept);
  }
  const place = moment.by_id.places.get(task.task_id) ?? 0;
  return kept.found.reduce((count, each) => count + (each >= place && each <= place + task.descendants ? 1 : 0), 0);
}
const approvable = new WeakMap<object, { places: object; found: readonly number[] }>();

/** What is likely to be taken about a task that is no blocker; the server has the last word. */
export const always_offered: readonly Resolution[] = ['complete', 'reassign', 'decompose', 'skip'];

export function resolve(matter: Matter, more: Record<string, unknown> = {}): Promise<unknown> {
  const { execution_id, task, action } = matter;
  const path = `/api/executions/${encodeURIComponent(execution_id)}/tasks/${encodeURIComponent(task.task_id)}/resolution`;
  return post(path, { action, ...more });
}

/** Does what a click is enough for, and asks for the rest. */
export function decide(matter: Matter): void {
  if (matter.action === 'approve' || matter.action === 'retry' || matter.action === 'unblock')
    void attempt(said(matter), () => resolve(matter));
  else question.value = matter;
}

const said = ({ action, count, task }: Matter) =>
  `${resolution_words[action].done}: ${count && count > 1 ? `${count} tasks of ` : ''}${visible(task.title)}`;

interface ButtonsProps {
  execution_id: string;
  task: Matter['task'];
  options: readonly Resolution[];
  /** Tasks below it that the decision is about. */
  count?: number;
  small?: boolean;
}

export function DecisionButtons({ execution_id, task, options, count, small }: ButtonsProps) {
  const first = offered.find((action) => options.includes(action));
  return (
    <div class="decisions" role="group" aria-label={`Decide about ${visible(task.title)}`}>
      {offered.filter((action) => options.includes(action)).map((action) => (
        <button
          key={action} type="button" title={resolution_words[action].means}
          class={`button${small ? ' small' : ''}${action === first ? ' primary' : resolution_words[action].danger ? ' danger' : ''}`}
          onClick={(event) => {
            event.stopPropagation();
            decide({ execution_id, task, action, ...(count ? { count } : {}) });
          }}
        >
          {resolution_words[action].name}{count && count > 1 ? ` ${count}` : ''}
        </button>
      ))}
    </div>
  );
}

/** One click approves a task, or all that waits for a person below it. In a row it is no stop of the Tab key: the panel has it too. */
export function ApproveButton({ execution_id, task, count, in_row }: { execution_id: string; task: Task; count: number; in_row?: boolean }) {
  const [busy, set_busy] = useState(false);
  const name = count > 1 ? `Approve ${count}` : 'Approve';
  return (
    <button
      type="button" class="button small approve" disabled={busy} aria-label={`${name}: ${visible(task.title)}`} {...(in_row ? { tabIndex: -1 } : {})}
      onClick={async (event) => {
        event.stopPropagation();
        set_busy(true);
        await attempt(said({ execution_id, task, action: 'approve', count }), () => resolve({ execution_id, task, action: 'approve' }));
        set_busy(false);
      }}
    >
      {name}
    </button>
  );
}

/** The open question, if there is one. Stands once on a page that decides. */
export function Question({ roles = [], actions = [] }: { roles?: readonly string[]; actions?: readonly string[] }) {
  const matter = question.value;
  if (!matter) return null;
  return <Asked key={`${matter.task.task_id} ${matter.action}`} matter={matter} roles={roles} actions={actions} />;
}

function Asked({ matter, roles, actions }: { matter: Matter; roles: readonly string[]; actions: readonly string[] }) {
  const { action, task, count } = matter;
  const words = resolution_words[action];
  const [note, set_note] = useState('');
  const [output, set_output] = useState('');
  const [option, set_option] = useState('');
  const [to, set_to] = useState<{ kind: 'agent' | 'role'; name: string }>({ kind: 'agent', name: '' });
  const [by_hand, set_by_hand] = useState(true);
  const [parts, set_parts] = useState<readonly Part[]>([empty_part(), empty_part()]);
  const wrong_output = action === 'complete' && output.trim() !== '' && !readable(output);
  const ready =
    action === 'choose' ? option.trim() !== '' :
    action === 'reassign' ? to.name.trim() !== '' :
    action === 'decompose' ? !by_hand || parts.some((part) => part.title.trim() !== '') : !wrong_output;
  const confirm = async () => {
    const more: Record<string, unknown> = note.trim() ? { note: note.trim() } : {};
    if (action === 'choose') more['option'] = option.trim();
    if (action === 'complete' && output.trim()) more['output_data'] = JSON.parse(output);
    if (action === 'reassign') more[to.kind === 'agent' ? 'agent_id' : 'assignee_role'] = to.name.trim();
    if (action === 'decompose' && by_hand) more['subtasks'] = parts_to_send(parts, task.task_id);
    await resolve(matter, more);
    say(said(matter));
  };
  return (
    <Dialog
      title={`${words.name}${count && count > 1 ? ` ${count} tasks` : ''}?`} action={words.name} {...(words.danger ? { danger: true } : {})} ready={ready}
      on_confirm={confirm} on_close={() => (question.value = undefined)}
    >
      <p><b><Text value={task.title} /></b></p>
      <p class="soft">{words.means}</p>
      {action === 'choose' && (
        <label class="field">
          <span>The choice</span>
          <input class="input" required value={option} onInput={(event) => set_option(event.currentTarget.value)} />
        </label>
      )}
      {action === 'complete' && (
        <label class="field">
          <span>Its result, as JSON (may be left out)</span>
          <textarea class="input mono" spellcheck={false} placeholder={'{"report": "…"}'} value={output} aria-invalid={wrong_output} onInput={(event) => set_output(event.currentTarget.value)} />
          {wrong_output && <span class="small ink-red" role="alert">This is not JSON. A text needs quotes around it.</span>}
        </label>
      )}
      {action === 'reassign' && <Receiver to={to} set_to={set_to} roles={roles} />}
      {action === 'decompose' && (
        <>
          <div class="row" role="radiogroup" aria-label="Who takes it apart">
            <label class="row"><input type="radio" name="by" checked={by_hand} onChange={() => set_by_hand(true)} /> by hand</label>
            <label class="row"><input type="radio" name="by" checked={!by_hand} onChange={() => set_by_hand(false)} /> the server, by its rules or its model</label>
          </div>
          {by_hand && <PartsEditor execution_id={matter.execution_id} task_id={task.task_id} parts={parts} set_parts={set_parts} actions={actions} />}
        </>
      )}
      <label class="field">
        <span>Note (goes on the record)</span>
        <input class="input" value={note} onInput={(event) => set_note(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

function Receiver({ to, set_to, roles }: { to: { kind: 'agent' | 'role'; name: string }; set_to: (to: { kind: 'agent' | 'role'; name: string }) => void; roles: readonly string[] }) {
  const agents = agents_in_order.value.filter((agent) => agent.status !== 'retired');
  const all_roles = [...new Set([...roles, ...agents.flatMap((agent) => agent.roles)])].sort();
  return (
    <>
      <div class="row" role="radiogroup" aria-label="To whom">
        <label class="row"><input type="radio" name="to" checked={to.kind === 'agent'} onChange={() => set_to({ kind: 'agent', name: '' })} /> an agent</label>
        <label class="row"><input type="radio" name="to" checked={to.kind === 'role'} onChange={() => set_to({ kind: 'role', name: '' })} /> a role</label>
      </div>
      <label class="field">
        <span>{to.kind === 'agent' ? 'Agent' : 'Role'}</span>
        {to.kind === 'agent' ? (
          <select class="input" required value={to.name} onChange={(event) => set_to({ kind: 'agent', name: event.currentTarget.value })}>
            <option value="">Choose one</option>
            {agents.map((agent) => <option key={agent.agent_id} value={agent.agent_id}>{visible(`${agent.name}: ${agent.roles.join(', ')} (${agent.status})`)}</option>)}
          </select>
        ) : (
          <>
            <input class="input" required list="roles-known" value={to.name} onInput={(event) => set_to({ kind: 'role', name: event.currentTarget.value })} />
            <datalist id="roles-known">{all_roles.map((role) => <option key={role} value={role} />)}</datalist>
          </>
        )}
      </label>
    </>
  );
}

function readable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
