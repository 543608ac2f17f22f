import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Task } from '../api/types';
import { LiveExecution } from './execution';

/** A socket whose other end is the test. */
class FakeSocket {
  static last: FakeSocket;
  onmessage?: (event: { data: string }) => void;
  onclose?: () => void;
  constructor(readonly address: string) {
    FakeSocket.last = this;
  }
  closed = false;
  close(): void {
    this.closed = true;
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let frames: (() => void)[];
let answers: Record<string, unknown>;
let asked: string[];
const next_frame = () => frames.splice(0).forEach((draw) => draw());
const settled = () => vi.waitFor(() => expect(waiting).toBe(0));
let waiting: number;

beforeEach(() => {
  frames = [];
  asked = [];
  waiting = 0;
  answers = { '': { version: 1, blockers: [], risks: [], warnings: [] }, '/events?limit=200': [], };
  const page = { visibilityState: 'visible', addEventListener() {}, removeEventListener() {} };
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('removeEventListener', () => {});
  vi.stubGlobal('location', { href: 'http://here/' });
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));
  vi.stubGlobal('cancelAnimationFrame', () => {});
  vi.stubGlobal('fetch', async (path: string) => {
    const rest = path.replace('/api/executions/e', '');
    asked.push(rest);
    waiting++;
    await Promise.resolve();
    waiting--;
    return rest in answers
      ? new Response(JSON.stringify(answers[rest]))
      : new Response(JSON.stringify({ code: 'not_found', title: '', detail: 'no such thing' }), { status: 404 });
  });
});
afterEach(() => vi.unstubAllGlobals());

const task = (task_id: string, status = 'QUEUED'): Task => ({ task_id, title: task_id, status, prerequisites: [], progress_percent: 0 } as unknown as Task);
const snapshot = (seq: number, tasks: Task[]) => ({ type: 'snapshot', seq, execution: { execution_id: 'e', status: 'RUNNING', version: seq, blockers: [] }, tasks });
const row = (task_id: string, status: string, more = {}) => ({ task_id, status, ready: false, attempt: 1, max_attempts: 3, progress_percent: 0, human_review_required: false, ...more });
const update = (seq: number, tasks: object[], more = {}) => ({ type: 'execution_update', execution_id: 'e', seq, status: 'RUNNING', tasks, ...more });
const event = (seq: number) => ({ type: 'event', seq, event_type: 'task_progress', task_id: 'a' });

async function opened(): Promise<LiveExecution> {
  const live = new LiveExecution('e');
  await settled();
  await Promise.resolve();
  return live;
}

