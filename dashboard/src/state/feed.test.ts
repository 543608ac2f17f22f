import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Activity } from '../api/types';
import { fits, merged, older_pages, runs } from './feed';

const entry = (position: number, event_type = 'task_complete', more: Partial<Activity> = {}): Activity => ({
  position, seq: position, event_type, actor: 'scout', timestamp: '2026-01-01T00:00:00.000Z', ...more,
});
const all = { execution_id: '', agent_id: '', kind: '' } as const;

afterEach(() => vi.unstubAllGlobals());

describe('the activity feed', () => {
  it('joins what was asked for and what came live, each once, newest first', () => {
    expect(merged([entry(3), entry(1)], [entry(4), entry(3)]).map((each) => each.position)).toEqual([4, 3, 1]);
  });
  it('filters by execution, agent and kind', () => {
    const failed = entry(1, 'task_error', { execution_id: 'x', agent_id: 'a' });
    expect(fits(failed, { ...all, kind: 'trouble' })).toBe(true);
    expect(fits(failed, { ...all, kind: 'work' })).toBe(false);
    expect(fits(failed, { ...all, execution_id: 'y' })).toBe(false);
    expect(fits(failed, { ...all, agent_id: 'a', execution_id: 'x' })).toBe(true);
  });
  it('draws long runs of the same together, and leaves short ones', () => {
    const asked = (position: number) => entry(position, 'review_requested', { execution_id: 'x' });
    const list = [entry(9), asked(8), asked(7), asked(6), asked(5), entry(4), entry(3), asked(2)];
    expect(runs(list).map((run) => [run.first.position, run.more.map((each) => each.position)])).toEqual([
      [9, []], [8, [7, 6, 5]], [4, []], [3, []], [2, []],
    ]);
    expect(runs([])).toEqual([]);
  });
  it('goes on to older pages until something fits', async () => {
    const pages: Record<string, [Activity[], string?]> = {
      '/2': [[entry(8)], '/3'], '/3': [[entry(7, 'task_error')], '/4'], '/4': [[entry(6)]],
    };
    vi.stubGlobal('fetch', async (path: string) => {
      const [value, next] = pages[path] ?? [[]];
      return new Response(JSON.stringify(value), next ? { headers: { Link: `<${next}>; rel="next"` } } : {});
    });
    const found = await older_pages('/2', { ...all, kind: 'trouble' }, new AbortController().signal);
    expect(found).toEqual({ entries: [entry(8), entry(7, 'task_error')], next: '/4' });
    const rest = await older_pages('/4', { ...all, kind: 'trouble' }, new AbortController().signal);
    expect(rest).toEqual({ entries: [entry(6)] });
  });
});
