import { describe, expect, it } from 'vitest';
import type { Task } from '../api/types';
import { output_of, renewal_ms, work_of } from './inbox';

const task = (task_id: string, more: Partial<Task> = {}): Task => ({
  task_id, level: 'subtask', title: `Do ${task_id}`, description: '', status: 'QUEUED', ready: false, attempt: 1, max_attempts: 3,
  progress_percent: 0, human_review_required: false, action: 'research', params: {}, prerequisites: [], timeout_hours: 24,
  priority: 0, agent_executable: true, decomposition_confidence: 1, autonomy_tier: 1, ...more,
});

describe('what somebody who works should know', () => {
  const tasks = [
    task('phase', { level: 'phase' }), task('a', { parent_id: 'phase', result: { pages: 3 } }),
    task('b', { parent_id: 'phase', prerequisites: ['a', 'gone'], description: 'Read it all' }), task('c', { parent_id: 'phase' }),
  ];
  it('is found in the tasks of the execution', () => {
    const work = work_of({ execution_id: 'x', task_id: 'b' }, tasks, 'A goal');
    expect(work).toMatchObject({ title: 'Do b', description: 'Read it all', context: {
      plan_goal: 'A goal', phase: 'Do phase', previous_tasks: [{ task_id: 'a' }], upcoming_tasks: [{ task_id: 'c' }],
      prerequisite_results: [{ task_id: 'a', title: 'Do a', output_data: { pages: 3 } }],
    } });
  });
  it('is not made up', () => {
    expect(work_of({ execution_id: 'x', task_id: 'z' }, tasks, '')).toBeUndefined();
  });
});

describe('what a person writes as a result', () => {
  it('is JSON where it is some, and a text else', () => {
    expect(output_of('{"pages": 3}')).toEqual({ pages: 3 });
    expect(output_of(' All read. ')).toEqual({ summary: 'All read.' });
    expect(output_of('[sic] all read')).toEqual({ summary: '[sic] all read' });
    expect(output_of('  ')).toBeUndefined();
  });
});

it('renews a lease well before it ends', () => {
  expect([renewal_ms(1_800), renewal_ms(30), renewal_ms(0.1)]).toEqual([300_000, 10_000, 2_000]);
});
