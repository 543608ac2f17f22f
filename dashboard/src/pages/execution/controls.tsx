// Steering an execution: start, pause, resume, retry, cancel, priority. Each step is taken only from the state that its
// user saw.
import { useRef, useState } from 'preact/hooks';
import { post } from '../../api/http';
import type { Execution, ExecutionStatus } from '../../api/types';
import { Dialog } from '../../ui/dialog';
import { Text, visible } from '../../ui/text';
import { attempt, say } from '../../ui/toast';
import { steer, type Change } from './steer';

interface Step {
  name: string;
  status: 'QUEUED' | 'RUNNING' | 'PAUSED' | 'CANCELLED';
  done: string;
  primary?: boolean;
}

const start: Step = { name: 'Start', status: 'QUEUED', done: 'Started', primary: true };
const pause: Step = { name: 'Pause', status: 'PAUSED', done: 'Paused: nothing is handed out' };
const resume: Step = { name: 'Resume', status: 'RUNNING', done: 'Resumed', primary: true };
const again: Step = { name: 'Retry', status: 'QUEUED', done: 'It is tried again', primary: true };
const cancel: Step = { name: 'Cancel', status: 'CANCELLED', done: 'Cancelled' };

/** As the contract's table of transitions. */
const steps: Record<ExecutionStatus, readonly Step[]> = {
  CREATED: [start, cancel],
  QUEUED: [pause, cancel],
  RUNNING: [pause, cancel],
  BLOCKED: [pause, cancel],
  PAUSED: [resume, cancel],
  FAILED: [again, cancel],
  COMPLETED: [],
  CANCELLED: [],
};

/** It is over, so that it may leave the log. */
const archivable: readonly ExecutionStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

export function Controls({ execution, on_changed }: { execution: Execution; on_changed: () => void }) {
  const [asked, set_asked] = useState<'cancel' | 'pause' | 'priority' | 'archive'>();
  const [busy, set_busy] = useState(false);
  const take = async (step: Step) => {
    set_busy(true);
    await attempt(step.done, () => steer(execution, { status: step.status }));
    set_busy(false);
  };
  return (
    <div class="controls" role="group" aria-label="Steer the execution">
      {steps[execution.status].map((step) => (
        <button
          key={step.name} type="button" disabled={busy} class={`button${step.primary ? ' primary' : step === cancel ? ' danger' : ''}`}
          onClick={() => (step === cancel ? set_asked('cancel') : step === pause ? set_asked('pause') : void take(step))}
        >
          {step.name}{step === cancel ? '…' : ''}
        </button>
      ))}
      {steps[execution.status].length > 0 && <button type="button" class="button" onClick={() => set_asked('priority')}>Priority <b class="number">{execution.priority}</b></button>}
      {archivable.includes(execution.status) && <button type="button" class="button" onClick={() => set_asked('archive')}>Archive…</button>}
      {asked === 'archive' && <ArchiveDialog execution={execution} on_done={on_changed} on_close={() => set_asked(undefined)} />}
      {asked === 'cancel' && <ReasonDialog execution={execution} step={cancel} on_close={() => set_asked(undefined)} />}
      {asked === 'pause' && <ReasonDialog execution={execution} step={pause} on_close={() => set_asked(undefined)} />}
      {asked === 'priority' && <PriorityDialog execution={execution} on_close={() => set_asked(undefined)} />}
    </div>
  );
}

/** What the user saw when the question was opened; after a refusal, what it has told. */
function useSeen(execution: Execution) {
  const [seen, set_seen] = useState(execution);
  const latest = useRef(execution);
  latest.current = execution;
  const take = async (change: Change) => {
    try {
      await steer(seen, change);
    } catch (failure) {
      set_seen(latest.current);
      throw failure;
    }
  };
  return { seen, take };
}

function ReasonDialog({ execution, step, on_close }: { execution: Execution; step: Step; on_close: () => void }) {
  const [reason, set_reason] = useState('');
  const ends = step === cancel;
  const { seen, take } = useSeen(execution);
  const confirm = async () => {
    await take({ status: step.status, ...(reason.trim() ? { reason: reason.trim() } : {}) });
    say(step.done);
  };
  return (
    <Dialog title={ends ? 'Cancel this execution?' : 'Pause this execution?'} action={ends ? 'Cancel it for good' : 'Pause'} leave={ends ? 'Keep it' : 'Let it run'} danger={ends} on_confirm={confirm} on_close={on_close}>
      <p><b><Text value={seen.title} /></b></p>
      <p class="soft">{ends
        ? `It cannot be taken up again. ${seen.agents.length > 0 ? `${seen.agents.length} ${seen.agents.length === 1 ? 'agent is' : 'agents are'} at work on it and will be told to stop. ` : ''}What was done stays on the record.`
        : 'Nothing more is handed out; agents at work are told to pause, and their reports are still taken.'}</p>
      <label class="field">
        <span>Reason{ends ? '' : ' (may be left out)'}</span>
        <input class="input" required={ends} value={reason} onInput={(event) => set_reason(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

function ArchiveDialog({ execution, on_done, on_close }: { execution: Execution; on_done: () => void; on_close: () => void }) {
  const confirm = async () => {
    await post(`/api/executions/${encodeURIComponent(execution.execution_id)}/archive`);
    say('It is archived.');
    on_done();
  };
  return (
    <Dialog title="Archive this execution?" action="Archive it" leave="Keep it in the log" on_confirm={confirm} on_close={on_close}>
      <p><b><Text value={execution.title} /></b></p>
      <p class="soft">Its events go to a file of their own and leave the log. It can still be looked at, gone through and downloaded, but nothing of it can be changed any more{execution.status === 'FAILED' ? ', and it cannot be tried again' : ''}.</p>
    </Dialog>
  );
}

/** As the server takes them: 32 bits. */
const priority_limit = 2_147_483_647;

function PriorityDialog({ execution, on_close }: { execution: Execution; on_close: () => void }) {
  const { seen, take } = useSeen(execution);
  const [value, set_value] = useState(String(execution.priority));
  const wanted = Number(value);
  const ready = value.trim() !== '' && Number.isInteger(wanted) && Math.abs(wanted) <= priority_limit;
  const confirm = async () => {
    await take({ priority: wanted });
    say(`Priority ${wanted}`);
  };
  return (
    <Dialog title="Priority" action="Set" ready={ready} on_confirm={confirm} on_close={on_close}>
      <p class="soft">Agents are handed tasks of executions with a higher priority first. Usual is 0. This is <Text value={visible(seen.title)} />.</p>
      <label class="field">
        <span>Priority</span>
        <input class="input number" type="number" step="1" value={value} onInput={(event) => set_value(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}