describe('a live execution', () => {
  test('shows the snapshot at once, and what comes after it once a frame', async () => {
    const live = await opened();
    FakeSocket.last.say(snapshot(5, [task('a'), task('b')]));
    expect(live.present.value?.tasks.map((each) => each.task_id)).toEqual(['a', 'b']);
    let drawn = 0;
    const stop = live.present.subscribe(() => drawn++);
    drawn = 0;
    for (let seq = 6; seq < 106; seq++) {
      FakeSocket.last.say(event(seq));
      FakeSocket.last.say(update(seq, [row('a', 'RUNNING', { progress_percent: seq - 6 })]));
    }
    expect(drawn).toBe(0);
    next_frame();
    expect(drawn).toBe(1);
    expect(live.present.value).toMatchObject({ seq: 105 });
    expect(live.present.value?.by_id.get('a')?.progress_percent).toBe(99);
    expect(live.events.value.length).toBe(100);
    stop();
    live.close();
  });

  test('goes on after a break from the last update, and shows no event twice', async () => {
    const live = await opened();
    FakeSocket.last.say(snapshot(5, [task('a')]));
    for (const message of [event(6), update(6, []), event(7)]) FakeSocket.last.say(message);
    next_frame();
    for (const message of [event(7), event(8), update(8, []), { type: 'caught_up', seq: 8 }]) FakeSocket.last.say(message);
    expect(live.events.value.map((each) => each.seq)).toEqual([8, 7, 6]);
    expect(live.link.value).toBe('live');
    live.close();
  });

  test('begins anew with the snapshot after a resync, and drops what was not drawn yet', async () => {
    const live = await opened();
    FakeSocket.last.say(snapshot(5, [task('a')]));
    FakeSocket.last.say(update(6, [row('a', 'RUNNING')]));
    FakeSocket.last.say({ type: 'resync', reason: 'too slow' });
    FakeSocket.last.say(snapshot(90, [task('a', 'COMPLETE'), task('new')]));
    next_frame();
    expect(live.present.value?.by_id.get('a')?.status).toBe('COMPLETE');
    expect(live.present.value?.by_id.has('new')).toBe(true);
    live.close();
  });

  test('asks for the tree where an update cannot be placed, and puts what came meanwhile on top', async () => {
    const live = await opened();
    FakeSocket.last.say(snapshot(5, [task('a')]));
    await settled();
    answers['/tasks?at_seq=6'] = [task('a'), task('late')];
    FakeSocket.last.say(update(6, [row('late', 'QUEUED')], { structure: true }));
    next_frame();
    FakeSocket.last.say(update(7, [row('late', 'RUNNING')]));
    next_frame();
    expect(live.present.value?.by_id.has('late')).toBe(false);
    await vi.waitFor(() => expect(live.present.value?.by_id.get('late')?.status).toBe('RUNNING'));
    expect(live.present.value?.seq).toBe(7);
    expect(asked.filter((path) => path.startsWith('/tasks'))).toEqual(['/tasks?at_seq=6']);
    live.close();
  });

  test('takes the head of an update whose tasks had to be asked for', async () => {
    const live = await opened();
    FakeSocket.last.say(snapshot(5, [task('a')]));
    await settled();
    answers['/tasks?at_seq=6'] = [task('a'), task('late')];
    FakeSocket.last.say(update(6, [row('late', 'QUEUED')], { structure: true, version: 6, status: 'BLOCKED' }));
    next_frame();
    await vi.waitFor(() => expect(live.present.value?.by_id.has('late')).toBe(true));
    expect(live.present.value?.execution).toMatchObject({ status: 'BLOCKED', version: 6 });
    live.close();
  });

  test('asks once more for tasks that it did not get', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
    try {
      const live = new LiveExecution('e');
      await vi.advanceTimersByTimeAsync(1);
      FakeSocket.last.say(snapshot(5, [task('a')]));
      FakeSocket.last.say(update(6, [row('a', 'COMPLETE'), row('late', 'QUEUED')], { structure: true }));
      next_frame();
      await vi.advanceTimersByTimeAsync(1);
      answers['/tasks?at_seq=6'] = [task('a', 'COMPLETE'), task('late')];
      await vi.advanceTimersByTimeAsync(4_000);
      expect(live.present.value?.by_id.has('late')).toBe(true);
      expect(live.present.value?.by_id.get('a')?.status).toBe('COMPLETE');
      live.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('draws also where the page is hidden before its frame comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
    try {
      const live = new LiveExecution('e');
      await vi.advanceTimersByTimeAsync(1);
      FakeSocket.last.say(snapshot(5, [task('a')]));
      FakeSocket.last.say(update(6, [row('a', 'RUNNING')]));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(live.present.value?.by_id.get('a')?.status).toBe('RUNNING');
      live.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('asks once for what is archived, and follows it no more', async () => {
    answers[''] = { version: 3, status: 'COMPLETED', archived: true, blockers: [], risks: [], warnings: [] };
    answers['/tasks'] = [task('a', 'COMPLETE')];
    answers['/events?limit=200'] = [event(3), event(2), event(1)];
    const live = await opened();
    await vi.waitFor(() => expect(live.events.value.length).toBe(3));
    expect(live.present.value).toMatchObject({ seq: 3, execution: { archived: true } });
    expect(live.present.value?.by_id.get('a')?.status).toBe('COMPLETE');
    expect(live.missing.value).toBe(false);
    await vi.waitFor(() => expect(FakeSocket.last.closed).toBe(true));
    expect(asked).toEqual(['', '/tasks', '/events?limit=200']);
  });

  test('finds out that what it shows has been archived meanwhile', async () => {
    const live = await opened();
    FakeSocket.last.say(snapshot(3, [task('a', 'COMPLETE')]));
    answers[''] = { version: 3, status: 'COMPLETED', archived: true, blockers: [], risks: [], warnings: [] };
    answers['/tasks'] = [task('a', 'COMPLETE')];
    live.look_again();
    await vi.waitFor(() => expect(live.present.value?.execution.archived).toBe(true));
    await vi.waitFor(() => expect(FakeSocket.last.closed).toBe(true));
  });

  test('says that there is no such execution', async () => {
    delete answers[''];
    const live = await opened();
    await vi.waitFor(() => expect(live.missing.value).toBe(true));
  });
});
