// How two executions went beside each other: a fork and what it was forked from, above all.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { ExecutionStatus, Origin, TaskStatus } from '../../api/types';
import { to } from '../../router';
import { agents } from '../../state/overview';
import { CopyButton } from '../../ui/copy';
import { look_of, StateBadge, StateShape } from '../../ui/state';
import { Text } from '../../ui/text';
import { days } from '../../ui/time';
import { words_of } from '../../ui/toast';
import { count } from '../../ui/words';
import { JsonView } from './json_view';
import '../../styles/task_panel.css';
import '../../styles/compare.css';
import '../../styles/outcomes.css';

interface Side {
  execution_id: string;
  title: string;
  status: ExecutionStatus;
  version: number;
  forked_from?: Origin;
  agent_id?: string;
  elapsed_days: number;
  tasks_total: number;
  tasks_completed: number;
  tasks_skipped: number;
  tasks_failed: number;
  attempts: number;
  failed_attempts: number;
}

interface Outcome {
  status: TaskStatus;
  agent_id?: string;
  attempts: number;
  failed_attempts: number;
  days?: number;
  /** It was done before the fork. */
  inherited?: boolean;
  /** Where the two differ and it is not too long. */
  output_data?: unknown;
  output_bytes?: number;
}

type Way = 'existence' | 'status' | 'agent' | 'attempts' | 'output';

interface ComparedTask {
  task_id: string;
  title: string;
  same: boolean;
  differs: Way[];
  execution?: Outcome;
  with?: Outcome;
}

interface Comparison {
  execution: Side;
  with: Side;
  /** How many events both have, from the first on. */
  shared_events: number;
  tasks_same: number;
  tasks_different: number;
  tasks: ComparedTask[];
}

/** More are drawn when somebody asks. */
const first_shown = 100;

export function OutcomesView({ id, other }: { id: string; other: string }) {
  const [found, set_found] = useState<Comparison | undefined>(undefined);
  const [failure, set_failure] = useState('');
  const [turn, set_turn] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    get<Comparison>(`/api/executions/${encodeURIComponent(id)}/compare?with=${encodeURIComponent(other)}`, gone.signal).then(
      (answer) => {
        set_found(answer);
        set_failure('');
      },
      (why: unknown) => gone.signal.aborted || set_failure(words_of(why)),
    );
    return () => gone.abort();
  }, [id, other, turn]);
  if (failure) return <div class="empty" role="alert"><h1>These cannot be compared</h1><p><Text value={failure} /></p><p><a href={to(['executions', id])}>To the execution</a></p></div>;
  if (!found) return <p class="empty" aria-busy="true">Comparing…</p>;
  return (
    <div class="compare stack">
      <div class="spread">
        <div>
          <p class="small"><a href={to(['executions', id])}>← To the execution</a></p>
          <h1>How the two went</h1>
        </div>
        <span class="row">
          <button type="button" class="button" onClick={() => set_turn(turn + 1)}>Compare again</button>
          <CopyButton name="Copy the link" what="The link to this comparison" text={() => location.href} />
        </span>
      </div>
      <p class="compare-sum" role="status">{summary(found)}</p>
      <div class="compare-columns outcome-columns">
        <Tasks found={found} />
        <Numbers here={found.execution} there={found.with} />
      </div>
    </div>
  );
}

function summary({ shared_events, tasks_same, tasks_different }: Comparison): string {
  const shared = shared_events > 0 ? `The first ${count(shared_events, 'event')} ${shared_events === 1 ? 'is' : 'are'} the same in both. ` : 'They have no event in common. ';
  return shared + (tasks_different === 0 ? 'Every step went the same way.' : `${count(tasks_different, 'step')} went another way, ${tasks_same.toLocaleString()} the same.`);
}

interface Figure {
  name: string;
  of: (side: Side) => number;
  text?: (value: number) => string;
  more_is: 'good' | 'bad' | 'neither';
}

const figures: Figure[] = [
  { name: 'Events', of: (side) => side.version, more_is: 'neither' },
  { name: 'Time, so far', of: (side) => side.elapsed_days, text: days, more_is: 'bad' },
  { name: 'Steps', of: (side) => side.tasks_total, more_is: 'neither' },
  { name: 'Completed', of: (side) => side.tasks_completed, more_is: 'good' },
  { name: 'Skipped', of: (side) => side.tasks_skipped, more_is: 'neither' },
  { name: 'Failed', of: (side) => side.tasks_failed, more_is: 'bad' },
  { name: 'Attempts', of: (side) => side.attempts, more_is: 'neither' },
  { name: 'Failed attempts', of: (side) => side.failed_attempts, more_is: 'bad' },
];

