// The record of an execution: whether it is whole, how to take it along, how to check it without this page, and the other
// ways that began from it.
import { useEffect, useState } from 'preact/hooks';
import { download } from '../../api/download';
import { get } from '../../api/http';
import type { Audit } from '../../api/types';
import { to } from '../../router';
import type { Moment } from '../../state/moment';
import { executions_in_order } from '../../state/overview';
import { CopyButton } from '../../ui/copy';
import { StateBadge } from '../../ui/state';
import { Text, visible } from '../../ui/text';
import { clock } from '../../ui/time';
import { attempt, words_of } from '../../ui/toast';
import { ForkButton, ForkedFrom } from './fork';
import '../../styles/record.css';

export interface RecordProps {
  /** The moment that is looked at; the record itself is always the whole one. */
  moment: Moment;
}

export function RecordView({ moment }: RecordProps) {
  return (
    <div class="record">
      <Wholeness key={moment.execution.execution_id} id={moment.execution.execution_id} />
      <div class="record-pair">
        <TakeAlong id={moment.execution.execution_id} />
        <Ways moment={moment} />
      </div>
      <Outside id={moment.execution.execution_id} seq={moment.seq} />
    </div>
  );
}

interface Answer {
  audit?: Audit;
  asked_at?: string;
  failure: string;
}

/** Whether every event is still what was recorded: as the server finds when it is asked. */
function Wholeness({ id }: { id: string }) {
  const [answer, set_answer] = useState<Answer>({ failure: '' });
  const [turn, set_turn] = useState(0);
  const [busy, set_busy] = useState(true);
  useEffect(() => {
    const gone = new AbortController();
    set_busy(true);
    get<Audit>(`/api/executions/${encodeURIComponent(id)}/audit`, gone.signal).then(
      (audit) => set_answer({ audit, asked_at: new Date().toISOString(), failure: '' }),
      (why: unknown) => gone.signal.aborted || set_answer({ failure: words_of(why) }),
    ).finally(() => gone.signal.aborted || set_busy(false));
    return () => gone.abort();
  }, [id, turn]);
  const { audit, asked_at, failure } = answer;
  return (
    <section class="card record-whole" aria-label="Is the record whole?" aria-busy={busy}>
      <div class="spread">
        <h2>Is the record whole?</h2>
        <button type="button" class="button small" disabled={busy} onClick={() => set_turn(turn + 1)}>{busy ? 'Checking…' : 'Check again'}</button>
      </div>
      <div role="status">
        {failure && <p class="refused"><Text value={failure} /></p>}
        {audit && <Verdict id={id} audit={audit} asked_at={asked_at ?? ''} />}
        {!audit && !failure && <p class="soft">Reading every event…</p>}
      </div>
    </section>
  );
}

function Verdict({ id, audit, asked_at }: { id: string; audit: Audit; asked_at: string }) {
  const { verified, events, stands_to, first_bad_seq, problem } = audit;
  return (
    <>
      <p class={`verdict ${verified ? 'tone-green' : 'tone-red'}`}>
        <svg width="22" height="22" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 1.5 17 4v5.2c0 4.3-2.8 7.5-7 9.3-4.2-1.8-7-5-7-9.3V4Z" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linejoin="round" />
          <path d={verified ? 'm6.7 10 2.4 2.4 4.3-4.8' : 'm7.4 7.4 5.2 5.2m0-5.2-5.2 5.2'} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
        {verified
          ? <span><b>Whole and unchanged.</b> {events === 1 ? 'Its one event is as it was recorded.' : `Each of its ${events.toLocaleString()} events is as it was recorded, none is missing, and none was put in.`}</span>
          : <span><b>Damaged.</b> {first_bad_seq !== undefined && `Event ${first_bad_seq} is not as it was recorded. `}{stands_to > 0 && `Events 1 to ${stands_to} are as they were written. `}{first_bad_seq !== undefined && 'What comes after cannot be relied on.'}</span>}
      </p>
      {problem && <p class="soft"><Text value={problem} /></p>}
      {!verified && stands_to > 0 && <p><a href={to(['executions', id], { at: String(stands_to) })}>Look at the last moment that is whole</a></p>}
      <dl class="record-facts">
        <div><dt>Hash of the last event</dt><dd><code class="hash">{visible(audit.head_hash)}</code> <CopyButton name="Copy" what="The hash" text={() => audit.head_hash} small /></dd></div>
        <div><dt>Checked</dt><dd class="number">{asked_at && clock(asked_at)}, by the server</dd></div>
      </dl>
      <p class="soft small">Every event carries a hash made over itself and the hash before it, so this one stands for the whole record. Kept elsewhere, it shows later whether anything was changed or cut off, even by somebody who could write the whole log anew. Anchors do the same for all executions at once.</p>
    </>
  );
}

