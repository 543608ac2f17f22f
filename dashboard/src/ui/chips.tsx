// One choice among few, each with how many there are: a filter.
import type { ComponentChildren } from 'preact';

export interface Chip<T extends string> {
  value: T;
  name: ComponentChildren;
  count?: number;
}

/** `chosen` '': all. Choosing the chosen one again takes the filter off. */
export function Chips<T extends string>({ label, chips, chosen, on_choose }: {
  label: string;
  chips: readonly Chip<T>[];
  chosen: T | '';
  on_choose: (value: T | '') => void;
}) {
  return (
    <div class="chips" role="group" aria-label={label}>
      {chips.map(({ value, name, count }) => (
        <button
          key={value}
          type="button"
          class="chip"
          aria-pressed={chosen === value}
          onClick={() => on_choose(chosen === value ? '' : value)}
        >
          {name}
          {count !== undefined && <span class="chip-count number">{count}</span>}
        </button>
      ))}
    </div>
  );
}
