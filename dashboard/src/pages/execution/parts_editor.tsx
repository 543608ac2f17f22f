// Taking a task apart by hand: one line for each part. docs/decomposition.md has the form.
import { useState } from 'preact/hooks';
import { post } from '../../api/http';
import { agents_in_order } from '../../state/overview';
import { say_refusal } from '../../ui/toast';

/** As the domain: no task has more parts. */
export const most_parts = 64;

export interface Part {
  key: number;
  id: string;
  title: string;
  action: string;
  /** Ids, with commas between them. */
  after: string;
}

let last_key = 0;
export const empty_part = (): Part => ({ key: ++last_key, id: '', title: '', action: '', after: '' });

export interface SentPart {
  title: string;
  subtask_id?: string;
  action?: string;
  depends_on?: string[];
}

/**
 * What is sent: parts without a title are left out, and so is what was not filled in. "2" after which another part comes
 * is the second line, unless a part has that id.
 */
export function parts_to_send(parts: readonly Part[], task_id: string): SentPart[] {
  const kept = parts.filter((part) => part.title.trim());
  const ids = kept.map((part) => part.id.trim());
  const named = new Set<string>();
  const sent = kept.map((part) => {
    const made: SentPart = { title: part.title.trim() };
    if (part.action.trim()) made.action = part.action.trim();
    const after = part.after.split(',').map((text) => text.trim()).filter(Boolean).map((text) => {
      const line = /^\d+$/.test(text) && !ids.includes(text) ? parts[Number(text) - 1] : undefined;
      const place = line ? kept.indexOf(line) : -1;
      if (place < 0) return text;
      const id = ids[place] || `${task_id}.${place + 1}`;
      named.add(id);
      return id;
    });
    if (after.length > 0) made.depends_on = after;
    return made;
  });
  return sent.map((part, place) => {
    const id = ids[place] || (named.has(`${task_id}.${place + 1}`) ? `${task_id}.${place + 1}` : '');
    return id ? { ...part, subtask_id: id } : part;
  });
}

interface Suggested {
  subtask_id: string;
  title: string;
  action: string;
  depends_on?: string[];
}

interface Props {
  execution_id: string;
  task_id: string;
  parts: readonly Part[];
  set_parts: (parts: readonly Part[]) => void;
  /** Actions that the plan knows. */
  actions: readonly string[];
}

export function PartsEditor({ execution_id, task_id, parts, set_parts, actions }: Props) {
  const change = (key: number, members: Partial<Part>) =>
    set_parts(parts.map((part) => (part.key === key ? { ...part, ...members } : part)));
  return (
    <fieldset class="parts">
      <legend>Parts, in their order</legend>
      {parts.map((part, i) => (
        <div class="part" key={part.key}>
          <span class="number soft">{i + 1}</span>
          <input class="input part-title" placeholder="What is to be done" aria-label={`Title of part ${i + 1}`} value={part.title} onInput={(event) => change(part.key, { title: event.currentTarget.value })} />
          <button type="button" class="button quiet small" aria-label={`Remove part ${i + 1}`} disabled={parts.length === 1} onClick={() => set_parts(parts.filter((each) => each !== part))}>✕</button>
          <input class="input mono part-id" placeholder="id (may be empty)" aria-label={`Id of part ${i + 1}, may be empty`} value={part.id} onInput={(event) => change(part.key, { id: event.currentTarget.value })} />
          <input class="input part-action" list="actions-known" placeholder="action" aria-label={`Action of part ${i + 1}, may be empty`} value={part.action} onInput={(event) => change(part.key, { action: event.currentTarget.value })} />
          <input class="input mono part-after" placeholder="after: 1, 2" aria-label={`Part ${i + 1} comes after these parts: numbers or ids, with commas`} value={part.after} onInput={(event) => change(part.key, { after: event.currentTarget.value })} />
        </div>
      ))}
      <datalist id="actions-known">{actions.map((action) => <option key={action} value={action} />)}</datalist>
      <div class="row">
        <button type="button" class="button small" disabled={parts.length >= most_parts} onClick={() => set_parts([...parts, empty_part()])}>Add a part</button>
        <Suggest execution_id={execution_id} task_id={task_id} set_parts={set_parts} />
      </div>
    </fieldset>
  );
}

/** The server's own idea of the parts, to begin with. It stores nothing. */
function Suggest({ execution_id, task_id, set_parts }: Pick<Props, 'execution_id' | 'task_id' | 'set_parts'>) {
  const [busy, set_busy] = useState(false);
  const agent = agents_in_order.value.find((each) => each.status !== 'retired');
  if (!agent) return null;
  const suggest = async () => {
    set_busy(true);
    try {
      const answer = await post<{ decomposed_subtasks: Suggested[] }>(
        `/api/agents/${encodeURIComponent(agent.agent_id)}/decompose`, { task: { task_id, execution_id } });
      set_parts(answer.decomposed_subtasks.map((part) => ({
        ...empty_part(), id: part.subtask_id, title: part.title, action: part.action, after: (part.depends_on ?? []).join(', '),
      })));
    } catch (failure) {
      say_refusal(failure);
    } finally {
      set_busy(false);
    }
  };
  return <button type="button" class="button small" disabled={busy} onClick={suggest}>{busy ? 'Thinking…' : 'Start from a suggestion'}</button>;
}
