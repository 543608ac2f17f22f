import { describe, expect, it } from 'vitest';
import type { PlanTask } from '../api/types';
import { content_type_of, counted, file_type_of, role_shares, unsure } from './plan';

const leaf = (task_id: string, autonomy_tier: number, confidence: number, role?: string, days?: number): PlanTask => ({
  task_id, level: 'subtask', title: task_id, description: '', action: 'research', prerequisites: [], agent_executable: true,
  decomposition_confidence: confidence, autonomy_tier, ...(role ? { assignee_role: role } : {}),
  ...(days ? { estimate: { days_min: days, days_realistic: days, days_max: days } } : {}),
});
const phase: PlanTask = { ...leaf('phase', 1, 1), level: 'phase', children: [
  { ...leaf('task', 1, 1), level: 'task', children: [leaf('a', 1, 0.9, 'Writer', 2), leaf('b', 2, 0.6, 'Writer', 3)] },
  leaf('c', 3, 0.3), leaf('d', 3, 0.7, 'Editor'),
] };

describe('what a plan holds', () => {
  it('counts leaves by who may do them, and days from below where a phase has none', () => {
    expect(counted(phase)).toEqual({ leaves: 4, by_tier: { 1: 1, 2: 1, 3: 2 }, days: 5 });
  });
  it('shows the busiest role first and work without a role last', () => {
    expect(role_shares([phase])).toEqual([
      { role: 'Writer', leaves: 2, agent_alone: 1, agent_with_approval: 1, person_led: 0, effort_days: 5 },
      { role: 'Editor', leaves: 1, agent_alone: 0, agent_with_approval: 0, person_led: 1, effort_days: 0 },
      { role: '', leaves: 1, agent_alone: 0, agent_with_approval: 0, person_led: 1, effort_days: 0 },
    ]);
  });
  it('tells how many leaves would wait under a threshold', () => {
    expect([0, 0.6, 0.7, 0.71, 1].map((threshold) => unsure([phase], threshold))).toEqual([0, 1, 2, 3, 4]);
  });
  it('knows what files and pasted texts are', () => {
    expect(file_type_of('20250714_plan.ZIP')).toBe('application/zip');
    expect(file_type_of('plan.md')).toBe('text/markdown');
    expect(file_type_of('photo.png')).toBeUndefined();
    expect(file_type_of('x.constructor')).toBeUndefined();
    expect(content_type_of(' \n{"goal": 1}')).toBe('application/json');
    expect(content_type_of('# Plan')).toBe('text/markdown');
  });
});
