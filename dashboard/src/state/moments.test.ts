import { describe, expect, test } from 'vitest';
import type { Moment } from './execution';
import { MomentShelf } from './moments';

const moment = (seq: number, tasks = 1) => ({ seq, tasks: Array.from({ length: tasks }) }) as unknown as Moment;

/** Answers when it is told to. */
function server(tasks = 1) {
  const asked: { seq: number; signal: AbortSignal; answer: () => void; fail: () => void }[] = [];
  const shelf = new MomentShelf((_, seq, signal) => new Promise((done, failed) => {
    asked.push({ seq, signal, answer: () => done(moment(seq, tasks)), fail: () => failed(new Error('no')) });
  }));
  return { asked, shelf };
}

describe('past moments', () => {
  test('are asked for once, however many want them', async () => {
    const { asked, shelf } = server();
    const both = [shelf.at('e', 5), shelf.at('e', 5)];
    asked[0]?.answer();
    expect((await Promise.all(both)).map((each) => each.seq)).toEqual([5, 5]);
    expect((await shelf.at('e', 5)).seq).toBe(5);
    expect(asked.length).toBe(1);
    expect(shelf.has('e', 5)).toBe(true);
    expect(shelf.has('other', 5)).toBe(false);
  });
  test('are given up when the last who waited goes, and not before', async () => {
    const { asked, shelf } = server();
    const [one, two] = [new AbortController(), new AbortController()];
    const waits = [shelf.at('e', 5, one.signal), shelf.at('e', 5, two.signal)].map((each) => each.catch((why: Error) => why.name));
    one.abort();
    expect(asked[0]?.signal.aborted).toBe(false);
    two.abort();
    expect(await Promise.all(waits)).toEqual(['AbortError', 'AbortError']);
    expect(asked[0]?.signal.aborted).toBe(true);
    void shelf.at('e', 5);
    expect(asked.length).toBe(2);
  });
  test('go on for who comes as the last one leaves', async () => {
    const { asked, shelf } = server();
    const leaves = new AbortController();
    const first = shelf.at('e', 5, leaves.signal).catch((why: Error) => why.name);
    leaves.abort();
    const second = shelf.at('e', 5);
    expect(await first).toBe('AbortError');
    asked[0]?.answer();
    expect((await second).seq).toBe(5);
    expect(asked.length).toBe(1);
  });
  test('that failed are asked for again', async () => {
    const { asked, shelf } = server();
    const first = shelf.at('e', 5).catch((why: Error) => why.message);
    asked[0]?.fail();
    expect(await first).toBe('no');
    const again = shelf.at('e', 5);
    asked[1]?.answer();
    expect((await again).seq).toBe(5);
  });
  test('that were not used for long make room', async () => {
    const { asked, shelf } = server(20_000);
    for (let seq = 1; seq <= 3; seq++) {
      const wait = shelf.at('e', seq);
      asked[seq - 1]?.answer();
      await wait;
    }
    await shelf.at('e', 1);
    const fourth = shelf.at('e', 4);
    asked[3]?.answer();
    await fourth;
    expect([1, 2, 3, 4].map((seq) => shelf.has('e', seq))).toEqual([true, false, true, true]);
  });
});
