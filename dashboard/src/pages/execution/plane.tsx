// A plane to look at: dragged, zoomed by wheel, pinch and keys. While somebody moves it only one attribute changes; what
// is drawn on it is told of the new view when a frame is over.
import type { ComponentChildren } from 'preact';
import { useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'preact/hooks';
import { bring, detail_at, fit, keep, seen, zoom_at, type Size, type View } from './graph_view';
import type { Box } from './graph_lines';

export interface PlaneHandle {
  zoom: (factor: number) => void;
  fit: () => void;
  bring: (box: Box) => void;
  element: () => SVGSVGElement | null;
}

export interface PlaneProps {
  handle: { current: PlaneHandle | null };
  /** Of what is drawn. */
  size: Size;
  /** Another picture is looked at from the beginning. */
  picture: unknown;
  label: string;
  described_by: string;
  /** Stays in sight when the window changes, and is brought there when it becomes another one. */
  watched: Box | undefined;
  watched_id: string | undefined;
  on_look: (view: View, window: Size) => void;
  /** True: it was for the picture. */
  on_key: (event: KeyboardEvent) => boolean;
  /** Pressed and let go without moving. `twice`: a double click. */
  on_press: (target: Element, twice: boolean) => void;
  children?: ComponentChildren;
}

/** A finger or mouse that moved less has pressed, not dragged. */
const still_px = 5;

export function Plane({ handle, size, picture, label, described_by, watched, watched_id, on_look, on_key, on_press, children }: PlaneProps) {
  const svg = useRef<SVGSVGElement>(null);
  const sheet = useRef<SVGGElement>(null);
  const view = useRef<View>({ x: 0, y: 0, k: 1 });
  const window_size = useRef<Size>({ w: 0, h: 0 });
  const told = useRef('');
  const untouched = useRef(true);
  const frame = useRef(0);
  // Handlers that were set once see the newest of what they call.
  const latest = useRef({ on_look, size, watched });
  latest.current = { on_look, size, watched };

  const show = (next: View) => {
    const bounded = keep(next, latest.current.size, window_size.current);
    view.current = bounded;
    sheet.current?.setAttribute('transform', `translate(${bounded.x} ${bounded.y}) scale(${bounded.k})`);
    if (frame.current) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      tell();
    });
  };
  /** Says where one looks, when that changes what is to be drawn. */
  const tell = () => {
    const now = view.current;
    const part = seen(now, window_size.current);
    const detail = detail_at(now.k, Infinity);
    const text = `${part.x} ${part.y} ${part.w} ${part.h} ${detail} ${detail === 2 ? '' : now.k.toFixed(2)}`;
    if (text === told.current) return;
    told.current = text;
    latest.current.on_look(now, window_size.current);
  };
  const fit_all = () => {
    untouched.current = true;
    show(fit(latest.current.size, window_size.current));
  };
  const zoom = (factor: number, x = window_size.current.w / 2, y = window_size.current.h / 2) => {
    untouched.current = false;
    show(zoom_at(view.current, factor, x, y));
  };
  useImperativeHandle(handle, () => ({
    zoom, fit: fit_all,
    bring: (box) => show(bring(view.current, box, window_size.current)),
    element: () => svg.current,
  }));
  useLayoutEffect(() => {
    const measure = () => {
      const found = svg.current?.getBoundingClientRect();
      if (!found || found.width === 0) return;
      window_size.current = { w: found.width, h: found.height };
      if (untouched.current) fit_all();
      else show(latest.current.watched ? bring(view.current, latest.current.watched, window_size.current) : view.current);
    };
    measure();
    const watch = new ResizeObserver(measure);
    if (svg.current) watch.observe(svg.current);
    return () => {
      watch.disconnect();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, []);
  useLayoutEffect(() => {
    told.current = '';
    fit_all();
  }, [picture]);
  useEffect(() => {
    if (watched) show(bring(view.current, watched, window_size.current));
  }, [watched_id]);
  useEffect(() => {
    const element = svg.current;
    // The wheel belongs to the plane while the pointer is over it; a listener that may refuse has to say so.
    element?.addEventListener('wheel', on_wheel, { passive: false });
    return () => element?.removeEventListener('wheel', on_wheel);
  }, []);
  const on_wheel = (event: WheelEvent) => {
    event.preventDefault();
    const found = svg.current?.getBoundingClientRect();
    if (!found) return;
    untouched.current = false;
    // Two fingers on a touch pad move the plane; a wheel, or a pinch on a touch pad (told with ctrl), zooms.
    if (!event.ctrlKey && (event.deltaX !== 0 || event.shiftKey)) show({ ...view.current, x: view.current.x - event.deltaX, y: view.current.y - event.deltaY });
    else zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : event.ctrlKey ? 0.01 : 0.0018)), event.clientX - found.left, event.clientY - found.top);
  };
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const drag = use_drag(pointers, view, svg, show, untouched);
  const keys = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = 80;
    const moves: Record<string, [number, number]> = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const move = event.shiftKey ? moves[event.key] : undefined;
    if (move) show({ ...view.current, x: view.current.x + move[0], y: view.current.y + move[1] });
    else if (event.key === '+' || event.key === '=') zoom(1.35);
    else if (event.key === '-' || event.key === '_') zoom(1 / 1.35);
    else if (event.key === '0') fit_all();
    else if (!on_key(event)) return;
    event.preventDefault();
  };
  return (
    <svg
      ref={svg} class="graph-plane" role="application" aria-label={label} aria-describedby={described_by} onKeyDown={keys}
      onPointerDown={drag.down} onPointerMove={drag.move} onPointerUp={(event) => drag.up(event, on_press)} onPointerCancel={drag.cancel}
      onDblClick={(event) => on_press(event.target as Element, true)}
    >
      <g ref={sheet}>{children}</g>
    </svg>
  );
}

