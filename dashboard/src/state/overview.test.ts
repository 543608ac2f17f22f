import { beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => vi.stubGlobal('document', { visibilityState: 'visible', addEventListener() {}, removeEventListener() {} }));

test('an execution that has left the log leaves the list with the news of it', async () => {
  const { executions, take } = await import('./overview');
  const row = (execution_id: string) => ({ execution_id, created_at: '2026-01-01T00:00:00.000Z' });
  take({ type: 'snapshot', seq: 1, executions: [row('a'), row('b')], agents: [], activity: [{ position: 1, event_type: 'execution_created', execution_id: 'b' }] });
  const entry = (position: number, event_type: string) => ({ position, event_type, execution_id: 'a', seq: 1, actor: '', timestamp: '' });
  take({ type: 'activity', entries: [entry(2, 'execution_completed')] });
  expect([...executions.value.keys()]).toEqual(['a', 'b']);
  take({ type: 'activity', entries: [entry(3, 'execution_archived')] });
  expect([...executions.value.keys()]).toEqual(['b']);
});
