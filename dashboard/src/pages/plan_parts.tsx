// What is told of a plan wherever one stands: its size, how sure its parts are, what is odd, and PlanExe's own verdict.
import type { PlanRow } from '../api/types';
import { Text } from '../ui/text';

type Told = Omit<PlanRow, 'plan_id'>;

/** Warnings shown before somebody asks for all. */
const first_warnings = 5;

export function PlanFacts({ plan }: { plan: Told }) {
  const { agent_executable, needs_review, human, mean_confidence } = plan.decomposition;
  const facts: [string | number, string][] = [
    [plan.phases, plan.phases === 1 ? 'phase' : 'phases'], [plan.tasks, plan.tasks === 1 ? 'task' : 'tasks'],
    [plan.tasks_total, plan.tasks_total === 1 ? 'leaf' : 'leaves'], [plan.dependencies, plan.dependencies === 1 ? 'dependency' : 'dependencies'],
    [agent_executable, 'for agents'], [needs_review, 'need a look'], [human, 'for people'],
    [`${Math.round(mean_confidence * 100)} %`, 'mean confidence'],
  ];
  return (
    <ul class="plan-facts">
      {facts.map(([value, name]) => <li key={name}><b class="number">{value}</b> <span class="soft">{name}</span></li>)}
    </ul>
  );
}

export function PlanVerdict({ plan }: { plan: Told }) {
  const { redline, warnings, start_warning } = plan;
  return (
    <>
      {redline === 'REFUSE' && <p class="notice notice-red"><b>Refused.</b> PlanExe’s redline gate says that this plan must not be carried out.</p>}
      {redline === 'ALLOW_WITH_SAFETY_FRAMING' && <p class="notice notice-orange"><b>Allowed with care.</b> PlanExe’s redline gate wants this plan framed for safety.</p>}
      {start_warning && <p class="notice notice-orange"><b>To be confirmed by whoever starts it.</b> <Text value={start_warning} /></p>}
      {warnings.length > 0 && (
        <details class="notice notice-grey" open={warnings.length <= first_warnings}>
          <summary><b>{warnings.length} {warnings.length === 1 ? 'warning' : 'warnings'}</b> <span class="soft">from reading it</span></summary>
          <ul>{warnings.map((warning, i) => <li key={i}><Text value={warning.detail} /></li>)}</ul>
        </details>
      )}
    </>
  );
}

/** A plan's verdict in a word, for a list. */
export function RedlineMark({ plan }: { plan: Told }) {
  if (plan.redline === 'REFUSE') return <span class="state tone-red">Refused by PlanExe</span>;
  if (plan.start_warning) return <span class="state tone-orange">To be confirmed</span>;
  return null;
}
