// How much of the window the page's own head covers. It is one line or two, as there is room.
import { useLayoutEffect, useState } from 'preact/hooks';

export function useTopHeight(): number {
  const [height, set_height] = useState(54);
  useLayoutEffect(() => {
    const top = document.querySelector<HTMLElement>('header.top');
    if (!top) return;
    const watch = new ResizeObserver(() => set_height(Math.round(top.getBoundingClientRect().height)));
    watch.observe(top);
    return () => watch.disconnect();
  }, []);
  return height;
}
