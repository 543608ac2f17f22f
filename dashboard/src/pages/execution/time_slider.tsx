// Going through an execution's time: to any event, step by step, played, or to a time of day. The present is where the
// slider rests.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { Execution } from '../../api/types';
import { is_known, moment_at } from '../../state/moments';
import { absolute } from '../../ui/time';
import { usePageKeys } from '../../ui/page_keys';
import { say, say_refusal } from '../../ui/toast';
import { DensityBar } from './density_bar';
import { use_event_index } from './event_index';
import { advanced, event_name, is_whole, marked_beside, marks_of, stamp_at, time_near, type Playhead, type Speed, type Stamp } from './history';
import '../../styles/time_slider.css';

export interface TimeSliderProps {
  id: string;
  /** Seq of the last event. */
  last_seq: number;
  /** The moment that is shown; undefined: the present. */
  at: number | undefined;
  on_at: (seq: number | undefined) => void;
}

/** A hand that rests this long wants to see; until then only the thumb moves. */
const rest_ms = 70;
const frame_ms = 100;

const speeds: { name: string; speed: Speed }[] = [
  { name: '1 ×', speed: { times: 1 } }, { name: '10 ×', speed: { times: 10 } }, { name: '100 ×', speed: { times: 100 } },
  { name: '2 events/s', speed: { events_a_second: 2 } }, { name: '10 events/s', speed: { events_a_second: 10 } }, { name: '50 events/s', speed: { events_a_second: 50 } },
];
const first_speed = 4;

