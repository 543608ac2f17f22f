// A plan is brought in: looked at first, then kept, and started if wanted. Nothing is stored before somebody says so.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Refusal } from '../api/http';
import type { PlanRow, PlanTask, Problem, Warning } from '../api/types';
import { upload } from '../api/upload';
import { go, to } from '../router';
import { needs } from '../state/me';
import { busiest_first, content_type_of, file_type_of, role_shares, type PhaseSpan, type RoleShare } from '../state/plan';
import { PhaseSpans, PlanTree, RoleTable, TierLegend } from '../ui/plan_tree';
import { Text, visible } from '../ui/text';
import { days as in_words } from '../ui/time';
import { say, say_refusal } from '../ui/toast';
import { PlanFacts, PlanVerdict } from './plan_parts';
import { StartFields, start_rights, use_start, usual_options, type StartOptions } from './start';
import '../styles/lists.css';
import '../styles/new.css';

interface Source {
  name: string;
  content: Blob;
  type: string;
}

/** What POST /api/plans would answer, and what is in the plan. */
interface Preview extends Omit<PlanRow, 'plan_id'> {
  preview?: {
    /** From start to end, by the plan's own estimates; absent where its order cannot be told. */
    days?: number;
    roles?: RoleShare[];
    phases?: PhaseSpan[];
    tasks?: PlanTask[];
    /** About the order; the others are the plan's. */
    warnings?: Warning[];
  };
}

type Step =
  | { at: 'choose'; problem?: Problem; name?: string }
  | { at: 'reading'; source: Source; share: number }
  | { at: 'preview'; source: Source; plan: Preview };

/** The server's limit of a plan. A larger one need not be sent to be refused. */
const most_bytes = 64 * 1024 * 1024;

export function NewPage() {
  const [step, set_step] = useState<Step>({ at: 'choose' });
  const under_way = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => under_way.current?.abort(), []);

  const look = async (source: Source) => {
    under_way.current?.abort();
    const control = new AbortController();
    under_way.current = control;
    if (source.content.size > most_bytes) {
      return set_step({ at: 'choose', name: source.name, problem: { status: 413, code: 'payload_too_large', title: 'Too large', detail: 'A plan can have 64 MiB at most.' } });
    }
    set_step({ at: 'reading', source, share: 0 });
    try {
      const plan = await upload<Preview>({
        path: '/api/plans?dry_run=true', content: source.content, type: source.type, signal: control.signal,
        on_progress: (share) => set_step({ at: 'reading', source, share }),
      });
      set_step({ at: 'preview', source, plan });
    } catch (failure) {
      if (control.signal.aborted) return;
      const problem = failure instanceof Refusal ? failure.problem : { status: 0, code: 'unknown', title: '', detail: String(failure) };
      set_step({ at: 'choose', problem, name: source.name });
    }
  };

  return (
    <div class="stack">
      <div class="spread">
        <h1>{step.at === 'preview' ? 'Look at the plan' : 'Bring in a plan'}</h1>
        {step.at !== 'choose' && (
          <button type="button" class="button" onClick={() => { under_way.current?.abort(); set_step({ at: 'choose' }); }}>Another plan</button>
        )}
      </div>
      {step.at === 'choose' && <Choose on_source={(source) => void look(source)} problem={step.problem} name={step.name} />}
      {step.at === 'reading' && <Reading name={step.source.name} share={step.share} />}
      {step.at === 'preview' && <Look source={step.source} plan={step.plan} />}
    </div>
  );
}

function Choose({ on_source, problem, name }: { on_source: (source: Source) => void; problem: Problem | undefined; name: string | undefined }) {
  const file = useRef<HTMLInputElement>(null);
  const [over, set_over] = useState(false);
  const [text, set_text] = useState('');
  const take = (files: FileList | null | undefined) => {
    const chosen = files?.[0];
    if (!chosen) return;
    const type = file_type_of(chosen.name);
    if (!type) return say(`“${visible(chosen.name)}” is no plan: those end in .zip, .json, .md or .csv.`, true);
    on_source({ name: chosen.name, content: chosen, type });
  };
  return (
    <>
      {problem && <PlanProblem problem={problem} name={name} />}
      <div class="choose">
        <section
          class={`card drop${over ? ' over' : ''}`}
          onDragOver={(event) => { event.preventDefault(); set_over(true); }}
          onDragLeave={() => set_over(false)}
          onDrop={(event) => { event.preventDefault(); set_over(false); take(event.dataTransfer?.files); }}
        >
          <svg width="44" height="44" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M4 15v3.5A1.5 1.5 0 0 0 5.5 20h13a1.5 1.5 0 0 0 1.5-1.5V15" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" /></svg>
          <h2>Drop the zip of a PlanExe run here</h2>
          <p class="soft">or JSON, Markdown or CSV. Nothing is kept before you say so.</p>
          <input ref={file} class="heard" type="file" tabIndex={-1} aria-label="A file with a plan" accept=".zip,.json,.md,.markdown,.csv" onChange={(event) => { take(event.currentTarget.files); event.currentTarget.value = ''; }} />
          <button type="button" class="button primary" onClick={() => file.current?.click()}>Choose a file</button>
        </section>
        <form
          class="card card-pad stack paste"
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) on_source({ name: 'What was pasted', content: new Blob([text]), type: content_type_of(text) });
          }}
        >
          <label class="field grow">
            <span>Or paste JSON or Markdown</span>
            <textarea class="input mono" value={text} spellcheck={false} placeholder={'# Mend the footbridge\n\n## Prepare (owner: Site Foreman)\n\n- Survey the piers (id: survey, 2-5 days)\n- Apply for the river permit\n  - after: survey'} onInput={(event) => set_text(event.currentTarget.value)} />
          </label>
          <div><button type="submit" class="button" disabled={!text.trim()}>Look at it</button></div>
        </form>
      </div>
    </>
  );
}

