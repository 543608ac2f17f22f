// The work of each role, in the order in which it concerns people. Pure.
import type { RoleLoad } from '../api/types';

/** There is work, and nobody within reach who could do it. */
export const is_lacking = (role: RoleLoad): boolean => role.ready > 0 && role.capacity === 0;

/** What needs somebody first: ready work without agents, then the most ready, then the most that is left. */
export function urgent_first(roles: readonly RoleLoad[]): RoleLoad[] {
  const lacking = (role: RoleLoad) => Number(is_lacking(role));
  const left = (role: RoleLoad) => role.held + role.reviewing + role.waiting;
  return [...roles].sort((a, b) => lacking(b) - lacking(a) || b.ready - a.ready || left(b) - left(a) || (a.role < b.role ? -1 : 1));
}
