// JSON of others, readable: as text and never as anything else.
import { useState } from 'preact/hooks';
import { visible } from '../../ui/text';

/** More is shown on demand: a result may be a megabyte. */
const characters_shown = 4_000;

export function JsonView({ value }: { value: unknown }) {
  const [all, set_all] = useState(false);
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2) ?? '';
  const cut = !all && text.length > characters_shown;
  return (
    <div class="json">
      <pre tabIndex={0}>{visible(cut ? text.slice(0, characters_shown) + '…' : text)}</pre>
      {cut && <button type="button" class="button small quiet" onClick={() => set_all(true)}>Show all {Math.ceil(text.length / 1024)} KB</button>}
    </div>
  );
}
