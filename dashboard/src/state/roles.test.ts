import { expect, it } from 'vitest';
import type { RoleLoad } from '../api/types';
import { urgent_first } from './roles';

const load = (role: string, ready: number, capacity: number, waiting = 0): RoleLoad => ({
  role, ready, capacity, waiting, agents: 1, agents_active: 0, held: 0, reviewing: 0, completed: 0,
});

it('shows first where ready work has nobody, then where most is ready, then where most is left', () => {
  const roles = [load('idle', 0, 1), load('busy', 9, 2), load('lacking', 1, 0), load('later', 0, 0, 50)];
  expect(urgent_first(roles).map((each) => each.role)).toEqual(['lacking', 'busy', 'later', 'idle']);
});
