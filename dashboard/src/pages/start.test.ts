import { describe, expect, it } from 'vitest';
import { request_of, usual_options } from './start';

describe('what an execution is started with', () => {
  it('leaves what is not filled in to the server', () => {
    expect(request_of(usual_options)).toEqual({ options: { sequencing: 'phased' } });
  });
  it('says what is filled in, in the units of the server', () => {
    expect(request_of({
      title: ' Mine ', sequencing: 'plan', review_percent: '62', max_parallel: '0', timeout_hours: '1.5', priority: '-2', human_from_tier: '3',
    })).toEqual({
      title: 'Mine', priority: -2,
      options: { sequencing: 'plan', review_threshold: 0.62, max_parallel: 0, timeout_hours: 1.5, human_from_tier: 3 },
    });
  });
});