export function TimeSlider({ id, last_seq, at, on_at }: TimeSliderProps) {
  const { stamps, complete } = use_event_index(id, last_seq);
  /** Where the thumb is, while it has not been followed yet. */
  const [held, set_held] = useState<number | undefined>(undefined);
  const [speed, set_speed] = useState(first_speed);
  const timer = useRef<number | undefined>(undefined);
  const seq = Math.min(last_seq, Math.max(1, held ?? at ?? last_seq));
  const show = (next: number) => {
    set_held(undefined);
    on_at(next >= last_seq ? undefined : next);
  };
  const go = (next: number | undefined) => {
    if (next === undefined) return;
    clearTimeout(timer.current);
    const bounded = Math.min(last_seq, Math.max(1, next));
    if (bounded >= last_seq || is_known(id, bounded)) return show(bounded);
    set_held(bounded);
    timer.current = window.setTimeout(() => show(bounded), rest_ms);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  use_neighbours(id, at, last_seq);
  const player = use_player(id, stamps, last_seq, speeds[speed]?.speed ?? { times: 1 }, seq, on_at);
  const step = (next: number | undefined) => {
    player.stop();
    go(next);
  };
  const stamp = stamp_at(stamps, seq);
  const when = time_near(stamps, seq);
  const live = held === undefined && at === undefined;
  const told = `Event ${seq} of ${last_seq}${when === undefined ? '' : `, ${absolute(new Date(when).toISOString())}`}${stamp ? `, ${event_name(stamp.type)}` : ''}${live ? ', the present' : ''}`;
  const to_now = () => {
    player.stop();
    clearTimeout(timer.current);
    show(last_seq);
  };
  const toggle = () => {
    complete();
    if (player.playing) player.stop();
    else player.play();
  };
  usePageKeys((key) => {
    if (key === ',') step(seq - 1);
    else if (key === '.') step(seq + 1);
    else if (key === '<') step(marked_beside(stamps, seq, -1) ?? 1);
    else if (key === '>') step(marked_beside(stamps, seq, 1) ?? last_seq);
    else if (key === 'p') toggle();
    else if (key === 'n') to_now();
    else return false;
    return true;
  });
  return (
    <section class={`time card${live ? '' : ' past'}`} aria-label="Time" onPointerDown={complete} onFocusCapture={complete}>
      <div class="time-buttons" role="group" aria-label="Step through time">
        <StepButton name="To the event before that matters" icon="M4 3v10M13 3 7 8l6 5Z" off={seq <= 1} on_step={() => step(marked_beside(stamps, seq, -1) ?? 1)} />
        <StepButton name="One event back" icon="M11 3 5 8l6 5" off={seq <= 1} on_step={() => step(seq - 1)} />
        <button type="button" class="time-play" aria-label={player.playing ? 'Stop playing' : 'Play'} title={player.playing ? 'Stop playing' : 'Play'} onClick={toggle}>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d={player.playing ? 'M4 3h3v10H4ZM9 3h3v10H9Z' : 'M4 2.5v11L13 8Z'} fill="currentColor" /></svg>
        </button>
        <StepButton name="One event on" icon="m5 3 6 5-6 5" off={live} on_step={() => step(seq + 1)} />
        <StepButton name="To the next event that matters" icon="M12 3v10M3 3l6 5-6 5Z" off={live} on_step={() => step(marked_beside(stamps, seq, 1) ?? last_seq)} />
      </div>
      <div class="time-track">
        <DensityBar stamps={stamps} last_seq={last_seq} seq={seq} on_seq={step} />
        <Marks stamps={stamps} last_seq={last_seq} on_seq={step} />
        <input
          type="range" min={1} max={Math.max(1, last_seq)} step={1} value={seq} aria-label="Moment" aria-valuetext={told}
          style={{ '--part': `${last_seq <= 1 ? 100 : (100 * (seq - 1)) / (last_seq - 1)}%` }}
          onInput={(event) => { player.stop(); go(Number(event.currentTarget.value)); }}
        />
        <div class="time-told" aria-hidden="true">
          <span class="number">{seq} / {last_seq}</span>
          <span class="clip">{stamp ? event_name(stamp.type) : ''}</span>
          <span class="number nowrap">{when === undefined ? '' : absolute(new Date(when).toISOString())}</span>
        </div>
      </div>
      <div class="time-more">
        <label><span class="heard">Speed</span>
          <select class="input" value={String(speed)} onChange={(event) => set_speed(Number(event.currentTarget.value))}>
            {speeds.map(({ name }, index) => <option key={name} value={index}>{name}</option>)}
          </select>
        </label>
        <GoToTime id={id} ms={when} on_seq={step} />
        <button type="button" class={`button small time-now${live ? ' is-now' : ''}`} aria-pressed={live} onClick={to_now}><i aria-hidden="true" /> Now</button>
      </div>
    </section>
  );
}

function StepButton({ name, icon, off, on_step }: { name: string; icon: string; off: boolean; on_step: () => void }) {
  return (
    <button type="button" aria-label={name} title={name} disabled={off} onClick={on_step}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d={icon} fill={icon.endsWith('Z') ? 'currentColor' : 'none'} stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>
    </button>
  );
}

/** For the pointer; the keyboard has buttons for it, and the events are listed in words elsewhere. */
function Marks({ stamps, last_seq, on_seq }: { stamps: readonly Stamp[]; last_seq: number; on_seq: (seq: number) => void }) {
  return (
    <div class="time-marks" aria-hidden="true">
      {marks_of(stamps, last_seq).map((mark) => (
        <i
          key={mark.place} class={`shape-${mark.tone}`} style={{ left: `${mark.place * 100}%` }} onClick={() => on_seq(mark.seq)}
          title={`${event_name(mark.type)}, event ${mark.seq}${mark.count > 1 ? `, and ${mark.count - 1} more beside it` : ''}`}
        />
      ))}
    </div>
  );
}

/** What a datetime-local field writes: local time without a zone. */
function local_text(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

function GoToTime({ id, ms, on_seq }: { id: string; ms: number | undefined; on_seq: (seq: number) => void }) {
  const [text, set_text] = useState<string | undefined>(undefined);
  const go = async (event: Event) => {
    event.preventDefault();
    const time = Date.parse(text ?? '');
    if (Number.isNaN(time)) return say('That is not a time.', true);
    try {
      // The whole second that was asked for.
      const then = await get<Execution>(`/api/executions/${encodeURIComponent(id)}?at=${encodeURIComponent(new Date(time + 999).toISOString())}`);
      on_seq(then.version);
      set_text(undefined);
    } catch (failure) {
      say_refusal(failure);
    }
  };
  return (
    <form class="time-go" onSubmit={(event) => void go(event)}>
      <input
        class="input" type="datetime-local" step={1} aria-label="Go to a time" value={text ?? (ms === undefined ? '' : local_text(ms))}
        onInput={(event) => set_text(event.currentTarget.value)}
      />
      <button type="submit" class="button small" disabled={!text}>Go</button>
    </form>
  );
}

/** Fetches what lies beside the moment that is shown, so that the next step is there at once. */
function use_neighbours(id: string, at: number | undefined, last_seq: number): void {
  useEffect(() => {
    if (at === undefined) return;
    const gone = new AbortController();
    const timer = setTimeout(async () => {
      for (const seq of [at + 1, at - 1, at + 2, at - 2]) {
        if (seq < 1 || seq >= last_seq || gone.signal.aborted) continue;
        // Only a guess of what will be wanted: a failure is of no account.
        await moment_at(id, seq, gone.signal).catch(() => undefined);
      }
    }, 250);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [id, at]);
}

interface Player {
  playing: boolean;
  play: () => void;
  stop: () => void;
}

/** Plays events. A frame is shown when its moment is there: a slow server makes the film jump, not stall. */
function use_player(id: string, stamps: readonly Stamp[], last_seq: number, speed: Speed, seq: number, on_at: (seq: number | undefined) => void): Player {
  const [playing, set_playing] = useState(false);
  const latest = useRef({ stamps, last_seq, speed, seq, on_at });
  latest.current = { stamps, last_seq, speed, seq, on_at };
  useEffect(() => {
    if (!playing) return;
    const gone = new AbortController();
    const { stamps: known, seq: from, last_seq: last } = latest.current;
    let head: Playhead = from >= last ? { seq: 1, ms: known[0]?.ms ?? 0 } : { seq: from, ms: time_near(known, from) ?? 0 };
    let before = performance.now();
    let shown = 0;
    const run = async () => {
      while (!gone.signal.aborted) {
        await new Promise((done) => setTimeout(done, frame_ms));
        const now = latest.current;
        // All events have to be known first; they are on their way.
        if (!is_whole(now.stamps, Math.min(now.last_seq, now.stamps.at(-1)?.seq ?? Infinity))) {
          before = performance.now();
          continue;
        }
        if (head.ms === 0) head = { ...head, ms: time_near(now.stamps, head.seq) ?? 0 };
        const time = performance.now();
        head = advanced(head, now.speed, time - before, now.stamps);
        before = time;
        const wanted = Math.floor(head.seq);
        if (wanted >= now.last_seq || wanted >= (now.stamps.at(-1)?.seq ?? 0)) {
          now.on_at(undefined);
          set_playing(false);
          return;
        }
        if (wanted === shown) continue;
        try {
          await moment_at(id, wanted, gone.signal);
        } catch (failure) {
          if (gone.signal.aborted) return;
          set_playing(false);
          return say_refusal(failure);
        }
        if (gone.signal.aborted) return;
        shown = wanted;
        now.on_at(wanted);
      }
    };
    void run();
    return () => gone.abort();
  }, [playing]);
  return { playing, play: () => set_playing(true), stop: () => set_playing(false) };
}
