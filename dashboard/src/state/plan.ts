// What a plan holds, counted. Pure.
import type { PlanTask } from '../api/types';

/** How much an agent may do alone. */
export type Tier = 1 | 2 | 3;
export const tiers: Record<Tier, string> = { 1: 'Agent alone', 2: 'Agent, with approval', 3: 'Person leads' };
export const tier_of = (task: PlanTask): Tier => (task.autonomy_tier >= 3 ? 3 : task.autonomy_tier === 2 ? 2 : 1);

export interface RoleShare {
  role: string;
  leaves: number;
  agent_alone: number;
  agent_with_approval: number;
  person_led: number;
  effort_days?: number;
}

/** A phase in the plan's own schedule, from its start. */
export interface PhaseSpan extends Omit<RoleShare, 'role'> {
  task_id: string;
  title: string;
  tasks: number;
  start_days: number;
  end_days: number;
  days: number;
  critical_days: number;
}

export interface Counted {
  leaves: number;
  by_tier: Record<Tier, number>;
  /** Of its own estimate where it has one, else of what is below it. */
  days: number | undefined;
}

export function* leaves_of(tasks: readonly PlanTask[]): Generator<PlanTask> {
  for (const task of tasks) {
    if (task.children?.length) yield* leaves_of(task.children);
    else yield task;
  }
}

export function counted(task: PlanTask): Counted {
  const found: Counted = { leaves: 0, by_tier: { 1: 0, 2: 0, 3: 0 }, days: task.estimate?.days_realistic };
  let below = 0;
  for (const leaf of leaves_of([task])) {
    found.leaves++;
    found.by_tier[tier_of(leaf)]++;
    below += leaf.estimate?.days_realistic ?? 0;
  }
  if (found.days === undefined && below > 0) found.days = below;
  return found;
}

/** Who would do what, the busiest role first; leaves without a role last. */
export function role_shares(tasks: readonly PlanTask[]): RoleShare[] {
  const found = new Map<string, RoleShare>();
  for (const leaf of leaves_of(tasks)) {
    const role = leaf.assignee_role ?? '';
    const share = found.get(role) ?? { role, leaves: 0, agent_alone: 0, agent_with_approval: 0, person_led: 0, effort_days: 0 };
    share.leaves++;
    share.effort_days = (share.effort_days ?? 0) + (leaf.estimate?.days_realistic ?? 0);
    const tier = tier_of(leaf);
    if (tier === 1) share.agent_alone++;
    else if (tier === 2) share.agent_with_approval++;
    else share.person_led++;
    found.set(role, share);
  }
  return busiest_first([...found.values()]);
}

export function busiest_first(shares: readonly RoleShare[]): RoleShare[] {
  return [...shares].sort((a, b) => Number(a.role === '') - Number(b.role === '') || b.leaves - a.leaves || (a.role < b.role ? -1 : 1));
}

/** Leaves that would wait for a person's approval under a threshold of confidence (0 to 1). */
export function unsure(tasks: readonly PlanTask[], threshold: number): number {
  let found = 0;
  for (const leaf of leaves_of(tasks)) if (leaf.decomposition_confidence < threshold) found++;
  return found;
}

/** What a text is most likely written in, by how it begins. */
export function content_type_of(text: string): string {
  return /^\s*[[{]/.test(text) ? 'application/json' : 'text/markdown';
}

const types_by_ending: Record<string, string> = {
  zip: 'application/zip', json: 'application/json', md: 'text/markdown', markdown: 'text/markdown', csv: 'text/csv',
};

/** Undefined: no plan is written in such a file. */
export function file_type_of(name: string): string | undefined {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(types_by_ending, ending) ? types_by_ending[ending] : undefined;
}
