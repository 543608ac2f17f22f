// How a state looks: a colour and a shape together, so that neither is needed to tell states apart.
import type { AgentStatus, ExecutionStatus, TaskStatus } from '../api/types';

export type Tone = 'green' | 'blue' | 'orange' | 'red' | 'grey' | 'violet';
type Shape = 'check' | 'turn' | 'wait' | 'stop' | 'cross' | 'pause' | 'skip' | 'dot' | 'ring' | 'slash';
export type AnyStatus = ExecutionStatus | TaskStatus | AgentStatus | 'READY';

interface Look {
  tone: Tone;
  shape: Shape;
  name: string;
}

const looks: Record<AnyStatus, Look> = {
  CREATED: { tone: 'grey', shape: 'ring', name: 'Not started' },
  QUEUED: { tone: 'grey', shape: 'ring', name: 'Queued' },
  READY: { tone: 'violet', shape: 'dot', name: 'Ready' },
  RUNNING: { tone: 'blue', shape: 'turn', name: 'Running' },
  BLOCKED: { tone: 'orange', shape: 'wait', name: 'Blocked' },
  PAUSED: { tone: 'orange', shape: 'pause', name: 'Paused' },
  COMPLETED: { tone: 'green', shape: 'check', name: 'Completed' },
  COMPLETE: { tone: 'green', shape: 'check', name: 'Complete' },
  FAILED: { tone: 'red', shape: 'cross', name: 'Failed' },
  ERROR: { tone: 'red', shape: 'cross', name: 'Error' },
  SKIPPED: { tone: 'grey', shape: 'skip', name: 'Skipped' },
  CANCELLED: { tone: 'grey', shape: 'slash', name: 'Cancelled' },
  active: { tone: 'green', shape: 'dot', name: 'Active' },
  idle: { tone: 'grey', shape: 'ring', name: 'Idle' },
  unreachable: { tone: 'red', shape: 'cross', name: 'Unreachable' },
  paused: { tone: 'orange', shape: 'pause', name: 'Paused' },
  retired: { tone: 'grey', shape: 'slash', name: 'Retired' },
};

export const look_of = (status: AnyStatus): Look => looks[status] ?? { tone: 'grey', shape: 'ring', name: status };
export const tone_of = (status: AnyStatus): Tone => look_of(status).tone;

const paths: Record<Shape, preact.JSX.Element> = {
  check: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="m4.8 8.2 2.2 2.2 4.2-4.6" fill="none" stroke="var(--surface)" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
    </>
  ),
  turn: (
    <g class="turning">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" opacity="0.3" />
      <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
    </g>
  ),
  wait: <path d="M8 1.2 15.3 14H.7L8 1.2Zm-.9 4.6.3 4.2h1.2l.3-4.2H7.1ZM8 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2Z" fill="currentColor" fill-rule="evenodd" />,
  stop: <rect x="2" y="2" width="12" height="12" rx="2" fill="currentColor" />,
  cross: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5l4-4Z" fill="currentColor" />
      <path d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" stroke="var(--surface)" stroke-width="1.8" stroke-linecap="round" />
    </>
  ),
  pause: (
    <>
      <rect x="3" y="2" width="3.6" height="12" rx="1" fill="currentColor" />
      <rect x="9.4" y="2" width="3.6" height="12" rx="1" fill="currentColor" />
    </>
  ),
  skip: (
    <>
      <path d="M2 3v10l6-5-6-5Z" fill="currentColor" />
      <path d="M8 3v10l6-5-6-5Z" fill="currentColor" />
    </>
  ),
  dot: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  ring: <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2" />,
  slash: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" />
      <path d="m4 12 8-8" stroke="currentColor" stroke-width="2" />
    </>
  ),
};

/** The shape alone, for dense places; its name is said to screen readers. */
export function StateShape({ status, size = 14 }: { status: AnyStatus; size?: number }) {
  const look = look_of(status);
  return (
    <svg class={`shape-${look.tone}`} width={size} height={size} viewBox="0 0 16 16" role="img" aria-label={look.name}>
      {paths[look.shape]}
    </svg>
  );
}

export function StateBadge({ status }: { status: AnyStatus }) {
  const look = look_of(status);
  return (
    <span class={`state tone-${look.tone}`}>
      <svg width="13" height="13" viewBox="0 0 16 16" aria-hidden="true">{paths[look.shape]}</svg>
      {look.name}
    </span>
  );
}

export function ProgressBar({ percent, label, tone = 'blue', thick }: { percent: number; label: string; tone?: Tone; thick?: boolean }) {
  const shown = Math.min(100, Math.max(0, percent));
  return (
    <div class={`bar tone-${tone}${thick ? ' thick' : ''}`} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(shown)}>
      <i style={{ width: `${shown}%` }} />
    </div>
  );
}