/** As many as the server gives at once: a long record comes in pages. */
const events_a_page = 1_000;

function TakeAlong({ id }: { id: string }) {
  const [busy, set_busy] = useState(false);
  const save = async () => {
    set_busy(true);
    await attempt('The record is among your downloads.', () => download(`/api/executions/${encodeURIComponent(id)}/export?limit=${events_a_page}`, `${id}.jsonl`));
    set_busy(false);
  };
  return (
    <section class="card card-pad stack tight" aria-label="Take it along">
      <h2>Take it along</h2>
      <p class="soft">Every event as a line of JSON, with the bytes as they are stored. It can be replayed, checked and brought into another server. It says everything that the log does: keep it as safe.</p>
      <p><button type="button" class="button primary" disabled={busy} onClick={() => void save()}>{busy ? 'Reading…' : 'Download the record'}</button></p>
    </section>
  );
}

/** Executions that were forked from this one, as far as the page knows of them. */
function Ways({ moment }: { moment: Moment }) {
  const { execution } = moment;
  const forks = executions_in_order.value.filter((row) => row.forked_from?.execution_id === execution.execution_id);
  return (
    <section class="card card-pad stack tight" aria-label="Forks">
      <div class="spread">
        <h2>Forks</h2>
        <ForkButton moment={moment} name={`Fork from event ${moment.seq}`} />
      </div>
      {execution.forked_from && <ForkedFrom execution_id={execution.execution_id} origin={execution.forked_from} />}
      {forks.length === 0
        ? <p class="soft">To try another agent, another policy or other steps, go to a moment before it mattered and fork from there. This execution stays as it is.</p>
        : (
          <ul class="record-forks">
            {forks.map((fork) => (
              <li key={fork.execution_id}>
                <StateBadge status={fork.status} />
                <a class="clip" href={to(['executions', fork.execution_id])}><Text value={fork.title} /></a>
                <span class="soft small nowrap">after event {fork.forked_from?.seq}</span>
                <a class="button small" aria-label={`Compare with ${visible(fork.title)}`} href={to(['executions', execution.execution_id, 'compare'], { with: fork.execution_id })}>Compare</a>
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}

/** What somebody who trusts neither the page nor the server can do. */
function Outside({ id, seq }: { id: string; seq: number }) {
  const steps: { name: string; command: string }[] = [
    { name: 'From a terminal, on this server', command: `planexe-ax verify ${id} --url ${location.origin}` },
    { name: 'The downloaded file, without any server: replaying it checks every hash on the way', command: `planexe-ax replay ${id}.jsonl` },
    { name: `Where the data is, a proof of event ${seq} for somebody outside`, command: `planexe-ax audit prove ${id} ${seq} --data-dir DATA --key KEY -o proof.json` },
    { name: 'There, the proof alone, without the log', command: 'planexe-ax audit check proof.json --public-key KEY.pub' },
  ];
  return (
    <section class="card card-pad stack tight" aria-label="Check it yourself">
      <h2>Check it yourself</h2>
      <ol class="record-steps">
        {steps.map(({ name, command }) => (
          <li key={name}>
            <span>{name}</span>
            <span class="record-command"><code tabIndex={0}>{visible(command)}</code> <CopyButton name="Copy" what="The command" text={() => command} small /></span>
          </li>
        ))}
      </ol>
    </section>
  );
}
