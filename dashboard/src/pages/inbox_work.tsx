// One task in a person's hands: what is to be done, what came before, and what to report.
import { useState } from 'preact/hooks';
import { post } from '../api/http';
import { to } from '../router';
import { output_of, type HeldTask, type Work } from '../state/inbox';
import { Dialog } from '../ui/dialog';
import { Text, visible } from '../ui/text';
import { clock, When } from '../ui/time';
import { attempt, say } from '../ui/toast';
import { JsonView } from './execution/json_view';

interface CardProps {
  agent_id: string;
  held: HeldTask;
  work: Work | undefined;
  on_reported: () => void;
}

type Report = 'complete' | 'progress' | 'error' | 'blocked';

export function HeldCard({ agent_id, held, work, on_reported }: CardProps) {
  const [asks, set_asks] = useState<Report | undefined>(undefined);
  const [started, set_started] = useState(false);
  const send = (event_type: string, more: Record<string, unknown> = {}) =>
    post(`/api/executions/${encodeURIComponent(held.execution_id)}/events`, {
      agent_id, event_type, task_id: held.task_id, ...(work?.lease_token ? { lease_token: work.lease_token } : {}), ...more,
    });
  const start = async () => {
    if (await attempt(`“${visible(held.title)}” has been started.`, () => send('task_started'))) set_started(true);
    on_reported();
  };
  return (
    <article class="card held-card">
      <header class="held-head">
        <h3><a href={to(['executions', held.execution_id], { task: held.task_id })}><Text value={held.title} /></a></h3>
        <p class="soft small">
          in <a href={to(['executions', held.execution_id])}><Text value={held.execution_title} /></a>
          {work && <>, <Text value={work.context.phase} /></>}, yours since <When at={held.since} />
        </p>
      </header>
      {work ? <Details work={work} /> : <p class="soft small held-body">{held.title}</p>}
      <footer class="held-foot">
        <button type="button" class="button primary" onClick={() => set_asks('complete')}>Done</button>
        {!started && <button type="button" class="button" onClick={() => void start()}>Start</button>}
        <button type="button" class="button" onClick={() => set_asks('progress')}>Progress</button>
        <button type="button" class="button" onClick={() => set_asks('blocked')}>Waiting for something</button>
        <button type="button" class="button danger" onClick={() => set_asks('error')}>It failed</button>
        {held.lease_expires_at && <span class="soft small held-lease" title="After that it may be handed to somebody else">kept for you until {clock(held.lease_expires_at)}, and on while this page is in sight</span>}
      </footer>
      {asks && <ReportDialog report={asks} title={held.title} send={send} on_close={() => set_asks(undefined)} on_reported={on_reported} />}
    </article>
  );
}

/** So few results need not be asked for. */
const most_open = 2;

