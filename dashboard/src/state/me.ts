// Who looks at the page, and what they may do. The server decides; this only keeps the page from offering what it
// would refuse.
import { signal } from '@preact/signals';
import { get, needs_key, Refusal } from '../api/http';
import type { Me } from '../api/types';

export type Role = NonNullable<Me['role']>;
/** What a route asks for, from the least to the most. */
export type Right = 'viewer' | 'operator' | 'admin';

const rank: Record<Role, number> = { agent: 0, viewer: 1, operator: 2, admin: 3 };

export const me = signal<Me>({ auth: 'off' });
/** False until the server has said who this is. */
export const me_known = signal(false);

/** What somebody may do. A server without keys lets everybody do everything. */
export function allows(who: Me, right: Right): boolean {
  if (who.auth === 'off') return true;
  return who.role !== undefined && rank[who.role] >= rank[right];
}

export const may = (right: Right): boolean => allows(me.value, right);

/** The words for a button that cannot be used; undefined: it can. */
export function why_not(right: Right): string | undefined {
  if (may(right)) return undefined;
  const role = me.value.role;
  return role ? `This needs the role ${right}; your key has the role ${role}.` : `This needs a key with the role ${right}.`;
}

/** `disabled` and `title` for a button that needs a right: `<button {...needs('operator')}>`. */
export function needs(right: Right): { disabled: boolean; title?: string } {
  const reason = why_not(right);
  return reason ? { disabled: true, title: reason } : { disabled: false };
}

export async function learn_me(): Promise<void> {
  try {
    me.value = await get<Me>('/api/me');
    me_known.value = true;
    // A stream that is refused does not say why, so this is where it shows.
    needs_key.value = me.value.auth === 'required' && me.value.role === undefined;
  } catch (failure) {
    // A server that does not know the question has no keys. One that is away is asked again with the next link.
    if (failure instanceof Refusal && failure.status === 404) me_known.value = true;
  }
}
