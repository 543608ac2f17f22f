// What a person holds, is asked about and could take, as GET /api/agents/{id}/inbox tells it.
import type { Blocker, Task } from '../api/types';

export interface HeldTask {
  execution_id: string;
  execution_title: string;
  task_id: string;
  title: string;
  since: string;
  lease_expires_at?: string;
}

export interface AvailableTask {
  execution_id: string;
  execution_title: string;
  task_id: string;
  title: string;
  since: string;
  reason: string;
}

/** A task that waits for somebody, in an execution that is named. */
export interface Decision extends Blocker {
  execution_id: string;
  execution_title: string;
  review_kind?: 'approval' | 'failure' | 'external' | 'decomposition' | string;
}

export interface Inbox {
  agent_id: string;
  held: HeldTask[];
  decisions: Decision[];
  more_decisions: boolean;
  available: AvailableTask[];
}

/** Something that came of a task before. */
export interface EarlierResult {
  task_id: string;
  title: string;
  output_data?: unknown;
}

/** All that somebody who works on a task should know, as a poll tells it. */
export interface Work {
  execution_id: string;
  task_id: string;
  title: string;
  description: string;
  action: string;
  success_criteria?: string;
  assignee_role?: string;
  attempt: number;
  lease_token?: string;
  context: {
    plan_goal: string;
    phase: string;
    previous_tasks: { task_id: string; title: string }[];
    upcoming_tasks: { task_id: string; title: string }[];
    prerequisite_results: EarlierResult[];
    resolution?: string;
  };
}

export interface WorkAnswer {
  tasks: Work[];
  revoked: { execution_id: string; task_id: string; reason: string }[];
  force_pause: boolean;
}

export const key_of = (task: { execution_id: string; task_id: string }): string => `${task.execution_id} ${task.task_id}`;

/**
 * The same from an execution's tasks, for a task that was taken elsewhere: a poll tells again of held tasks only when
 * its agent could take no more. Undefined: it is not among them.
 */
export function work_of(task: { execution_id: string; task_id: string }, tasks: readonly Task[], goal: string): Work | undefined {
  const by_id = new Map(tasks.map((each) => [each.task_id, each]));
  const found = by_id.get(task.task_id);
  if (!found) return undefined;
  let phase: Task = found;
  for (let above = by_id.get(phase.parent_id ?? ''); above; above = by_id.get(phase.parent_id ?? '')) phase = above;
  const siblings = tasks.filter((each) => each.parent_id === found.parent_id);
  const place = siblings.indexOf(found);
  const named = ({ task_id, title }: Task) => ({ task_id, title });
  const results = found.prerequisites.flatMap((id) => {
    const before = by_id.get(id);
    return before ? [{ ...named(before), ...(before.result === undefined ? {} : { output_data: before.result }) }] : [];
  });
  return {
    execution_id: task.execution_id, task_id: found.task_id, title: found.title, description: found.description,
    action: found.action, attempt: found.attempt, ...(found.assignee_role ? { assignee_role: found.assignee_role } : {}),
    context: {
      plan_goal: goal, phase: phase.title, prerequisite_results: results,
      previous_tasks: siblings.slice(Math.max(0, place - 3), place).map(named), upcoming_tasks: siblings.slice(place + 1, place + 3).map(named),
    },
  };
}

/** What a person wrote as the result of a task: JSON where it is some, else a text. Undefined: nothing. */
export function output_of(text: string): unknown {
  const trimmed = text.trim();
  if (!trimmed) return undefined;
  if (/^[[{]/.test(trimmed)) {
    try {
      return JSON.parse(trimmed) as unknown;
    } catch {
      // Then it only begins like JSON.
    }
  }
  return { summary: trimmed };
}

/** How often a lease is renewed: three times in its life, and not less than every five minutes. */
export const renewal_ms = (agent_timeout_seconds: number): number =>
  Math.min(300_000, Math.max(2_000, (agent_timeout_seconds * 1_000) / 3));
