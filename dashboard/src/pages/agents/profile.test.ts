import { describe, expect, it } from 'vitest';
import { capabilities_of, listed } from './profile';

describe('what an agent can do, as it is written in a field', () => {
  it('is read with commas between, each once', () => {
    expect(listed(' Writer, ,Editor,Writer')).toEqual(['Writer', 'Editor']);
    expect(listed('')).toEqual([]);
  });
  it('keeps the params of actions that stay', () => {
    expect(capabilities_of('research, draft', [{ action: 'research', params: { depth: 2 } }])).toEqual([
      { action: 'research', params: { depth: 2 } }, { action: 'draft' },
    ]);
  });
});
