import { describe, expect, test } from 'vitest';
import { advanced, event_name, is_whole, marked_beside, marks_of, merged, stamp_at, time_near, type Stamp } from './history';

const stamp = (seq: number, ms: number, type = 'task_progress'): Stamp => ({ seq, ms, type });
const stamps = [
  stamp(1, 0, 'execution_created'), stamp(2, 10, 'execution_started'), stamp(3, 1_000), stamp(4, 2_000, 'task_error'), stamp(5, 2_000), stamp(6, 3_600_000, 'execution_completed'),
];

describe('marks', () => {
  test('stand at the events that matter, at their place', () => {
    expect(marks_of(stamps, 6).map((mark) => [mark.type, mark.place])).toEqual([['execution_started', 0.2], ['task_error', 0.6], ['execution_completed', 1]]);
  });
  test('that would fall on each other are one, and the heaviest is told', () => {
    const close = [stamp(1, 0, 'subtasks_added'), stamp(2, 0, 'execution_failed'), stamp(3, 0, 'task_blocked'), ...Array.from({ length: 997 }, (_, at) => stamp(at + 4, 0))];
    expect(marks_of(close, 1_000, 10)).toEqual([{ place: 1 / 999, tone: 'red', seq: 2, type: 'execution_failed', count: 3 }]);
  });
  test('there are never more than fit', () => {
    const errors = Array.from({ length: 5_000 }, (_, at) => stamp(at + 1, at, 'task_error'));
    expect(marks_of(errors, 5_000).length).toBeLessThanOrEqual(121);
  });
  test('can be gone to on both sides', () => {
    expect([marked_beside(stamps, 3, 1), marked_beside(stamps, 4, 1), marked_beside(stamps, 6, 1)]).toEqual([4, 6, undefined]);
    expect([marked_beside(stamps, 4, -1), marked_beside(stamps, 2, -1)]).toEqual([2, undefined]);
  });
});

describe('stamps', () => {
  test('are merged in order, each once', () => {
    expect(merged([stamp(2, 2), stamp(1, 1)], [stamp(3, 3), stamp(2, 2)]).map((each) => each.seq)).toEqual([1, 2, 3]);
  });
  test('tell the time of an event, or the nearest one before it', () => {
    expect(stamp_at(stamps, 4)?.type).toBe('task_error');
    expect(stamp_at([stamp(1, 5), stamp(9, 7)], 4)).toBeUndefined();
    expect(time_near([stamp(1, 5), stamp(9, 7)], 4)).toBe(5);
    expect(time_near([stamp(9, 7)], 4)).toBe(7);
    expect(is_whole(stamps, 6)).toBe(true);
    expect(is_whole(stamps, 7)).toBe(false);
  });
});

describe('playing', () => {
  test('goes as fast as it was, times the speed', () => {
    expect(advanced({ seq: 2, ms: 10 }, { times: 1 }, 500, stamps)).toEqual({ seq: 2, ms: 510 });
    expect(advanced({ seq: 2, ms: 10 }, { times: 10 }, 100, stamps)).toEqual({ seq: 3, ms: 1_010 });
  });
  test('events of the same time come together', () => expect(advanced({ seq: 3, ms: 1_500 }, { times: 1 }, 500, stamps).seq).toBe(5));
  test('skips what would be a long pause', () => {
    const head = advanced({ seq: 5, ms: 2_000 }, { times: 10 }, 100, stamps);
    expect(head).toEqual({ seq: 5, ms: 3_600_000 - 15_000 });
    expect(advanced(head, { times: 10 }, 1_500, stamps).seq).toBe(6);
  });
  test('by events keeps the part of an event that is under way', () => {
    const head = advanced({ seq: 1, ms: 0 }, { events_a_second: 5 }, 100, stamps);
    expect(head).toEqual({ seq: 1.5, ms: 0 });
    expect(advanced(head, { events_a_second: 5 }, 100, stamps)).toEqual({ seq: 2, ms: 10 });
  });
  test('ends at the last event', () => expect(advanced({ seq: 5, ms: 0 }, { events_a_second: 1_000 }, 1_000, stamps).seq).toBe(6));
});

test('types of events are readable', () => expect(event_name('task_retry_scheduled')).toBe('Task retry scheduled'));
