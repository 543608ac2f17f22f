import { describe, expect, it } from 'vitest';
import { duration, relative } from './time';

const from = Date.parse('2026-01-02T00:00:00.000Z');
const at = (ms: number) => relative(new Date(from + ms).toISOString(), from);

describe('times as people say them', () => {
  it('says durations in two units', () => {
    expect([duration(0), duration(59_400), duration(3_600_000), duration(12_000_000), duration(90_061_000)]).toEqual(
      ['0 s', '59 s', '1 h', '3 h 20 min', '1 d 1 h']);
  });
  it('leaves seconds out once there are minutes', () => {
    expect([at(-268_000), at(-31_000), at(86_399_000), at(400)]).toEqual(['4 min ago', '31 s ago', 'in 23 h 59 min', 'now']);
  });
});
