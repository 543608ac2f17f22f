// Where the window stands: at the top of a page that is gone to, and where it was on one that is gone back to. The
// browser's own memory does not help, since a page of this kind is drawn after the step back.
import { place } from '../router';

/** By history entry. */
const left_at = new Map<number, number>();
let here = 0;
let shown = '';

/** The number of the present history entry; a new entry gets one. */
function entry(): { at: number; is_new: boolean } {
  const known: unknown = (history.state as { at?: unknown } | null)?.at;
  if (typeof known === 'number') return { at: known, is_new: false };
  const at = Date.now() + Math.random();
  history.replaceState({ at }, '');
  return { at, is_new: true };
}

const page_of = () => place.value.path.slice(0, 2).join('/');

function arrive(): void {
  const { at, is_new } = entry();
  here = at;
  const page = page_of();
  const other = page !== shown;
  shown = page;
  // Another view of the same thing stays where it is.
  if (!other) return;
  const top = is_new ? 0 : (left_at.get(at) ?? 0);
  // After the page has been drawn: the first frame draws it, the second has its height.
  requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, top)));
  // A screen reader goes on at the beginning of what is new.
  document.getElementById('main')?.focus({ preventScroll: true });
}

export function watch_scroll(): () => void {
  history.scrollRestoration = 'manual';
  here = entry().at;
  shown = page_of();
  const note = () => left_at.set(here, scrollY);
  addEventListener('scroll', note, { passive: true });
  addEventListener('hashchange', arrive);
  return () => {
    removeEventListener('scroll', note);
    removeEventListener('hashchange', arrive);
  };
}