function PlanProblem({ problem, name }: { problem: Problem; name: string | undefined }) {
  return (
    <section class="card card-pad plan-problem" role="alert">
      <h2>{name ? <>“<Text value={name} />” cannot be read</> : 'The plan cannot be read'}</h2>
      <p><Text value={problem.detail} /></p>
      {problem.errors && problem.errors.length > 0 && (
        <table>
          <thead><tr><th scope="col">Where</th><th scope="col">What is wrong</th></tr></thead>
          <tbody>{problem.errors.map((error, i) => <tr key={i}><td><code><Text value={error.field} /></code></td><td><Text value={error.message} /></td></tr>)}</tbody>
        </table>
      )}
    </section>
  );
}

function Reading({ name, share }: { name: string; share: number }) {
  const sent = share >= 1;
  return (
    <section class="card card-pad stack reading" aria-busy="true">
      <p>{sent ? 'Reading' : 'Sending'} <b><Text value={name} /></b>…</p>
      <div class={`bar${sent ? ' busy' : ''}`} role="progressbar" aria-label="Sent" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}><i style={{ width: `${share * 100}%` }} /></div>
    </section>
  );
}

function Look({ source, plan }: { source: Source; plan: Preview }) {
  const { tasks = [], phases = [], days, warnings = [] } = plan.preview ?? {};
  const roles = busiest_first(plan.preview?.roles ?? role_shares(tasks));
  const [options, set_options] = useState<StartOptions>(usual_options);
  const [busy, set_busy] = useState<string | undefined>(undefined);
  const kept = useRef<PlanRow | undefined>(undefined);
  const leave = useRef(new AbortController());
  useEffect(() => () => leave.current.abort(), []);
  const { start, dialog } = use_start((execution) => {
    say(`“${visible(execution.title)}” has been started.`);
    go(to(['executions', execution.execution_id]));
  });

  const keep = async (): Promise<PlanRow> => {
    // A start that was refused must not keep the plan twice.
    kept.current ??= await upload<PlanRow>({
      path: '/api/plans', content: source.content, type: source.type, signal: leave.current.signal,
      on_progress: (share) => set_busy(share < 1 ? `Sending, ${Math.round(share * 100)} %` : 'Keeping…'),
    });
    return kept.current;
  };
  const act = async (then: (plan: PlanRow) => Promise<void> | void) => {
    set_busy('Sending…');
    try {
      await then(await keep());
    } catch (failure) {
      if (!leave.current.signal.aborted) say_refusal(failure);
    } finally {
      set_busy(undefined);
    }
  };
  const rights = needs('operator');
  const starts = start_rights(plan);
  return (
    <div class="look">
      <div class="stack">
        <section class="card card-pad stack">
          <div>
            <h2 class="plan-title"><Text value={plan.title} /></h2>
            {plan.goal !== plan.title && <p class="soft plan-goal"><Text value={plan.goal} /></p>}
          </div>
          <PlanFacts plan={plan} />
          <PlanVerdict plan={{ ...plan, warnings: [...plan.warnings, ...warnings] }} />
        </section>
        {days !== undefined && phases.length > 0 && (
          <section class="card">
            <div class="card-head"><h2>When</h2><span class="soft small number">{in_words(days)} from start to end, as the plan estimates</span></div>
            <PhaseSpans phases={phases} total_days={days} />
          </section>
        )}
        <section class="card">
          <div class="card-head"><h2>What is to be done</h2><TierLegend /></div>
          <div class="tree-pad">{tasks.length ? <PlanTree tasks={tasks} /> : <p class="soft card-pad">The plan holds no tasks.</p>}</div>
        </section>
      </div>
      <div class="stack">
        <form
          class="card look-start"
          onSubmit={(event) => {
            event.preventDefault();
            void act((row) => start(row, options));
          }}
        >
          <div class="card-head"><h2>Start it</h2></div>
          <div class="card-pad stack">
            <StartFields options={options} on_change={set_options} tasks={tasks} plan_title={plan.title} />
            {plan.redline === 'REFUSE' && <p class="soft small">It can be kept and looked at; starting it is for an administrator, with a reason on the record.</p>}
            <div class="row">
              <button type="submit" class="button primary" {...starts} disabled={starts.disabled || busy !== undefined}>{busy ?? 'Keep and start'}</button>
              <button type="button" class="button" {...rights} disabled={rights.disabled || busy !== undefined} onClick={() => void act((row) => { say('The plan is kept.'); go(to(['plans', row.plan_id])); })}>Keep plan</button>
            </div>
          </div>
        </form>
        <section class="card">
          <div class="card-head"><h2>Who is needed</h2></div>
          <div class="card-pad scroll-x"><RoleTable roles={roles} /></div>
        </section>
      </div>
      {dialog}
    </div>
  );
}
