// A long list of rows of one height that scrolls with the page: only those in sight are in the document, and what is
// read stays where it is when rows come and go above it.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows drawn beyond what is seen, so that a fast scroll meets no holes. */
const overscan = 8;

export interface Span {
  first: number;
  /** One behind the last. */
  end: number;
}

/** The rows between two heights of a list, with some to spare. */
export function rows_between(top: number, bottom: number, row_height: number, count: number): Span {
  const first = Math.max(0, Math.min(count, Math.floor(top / row_height) - overscan));
  return { first, end: Math.max(first, Math.min(count, Math.ceil(bottom / row_height) + overscan)) };
}

/** Follows the page's scrolling. `inset`: pixels at the top that something sticky covers. */
export function useRowsInSight(count: number, row_height: number, inset: number) {
  const list = useRef<HTMLDivElement>(null);
  const [seen, set_seen] = useState<Span & { top: number }>({ first: 0, end: Math.min(count, 40), top: 0 });
  const measure = useRef(() => {});
  measure.current = () => {
    const box = list.current?.getBoundingClientRect();
    if (!box) return;
    const above = Math.max(0, inset - box.top);
    const span = rows_between(above, innerHeight - box.top, row_height, count);
    const top = Math.floor(above / row_height);
    set_seen((old) => (old.first === span.first && old.end === span.end && old.top === top ? old : { ...span, top }));
  };
  useLayoutEffect(() => {
    let frame = 0;
    const soon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        measure.current();
      });
    };
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, []);
  useLayoutEffect(() => measure.current(), [count, row_height, inset]);

  /** Scrolls as little as it takes to see row `index` whole. */
  const reveal = (index: number) => {
    const box = list.current?.getBoundingClientRect();
    if (!box) return;
    const top = box.top + index * row_height;
    if (top < inset) scrollBy(0, top - inset);
    else if (top + row_height > innerHeight - 8) scrollBy(0, top + row_height - innerHeight + 8);
    measure.current();
  };
  return { list, seen, reveal };
}
