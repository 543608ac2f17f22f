// Another way from a moment on: a new execution takes over what had happened until then, and goes on by itself. The old
// one stays as it is.
import { useState } from 'preact/hooks';
import { post } from '../../api/http';
import type { Execution, Origin } from '../../api/types';
import { go, to } from '../../router';
import { needs } from '../../state/me';
import type { Moment } from '../../state/moment';
import { executions } from '../../state/overview';
import { Dialog } from '../../ui/dialog';
import { Text } from '../../ui/text';
import { absolute } from '../../ui/time';
import { say } from '../../ui/toast';
import { is_final } from './insight';

/** As the server takes them. */
const longest_title = 256;
const longest_reason = 65_536;

/** What was over for good at that moment cannot go on from there. */
export const can_fork = (moment: Moment): boolean => moment.seq > 0 && !is_final(moment.execution);

/** `name`: the words on it, where "here" is not what is looked at. */
export function ForkButton({ moment, name = 'Fork from here' }: { moment: Moment; name?: string }) {
  const [asked, set_asked] = useState(false);
  if (!can_fork(moment)) return null;
  return (
    <>
      <button type="button" class="button small" onClick={() => set_asked(true)} {...needs('operator')}>{name}…</button>
      {asked && <ForkDialog moment={moment} on_close={() => set_asked(false)} />}
    </>
  );
}

function ForkDialog({ moment, on_close }: { moment: Moment; on_close: () => void }) {
  // What was asked for when it was opened, though the present goes on behind it.
  const [{ execution, seq }] = useState(moment);
  const [title, set_title] = useState(`${execution.title.slice(0, longest_title - 40)} (from event ${seq})`);
  const [reason, set_reason] = useState('');
  const confirm = async () => {
    const fork = await post<Execution>(`/api/executions/${encodeURIComponent(execution.execution_id)}/fork`, {
      at_seq: seq,
      ...(title.trim() ? { title: title.trim() } : {}),
      ...(reason.trim() ? { reason: reason.trim() } : {}),
    });
    say(fork.status === 'PAUSED' ? 'The fork is made. It is paused until somebody resumes it.' : 'The fork is made.');
    go(to(['executions', fork.execution_id]));
  };
  return (
    <Dialog title={`Fork from event ${seq}?`} action="Make the fork" on_confirm={confirm} on_close={on_close}>
      <p><b><Text value={execution.title} /></b>, as it was at {absolute(execution.updated_at)}</p>
      <p class="soft">A new execution begins from this moment. What was done until then is done there too; nobody holds anything, and nothing is handed out until it is resumed. This one stays as it is.</p>
      <label class="field">
        <span>Title</span>
        <input class="input" maxLength={longest_title} value={title} onInput={(event) => set_title(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>Reason (may be left out)</span>
        <input class="input" maxLength={longest_reason} value={reason} onInput={(event) => set_reason(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

/** Where a fork came from, and how it went other than that. */
export function ForkedFrom({ execution_id, origin }: { execution_id: string; origin: Origin }) {
  const title = executions.value.get(origin.execution_id)?.title;
  return (
    <p class="exec-origin small">
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true"><path d="M4 13V3m0 6c5 0 7-1 7-6M8.6 4.8 11 2.4l2.4 2.4" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" /></svg>
      <span>Forked from <a href={to(['executions', origin.execution_id], { at: String(origin.seq) })}><Text value={title ?? origin.execution_id} /></a>, after its event <span class="number">{origin.seq}</span></span>
      <a class="button small" href={to(['executions', execution_id, 'compare'], { with: origin.execution_id })}>Compare with it</a>
    </p>
  );
}
