// The plans that are kept, and one of them with its tasks and executions.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, Refusal } from '../api/http';
import type { ExecutionRow, PlanRow, PlanTask } from '../api/types';
import { go, place, settle, to } from '../router';
import { needs } from '../state/me';
import { executions, executions_in_order, more_executions } from '../state/overview';
import { role_shares } from '../state/plan';
import { PlanTree, RoleTable, TierLegend } from '../ui/plan_tree';
import { StateBadge } from '../ui/state';
import { Text, visible } from '../ui/text';
import { When } from '../ui/time';
import { say, say_refusal } from '../ui/toast';
import { VirtualList } from '../ui/virtual';
import { count } from '../ui/words';
import { Waiting } from '../ui/waiting';
import { PlanFacts, PlanVerdict, RedlineMark } from './plan_parts';
import { StartFields, start_rights, use_start, usual_options, type StartOptions } from './start';
import '../styles/lists.css';
import '../styles/new.css';
import '../styles/plans.css';

const plans_at_once = 200;

export function PlansPage({ id }: { id?: string | undefined }) {
  return id ? <PlanPage key={id} id={id} /> : <PlanList />;
}

function PlanList() {
  const [plans, set_plans] = useState<readonly PlanRow[] | undefined>(undefined);
  const [next, set_next] = useState<string | undefined>(`/api/plans?limit=${plans_at_once}`);
  const [busy, set_busy] = useState(false);
  const load = async () => {
    if (!next) return;
    set_busy(true);
    try {
      const page = await ask<PlanRow[]>(next);
      set_plans((before) => [...(before ?? []), ...page.value]);
      set_next(page.next);
    } catch (failure) {
      say_refusal(failure);
    } finally {
      set_busy(false);
    }
  };
  useEffect(() => void load(), []);
  const text = place.value.query.get('q') ?? '';
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = (plans ?? []).filter((plan) => {
    const haystack = `${plan.title}\n${plan.goal}\n${plan.plan_id}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
  const executed = new Map<string, number>();
  for (const row of executions_in_order.value) executed.set(row.plan_id, (executed.get(row.plan_id) ?? 0) + 1);
  const rights = needs('operator');
  return (
    <div class="stack">
      <div class="spread">
        <h1>Plans</h1>
        {rights.disabled
          ? <button type="button" class="button primary" disabled title={rights.title}>Bring in a plan</button>
          : <a class="button primary" href={to(['new'])}>Bring in a plan</a>}
      </div>
      {plans?.length === 0 && <section class="card empty"><h2>No plan is kept yet</h2><p>Bring in the zip of a PlanExe run, or JSON, Markdown or CSV.</p></section>}
      {plans && plans.length > 0 && (
        <section class="card">
          <div class="toolbar">
            <label class="search">
              <span class="heard">Search plans by title, goal or id</span>
              <input class="input" type="search" placeholder="Search by title, goal or id" value={text} onInput={(event) => settle({ q: event.currentTarget.value })} />
            </label>
          </div>
          {shown.length === 0 && <div class="empty"><p>No plan has these words.</p></div>}
          <VirtualList
            items={shown} key_of={(plan) => plan.plan_id} first_guess={65} label="Plans" class="plan-list"
            render={(plan) => <PlanLine plan={plan} executions_of={executed.get(plan.plan_id) ?? 0} />}
          />
          {next && <div class="list-foot"><button type="button" class="button small" disabled={busy} onClick={() => void load()}>Show more</button></div>}
        </section>
      )}
    </div>
  );
}

function PlanLine({ plan, executions_of }: { plan: PlanRow; executions_of: number }) {
  return (
    <article class="plan-line">
      <div class="plan-line-name">
        <span class="plan-line-head"><a class="plan-link clip" href={to(['plans', plan.plan_id])} title={visible(plan.title)}><Text value={plan.title} /></a><RedlineMark plan={plan} /></span>
        <span class="soft small clip">{plan.goal !== plan.title ? <Text value={plan.goal} /> : count(plan.roles.length, 'role')}</span>
      </div>
      <span class="small number plan-line-counts">{count(plan.tasks_total, 'leaf', 'leaves')} in {count(plan.phases, 'phase')}<br /><span class="soft">confidence {Math.round(plan.decomposition.mean_confidence * 100)} %</span></span>
      <span class="small plan-line-times">
        {executions_of > 0 ? count(executions_of, 'execution') : <span class="soft">{more_executions.value ? 'none lately' : 'not started'}</span>}
        <br /><span class="soft"><When at={plan.imported_at} /></span>
      </span>
    </article>
  );
}

/** Executions of a plan listed on its page; the list of executions has all. */
const most_of_plan = 100;

/** Newest first: those that the server told of, and live ones in their present state. */
function use_executions_of(plan_id: string): ExecutionRow[] {
  const [asked, set_asked] = useState<readonly ExecutionRow[]>([]);
  useEffect(() => {
    const control = new AbortController();
    get<ExecutionRow[]>(`/api/executions?plan_id=${encodeURIComponent(plan_id)}&limit=${most_of_plan}`, control.signal)
      .then(set_asked)
      .catch(() => undefined);
    return () => control.abort();
  }, [plan_id]);
  const live = executions_in_order.value.filter((row) => row.plan_id === plan_id);
  return [...live, ...asked.filter((row) => !executions.value.has(row.execution_id))].slice(0, most_of_plan);
}

interface Whole {
  plan: PlanRow;
  tasks: readonly PlanTask[];
}

function PlanPage({ id }: { id: string }) {
  const [whole, set_whole] = useState<Whole | undefined>(undefined);
  const [missing, set_missing] = useState<string | undefined>(undefined);
  const [options, set_options] = useState<StartOptions>(usual_options);
  const [busy, set_busy] = useState(false);
  useEffect(() => {
    const control = new AbortController();
    const path = `/api/plans/${encodeURIComponent(id)}`;
    void Promise.all([get<PlanRow>(path, control.signal), get<PlanTask[]>(`${path}/tasks`, control.signal)])
      .then(([plan, tasks]) => set_whole({ plan, tasks }))
      .catch((failure: unknown) => {
        if (!control.signal.aborted) set_missing(failure instanceof Refusal ? failure.message : String(failure));
      });
    return () => control.abort();
  }, [id]);
  const { start, dialog } = use_start((execution) => {
    say(`“${visible(execution.title)}” has been started.`);
    go(to(['executions', execution.execution_id]));
  });
  if (missing) return <div class="empty"><h1>There is no such plan</h1><p>{missing}</p><p><a href={to(['plans'])}>To all plans</a></p></div>;
  if (!whole) return <Waiting title="Plan" />;
  const { plan, tasks } = whole;
  const rights = start_rights(plan);
  const begin = async () => {
    set_busy(true);
    try {
      await start(plan, options);
    } catch (failure) {
      say_refusal(failure);
    } finally {
      set_busy(false);
    }
  };
  const running = use_executions_of(id);
  return (
    <div class="stack">
      <div>
        <a class="small" href={to(['plans'])}>Plans</a>
        <h1 class="plan-title"><Text value={plan.title} /></h1>
      </div>
      <div class="look">
        <div class="stack">
          <section class="card card-pad stack">
            {plan.goal !== plan.title && <p class="soft plan-goal"><Text value={plan.goal} /></p>}
            <PlanFacts plan={plan} />
            <PlanVerdict plan={plan} />
          </section>
          <section class="card">
            <div class="card-head"><h2>What is to be done</h2><TierLegend /></div>
            <div class="tree-pad"><PlanTree tasks={tasks} /></div>
          </section>
        </div>
        <div class="stack">
          {running.length > 0 && (
            <section class="card">
              <div class="card-head"><h2>Its executions</h2><span class="soft small number">{running.length}{running.length === most_of_plan && '+'}</span></div>
              <ul class="plan-executions">
                {running.map((row) => (
                  <li key={row.execution_id}>
                    <a class="clip grow" href={to(['executions', row.execution_id])}><Text value={row.title} /></a>
                    <span class="number small">{Math.round(row.progress.effort_percent)} %</span>
                    <StateBadge status={row.status} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <form class="card" onSubmit={(event) => { event.preventDefault(); void begin(); }}>
            <div class="card-head"><h2>Start it</h2></div>
            <div class="card-pad stack">
              <StartFields options={options} on_change={set_options} tasks={tasks} plan_title={plan.title} />
              <div><button type="submit" class="button primary" {...rights} disabled={rights.disabled || busy}>Start</button></div>
            </div>
          </form>
          <section class="card">
            <div class="card-head"><h2>Who is needed</h2></div>
            <div class="card-pad scroll-x"><RoleTable roles={role_shares(tasks)} /></div>
          </section>
        </div>
      </div>
      {dialog}
    </div>
  );
}
