// Says that it is not the present that is shown, and which moment it is; the way back, and on.
import { useEffect, useState } from 'preact/hooks';
import { to } from '../../router';
import type { Moment } from '../../state/moment';
import { CopyButton } from '../../ui/copy';
import { ForkButton } from './fork';
import { absolute } from '../../ui/time';

export interface PastBarProps {
  moment: Moment;
  id: string;
  present_seq: number;
  on_now: () => void;
}

/** A moment is said to screen readers when it rests, not each one that is passed. */
const rest_ms = 900;

export function PastBar({ moment, id, present_seq, on_now }: PastBarProps) {
  const time = absolute(moment.execution.updated_at);
  const [said, set_said] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => set_said(`As it was at ${time}, event ${moment.seq} of ${present_seq}`), rest_ms);
    return () => clearTimeout(timer);
  }, [moment.seq]);
  return (
    <div class="past-bar">
      <p>
        <svg width="18" height="18" viewBox="0 0 20 20" aria-hidden="true"><path d="M3.2 8.2A7 7 0 1 1 3 11M3 3.6v4.6h4.6M10 6v4.4l3 1.8" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>
        <span><b>As it was at {time}</b> <span class="number nowrap">(seq {moment.seq} of {present_seq})</span>. Nothing can be decided here.</span>
      </p>
      <span class="heard" role="status">{said}</span>
      <span class="row">
        <CopyButton name="Copy the link" what="The link to this moment" text={() => location.href} small />
        <ForkButton moment={moment} />
        <a class="button small" href={to(['executions', id, 'compare'], { from: String(moment.seq), until: String(present_seq) })}>What changed since</a>
        <button type="button" class="button small primary" onClick={on_now}>Back to now</button>
      </span>
    </div>
  );
}