type Ref<T> = { current: T };

function use_drag(
  pointers: Ref<Map<number, { x: number; y: number }>>, view: Ref<View>, svg: Ref<SVGSVGElement | null>, show: (view: View) => void, untouched: Ref<boolean>,
) {
  const start = useRef({ x: 0, y: 0, moved: false, target: undefined as Element | undefined });
  const middle = () => {
    const all = [...pointers.current.values()];
    const x = all.reduce((sum, point) => sum + point.x, 0) / all.length;
    const y = all.reduce((sum, point) => sum + point.y, 0) / all.length;
    const [a, b] = all;
    return { x, y, apart: a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0 };
  };
  const point = (event: PointerEvent) => {
    const found = svg.current?.getBoundingClientRect();
    return { x: event.clientX - (found?.left ?? 0), y: event.clientY - (found?.top ?? 0) };
  };
  return {
    down: (event: PointerEvent) => {
      if (event.button !== 0) return;
      pointers.current.set(event.pointerId, point(event));
      if (pointers.current.size === 1) start.current = { ...point(event), moved: false, target: event.target as Element };
      else start.current.moved = true;
    },
    move: (event: PointerEvent) => {
      if (!pointers.current.has(event.pointerId)) return;
      const before = middle();
      const now = point(event);
      if (!start.current.moved) {
        if (Math.hypot(now.x - start.current.x, now.y - start.current.y) < still_px) return;
        start.current.moved = true;
        svg.current?.setPointerCapture(event.pointerId);
        svg.current?.classList.add('dragged');
      }
      pointers.current.set(event.pointerId, now);
      const after = middle();
      untouched.current = false;
      const moved = { ...view.current, x: view.current.x + after.x - before.x, y: view.current.y + after.y - before.y };
      show(before.apart > 0 && after.apart > 0 ? zoom_at(moved, after.apart / before.apart, after.x, after.y) : moved);
    },
    up: (event: PointerEvent, on_press: (target: Element, twice: boolean) => void) => {
      if (!pointers.current.delete(event.pointerId)) return;
      svg.current?.classList.remove('dragged');
      if (start.current.moved || !start.current.target) return;
      // What was pressed stays where it is, also when something opens beside the plane.
      untouched.current = false;
      on_press(start.current.target, false);
    },
    cancel: (event: PointerEvent) => {
      pointers.current.delete(event.pointerId);
      svg.current?.classList.remove('dragged');
    },
  };
}
