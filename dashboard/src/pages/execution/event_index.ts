// The events of an execution as far as going through its time needs them. What matters is fetched at once; every event,
// when somebody takes hold of the slider.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { RecordedEvent } from '../../api/types';
import { marked_types, merged, stamp_of, type Stamp } from './history';

/** An execution with no more events is known whole from the start. */
const small = 2_000;
/** Beyond this going by single events makes no sense, and the slider does without their times. */
const most_events = 50_000;
const page = 1_000;
/** While things happen, new events are asked for this often. */
const follow_ms = 2_000;

export interface EventIndex {
  stamps: readonly Stamp[];
  /** Fetches all events that are not known yet. */
  complete: () => void;
}

export function use_event_index(id: string, last_seq: number): EventIndex {
  const [stamps, set_stamps] = useState<readonly Stamp[]>([]);
  const [wants_all, set_wants_all] = useState(last_seq <= small);
  const known = useRef<readonly Stamp[]>([]);
  const keep = (events: RecordedEvent[]) => {
    known.current = merged(known.current, events.map(stamp_of));
    set_stamps(known.current);
  };
  const base = `/api/executions/${encodeURIComponent(id)}/events`;
  useEffect(() => {
    const gone = new AbortController();
    const load_marks = async () => {
      for (const type of marked_types) keep(await get<RecordedEvent[]>(`${base}?type=${type}&limit=200`, gone.signal));
    };
    // A feed that cannot be read leaves the slider without marks; it moves all the same.
    if (!wants_all) void load_marks().catch(() => undefined);
    return () => gone.abort();
  }, [id]);
  const newest = useRef(last_seq);
  newest.current = last_seq;
  useEffect(() => {
    if (!wants_all) return;
    const gone = new AbortController();
    const follow = async () => {
      while (!gone.signal.aborted) {
        const after = first_gap(known.current);
        if (after >= newest.current || after >= most_events) await new Promise((done) => setTimeout(done, follow_ms));
        else keep(await get<RecordedEvent[]>(`${base}?order=asc&after_seq=${after}&limit=${page}`, gone.signal));
      }
    };
    // As above; the next time somebody looks it is tried again.
    void follow().catch(() => undefined);
    return () => gone.abort();
  }, [id, wants_all]);
  return { stamps, complete: () => set_wants_all(true) };
}

/** The last seq up to which every event is known. */
export function first_gap(stamps: readonly Stamp[]): number {
  let at = 0;
  while (stamps[at]?.seq === at + 1) at++;
  return at;
}