function Details({ work }: { work: Work }) {
  const { plan_goal, prerequisite_results, previous_tasks, upcoming_tasks, resolution } = work.context;
  return (
    <div class="held-body stack">
      {work.description && <p class="held-text"><Text value={work.description} /></p>}
      {resolution && <p class="notice notice-orange"><b>Decided before.</b> <Text value={resolution} /></p>}
      <dl class="facts small">
        {work.success_criteria && <><dt>Done when</dt><dd><Text value={work.success_criteria} /></dd></>}
        {work.assignee_role && <><dt>Role</dt><dd><Text value={work.assignee_role} /></dd></>}
        <dt>Action</dt><dd><code>{visible(work.action)}</code>{work.attempt > 1 && <>, attempt {work.attempt}</>}</dd>
        {plan_goal && <><dt>Goal</dt><dd class="held-text"><Text value={plan_goal} /></dd></>}
        {previous_tasks.length > 0 && <><dt>Before</dt><dd><Text value={previous_tasks.map((task) => task.title).join(' → ')} /></dd></>}
        {upcoming_tasks.length > 0 && <><dt>After</dt><dd><Text value={upcoming_tasks.map((task) => task.title).join(' → ')} /></dd></>}
      </dl>
      {prerequisite_results.length > 0 && (
        <details open={prerequisite_results.length <= most_open}>
          <summary class="small"><b>What it builds on</b> <span class="soft number">{prerequisite_results.length}</span></summary>
          <div class="stack results">
            {prerequisite_results.map((result) => (
              <div key={result.task_id}>
                <p class="small"><b><Text value={result.title} /></b></p>
                {result.output_data === undefined || result.output_data === null ? <p class="soft small">No result was given.</p> : <JsonView value={result.output_data} />}
              </div>
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

const words: Record<Report, { title: string; action: string; event: string; done: string }> = {
  complete: { title: 'It is done', action: 'Report it done', event: 'task_complete', done: ' is done.' },
  progress: { title: 'How far is it?', action: 'Report', event: 'task_progress', done: ': the progress is recorded.' },
  error: { title: 'It failed', action: 'Report the failure', event: 'task_error', done: ': the failure is recorded.' },
  blocked: { title: 'It waits for something outside', action: 'Report', event: 'task_blocked', done: ' waits.' },
};

function ReportDialog({ report, title, send, on_close, on_reported }: {
  report: Report;
  title: string;
  send: (event_type: string, more: Record<string, unknown>) => Promise<unknown>;
  on_close: () => void;
  on_reported: () => void;
}) {
  const [message, set_message] = useState('');
  const [output, set_output] = useState('');
  const [percent, set_percent] = useState(50);
  const [error_type, set_error_type] = useState('error');
  const [again, set_again] = useState(true);
  const [hours, set_hours] = useState('48');
  const { title: heading, action, event, done } = words[report];
  const said = message.trim();
  const members = (): Record<string, unknown> => {
    switch (report) {
      case 'complete': {
        const given = output_of(output);
        return { ...(given === undefined ? {} : { output_data: given }), ...(said ? { message: said } : {}) };
      }
      case 'progress':
        return { progress_percent: percent, ...(said ? { message: said } : {}) };
      case 'error':
        return { error_type: error_type.trim() || 'error', error_message: said, retryable: again };
      case 'blocked':
        return { message: said, max_wait_hours: Number(hours) };
    }
  };
  const ready = report === 'complete' || report === 'progress' || (said !== '' && (report !== 'blocked' || Number(hours) > 0));
  return (
    <Dialog
      title={heading} action={action} danger={report === 'error'} ready={ready} on_close={on_close}
      on_confirm={async () => {
        try {
          await send(event, members());
          say(`“${visible(title)}”${done}`);
        } finally {
          on_reported();
        }
      }}
    >
      <p class="soft"><Text value={title} /></p>
      {report === 'complete' && (
        <label class="field">
          <span>What came of it</span>
          <textarea class="input" value={output} placeholder="For those whose tasks build on it. JSON is kept as JSON." onInput={(e) => set_output(e.currentTarget.value)} />
        </label>
      )}
      {report === 'progress' && (
        <label class="field">
          <span>Done so far: <b class="number">{percent} %</b></span>
          <input type="range" min={0} max={100} step={5} value={percent} onInput={(e) => set_percent(Number(e.currentTarget.value))} />
        </label>
      )}
      {report === 'error' && (
        <label class="field">
          <span>Kind of failure</span>
          <input class="input" value={error_type} maxLength={100} onInput={(e) => set_error_type(e.currentTarget.value)} />
        </label>
      )}
      <label class="field">
        <span>{report === 'error' ? 'What went wrong' : report === 'blocked' ? 'What it waits for' : 'A word about it (optional)'}</span>
        <textarea class="input" value={message} onInput={(e) => set_message(e.currentTarget.value)} />
      </label>
      {report === 'error' && (
        <label class="check"><input type="checkbox" checked={again} onChange={(e) => set_again(e.currentTarget.checked)} /> It may be tried again</label>
      )}
      {report === 'blocked' && (
        <label class="field">
          <span>At most so many hours; then somebody is asked</span>
          <input class="input number" type="number" min={0.1} step="any" value={hours} onInput={(e) => set_hours(e.currentTarget.value)} />
        </label>
      )}
    </Dialog>
  );
}