const text_of = ({ of, text }: Figure, side: Side): string => (text ? text(of(side)) : of(side).toLocaleString());

/** Better or worse than the other, of one side's number, where the difference is seen. */
function tone_of(figure: Figure, side: Side, other: Side): string {
  const { of, more_is } = figure;
  const by = of(side) - of(other);
  if (more_is === 'neither' || text_of(figure, side) === text_of(figure, other)) return '';
  return (by > 0) === (more_is === 'good') ? 'better' : 'worse';
}

function Numbers({ here, there }: { here: Side; there: Side }) {
  return (
    <section class="card outcome-numbers" aria-label="Both in numbers">
      <table class="compare-counters">
        <thead>
          <tr>
            <th scope="col"><span class="heard">What</span></th>
            {[here, there].map((side) => (
              <th key={side.execution_id} scope="col">
                <a href={to(['executions', side.execution_id])}><Text value={side.title || side.execution_id} /></a>
                <span class="outcome-state"><StateBadge status={side.status} /></span>
                {side.forked_from && <span class="outcome-state soft">forked after event {side.forked_from.seq}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures.map((figure) => (
            <tr key={figure.name} class={text_of(figure, here) === text_of(figure, there) ? 'same' : ''}>
              <th scope="row">{figure.name}</th>
              <td class={`number ${tone_of(figure, here, there)}`}>{text_of(figure, here)}</td>
              <td class={`number ${tone_of(figure, there, here)}`}>{text_of(figure, there)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Tasks({ found }: { found: Comparison }) {
  const [all, set_all] = useState(found.tasks_different === 0);
  const [most, set_most] = useState(first_shown);
  const wanted = all ? found.tasks : found.tasks.filter((task) => !task.same);
  return (
    <section class="card" aria-label="Steps of both">
      <div class="card-head">
        <h2>{all ? 'All steps' : 'Steps that went another way'} <span class="count number">{wanted.length}</span></h2>
        {found.tasks_different > 0 && <button type="button" class="button small" aria-pressed={all} onClick={() => set_all(!all)}>{all ? 'Only what differs' : `All ${found.tasks.length}`}</button>}
      </div>
      <div class="outcome-pair outcome-heads soft small" aria-hidden="true">
        <span class="clip"><Text value={found.execution.title} /></span><span class="clip"><Text value={found.with.title} /></span>
      </div>
      <ul class="outcomes">
        {wanted.slice(0, most).map((task) => (
          <li key={task.task_id}>
            <h3><Text value={task.title} /></h3>
            <div class="outcome-pair">
              <Cell task={task} side={found.execution} outcome={task.execution} />
              <Cell task={task} side={found.with} outcome={task.with} />
            </div>
          </li>
        ))}
      </ul>
      {wanted.length > most && <button type="button" class="button quiet small" onClick={() => set_most(most + first_shown)}>{wanted.length - most} more</button>}
    </section>
  );
}

/** How a step went in one of the two; what is different there stands out. */
function Cell({ task, side, outcome }: { task: ComparedTask; side: Side; outcome: Outcome | undefined }) {
  const differs = (way: Way) => (task.differs.includes(way) ? 'outcome-differs' : '');
  return (
    <div class="outcome">
      <p class="outcome-whose soft small"><Text value={side.title} /></p>
      {!outcome ? <p class="outcome-differs">is not there</p> : (
        <>
          <p class="row">
            <span class={differs('status')}><StateShape status={outcome.status} size={14} /> {look_of(outcome.status).name}</span>
            {outcome.agent_id && <span class={differs('agent')}>by <a href={to(['agents', outcome.agent_id])}><Text value={agents.value.get(outcome.agent_id)?.name ?? outcome.agent_id} /></a></span>}
            {outcome.attempts > 0 && <span class={differs('attempts')}>{count(outcome.attempts, 'attempt')}{outcome.failed_attempts > 0 && `, ${outcome.failed_attempts} failed`}</span>}
            {outcome.days !== undefined && <span class="soft number">{days(outcome.days)}</span>}
            {outcome.inherited && <span class="soft">before the fork</span>}
          </p>
          {outcome.output_data !== undefined && (
            <details class="section"><summary class={differs('output')}>Output</summary><div class="section-body"><JsonView value={outcome.output_data} /></div></details>
          )}
          {outcome.output_bytes !== undefined && <p class="small"><span class={differs('output')}>Output</span> of {Math.ceil(outcome.output_bytes / 1024)} KB: <a href={to(['executions', side.execution_id, 'tasks'], { task: task.task_id })}>see the task</a></p>}
        </>
      )}
    </div>
  );
}
