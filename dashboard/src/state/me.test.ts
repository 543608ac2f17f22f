import { describe, expect, it } from 'vitest';
import { allows } from './me';

describe('what somebody may do', () => {
  it('is everything where the server wants no keys', () => {
    expect(allows({ auth: 'off' }, 'admin')).toBe(true);
  });
  it('is nothing without a key where it wants one', () => {
    expect(allows({ auth: 'required' }, 'viewer')).toBe(false);
  });
  it('follows the role', () => {
    const rights = (role: 'admin' | 'operator' | 'viewer' | 'agent') =>
      (['viewer', 'operator', 'admin'] as const).filter((right) => allows({ auth: 'required', role }, right));
    expect([rights('agent'), rights('viewer'), rights('operator'), rights('admin')]).toEqual([
      [], ['viewer'], ['viewer', 'operator'], ['viewer', 'operator', 'admin'],
    ]);
  });
});
