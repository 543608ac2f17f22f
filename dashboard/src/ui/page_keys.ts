// Keys that work wherever the focus is.
import { useEffect, useRef } from 'preact/hooks';

/** Where a key belongs to what has the focus: something is being typed, or asked. */
export const typing = 'input:not([type=range]), textarea, select, dialog';

/**
 * Gives `act` each key that is pressed without a modifier, but not inside of what `except` selects. True from it: the key
 * has done something, and does nothing else.
 */
export function usePageKeys(act: (key: string, target: HTMLElement) => boolean, except = typing): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const on_key = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (target.closest(except)) return;
      if (latest.current(event.key, target)) event.preventDefault();
    };
    addEventListener('keydown', on_key);
    return () => removeEventListener('keydown', on_key);
  }, [except]);
}
