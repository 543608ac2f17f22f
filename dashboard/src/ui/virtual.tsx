// A long list of which only the part near the window is in the page. All rows have one height, which css gives and the
// first row is measured for; the window itself scrolls, so that a phone's browser bars and the back button work.
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualListProps<T> {
  items: readonly T[];
  key_of: (item: T) => string;
  /** Its outermost element is an <li>'s only child. */
  render: (item: T, index: number) => ComponentChildren;
  /** What a row is thought to measure before the first is there, in pixels. */
  first_guess: number;
  label: string;
  /** Arrow keys, Home and End move between the first links of the rows. */
  class?: string;
}

/** Rows beyond the window's edges, so that a quick scroll shows no gap. */
const spare_rows = 8;

interface Slice {
  from: number;
  until: number;
}

export function VirtualList<T>(props: VirtualListProps<T>) {
  const { items, key_of, render, first_guess, label } = props;
  const list = useRef<HTMLUListElement>(null);
  const [height, set_height] = useState(first_guess);
  const [slice, set_slice] = useState<Slice>({ from: 0, until: 30 });
  const wanted_focus = useRef<number | undefined>(undefined);

  useLayoutEffect(() => {
    const look = () => {
      const element = list.current;
      if (!element) return;
      const row = element.querySelector<HTMLElement>('li');
      const measured = row ? row.getBoundingClientRect().height : height;
      if (measured > 0 && Math.abs(measured - height) > 0.5) set_height(measured);
      const above = -element.getBoundingClientRect().top;
      const from = Math.max(0, Math.floor(above / measured) - spare_rows);
      const until = Math.ceil((above + innerHeight) / measured) + spare_rows;
      set_slice((now) => (now.from === from && now.until === until ? now : { from, until }));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    const resized = new ResizeObserver(look);
    if (list.current) resized.observe(list.current);
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
      resized.disconnect();
    };
  }, [items.length > 0, height]);

  // Focus goes to a row only once it is in the page.
  useLayoutEffect(() => {
    const index = wanted_focus.current;
    if (index === undefined) return;
    const link = list.current?.querySelector<HTMLElement>(`li[data-index="${index}"] a`);
    if (!link) return;
    wanted_focus.current = undefined;
    link.focus({ preventScroll: true });
  });

  const focus = (index: number) => {
    const element = list.current;
    if (!element || index < 0 || index >= items.length) return;
    wanted_focus.current = index;
    const top = element.getBoundingClientRect().top + index * height;
    const header = 70;
    if (top < header) scrollBy({ top: top - header });
    else if (top + height > innerHeight) scrollBy({ top: top + height - innerHeight + 12 });
    const link = element.querySelector<HTMLElement>(`li[data-index="${index}"] a`);
    if (link) {
      wanted_focus.current = undefined;
      link.focus({ preventScroll: true });
    }
  };

  const on_key = (event: JSX.TargetedKeyboardEvent<HTMLUListElement>) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('li[data-index]');
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const index = Number(row.dataset['index']);
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    focus(next);
  };

  const from = Math.min(slice.from, Math.max(0, items.length - 1));
  const shown = items.slice(from, slice.until);
  return (
    <ul
      ref={list}
      class={`virtual ${props.class ?? ''}`}
      aria-label={label}
      style={{ paddingTop: `${from * height}px`, paddingBottom: `${Math.max(0, items.length - from - shown.length) * height}px` }}
      onKeyDown={on_key}
    >
      {shown.map((item, i) => (
        <li key={key_of(item)} data-index={from + i} aria-setsize={items.length} aria-posinset={from + i + 1}>
          {render(item, from + i)}
        </li>
      ))}
    </ul>
  );
}
