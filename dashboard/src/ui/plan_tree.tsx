// A plan's phases, tasks and leaves before they are carried out: who may do them, how sure that is, how long it takes.
import { useState } from 'preact/hooks';
import type { PlanTask } from '../api/types';
import { counted, tier_of, tiers, type PhaseSpan, type RoleShare, type Tier } from '../state/plan';
import { Text, visible } from './text';
import { days as in_words } from './time';
import { count } from './words';
import '../styles/plan_tree.css';

const all_tiers: readonly Tier[] = [1, 2, 3];

export function TierBar({ by_tier, label }: { by_tier: Record<Tier, number>; label: string }) {
  const total = by_tier[1] + by_tier[2] + by_tier[3];
  const words = all_tiers.filter((tier) => by_tier[tier] > 0).map((tier) => `${tiers[tier]}: ${by_tier[tier]}`).join(', ');
  return (
    <span class="tier-bar" role="img" aria-label={`${label}: ${words}`} title={words}>
      {all_tiers.map((tier) => by_tier[tier] > 0 && (
        <i key={tier} class={`tier-${tier}`} style={{ width: `${(100 * by_tier[tier]) / total}%` }} />
      ))}
    </span>
  );
}

export function TierLegend() {
  return (
    <span class="tier-legend small soft">
      {all_tiers.map((tier) => <span key={tier}><i class={`tier-${tier}`} aria-hidden="true" />{tiers[tier]}</span>)}
    </span>
  );
}

export function RoleTable({ roles }: { roles: readonly RoleShare[] }) {
  const most = Math.max(1, ...roles.map((role) => role.leaves));
  return (
    <table class="role-table">
      <thead><tr><th scope="col">Role</th><th scope="col" class="number">Leaves</th><th scope="col" class="number">Days</th><th scope="col">Who may do them</th></tr></thead>
      <tbody>
        {roles.map((share) => (
          <tr key={share.role}>
            <th scope="row">{share.role ? <Text value={share.role} /> : <span class="soft">No role: anybody who can</span>}</th>
            <td class="number">{share.leaves}</td>
            <td class="number soft">{share.effort_days ? Math.round(share.effort_days * 10) / 10 : '–'}</td>
            <td>
              <span class="role-share" style={{ width: `${Math.max(8, (100 * share.leaves) / most)}%` }}>
                <TierBar label={visible(share.role || 'No role')} by_tier={{ 1: share.agent_alone, 2: share.agent_with_approval, 3: share.person_led }} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** When the phases would be, one below the other on one scale. */
export function PhaseSpans({ phases, total_days }: { phases: readonly PhaseSpan[]; total_days: number }) {
  const share = (days: number) => `${(100 * days) / Math.max(total_days, 0.01)}%`;
  return (
    <ol class="spans">
      {phases.map((phase) => (
        <li key={phase.task_id}>
          <span class="clip" title={visible(phase.title)}><Text value={phase.title} /></span>
          <span class="span-track" title={`From day ${round(phase.start_days)} to day ${round(phase.end_days)}, ${round(phase.critical_days)} days of it on the critical path`}>
            <i class={phase.critical_days > 0 ? 'critical' : ''} style={{ left: share(phase.start_days), width: share(phase.days) }} />
          </span>
          <span class="number small soft nowrap">{in_words(phase.days)}</span>
        </li>
      ))}
    </ol>
  );
}

const round = (days: number) => Math.round(days * 10) / 10;

/** Confidence as a share of a small bar; low ones stand out. */
export function Confidence({ value }: { value: number }) {
  const percent = Math.round(value * 100);
  return (
    <span class={`confidence ${value < 0.5 ? 'low' : value < 0.7 ? 'middle' : ''}`} title={`Confidence ${percent} %`}>
      <i aria-hidden="true"><b style={{ width: `${percent}%` }} /></i>
      <span class="number">{percent} %</span>
    </span>
  );
}

function Leaf({ task }: { task: PlanTask }) {
  const [open, set_open] = useState(false);
  const tier = tier_of(task);
  return (
    <li class="leaf">
      <button type="button" class="leaf-title" aria-expanded={open} onClick={() => set_open(!open)}>
        <i class={`tier-dot tier-${tier}`} title={tiers[tier]} role="img" aria-label={tiers[tier]} />
        <Text value={task.title} />
      </button>
      <span class="leaf-facts small soft">
        {task.assignee_role && <span class="clip leaf-role"><Text value={task.assignee_role} /></span>}
        {task.estimate && <span class="number nowrap">{in_words(task.estimate.days_realistic)}</span>}
        <Confidence value={task.decomposition_confidence} />
      </span>
      {open && (
        <div class="leaf-more small">
          {task.description ? <p><Text value={task.description} /></p> : <p class="soft">The plan says no more about it.</p>}
          <p class="soft">Action <code><Text value={task.action} /></code>{task.prerequisites.length > 0 && <> after {task.prerequisites.length} other{task.prerequisites.length > 1 ? 's' : ''}</>}</p>
        </div>
      )}
    </li>
  );
}

function Branch({ task, depth }: { task: PlanTask; depth: number }) {
  const [open, set_open] = useState(false);
  if (!task.children?.length) return <Leaf task={task} />;
  const below = counted(task);
  return (
    <li class={`branch depth-${Math.min(depth, 3)}`}>
      <button type="button" class="branch-head" aria-expanded={open} onClick={() => set_open(!open)}>
        <svg class="fold" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><path d="m4 2 4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>
        <span class="grow branch-title"><Text value={task.title} /></span>
        <span class="small soft number nowrap">{count(below.leaves, 'leaf', 'leaves')}{below.days !== undefined && `, ${in_words(below.days)}`}</span>
        <TierBar label="Who may do them" by_tier={below.by_tier} />
      </button>
      {open && <ul>{task.children.map((child) => <Branch key={child.task_id} task={child} depth={depth + 1} />)}</ul>}
    </li>
  );
}

export function PlanTree({ tasks }: { tasks: readonly PlanTask[] }) {
  return <ul class="plan-tree">{tasks.map((task) => <Branch key={task.task_id} task={task} depth={0} />)}</ul>;
}
