// Whether the page stands on a phone, for what a style sheet alone cannot do.
import { useEffect, useState } from 'preact/hooks';

const narrow = matchMedia('(max-width: 720px)');

export function useNarrow(): boolean {
  const [is, set] = useState(narrow.matches);
  useEffect(() => {
    const changed = () => set(narrow.matches);
    narrow.addEventListener('change', changed);
    return () => narrow.removeEventListener('change', changed);
  }, []);
  return is;
}
