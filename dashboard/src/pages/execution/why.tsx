// Why a task is not done: the chain of causes from it down to what everything waits for, and who could do something.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { Forecast, Resolution } from '../../api/types';
import { Text } from '../../ui/text';
import { When, relative } from '../../ui/time';
import { DecisionButtons } from './decisions';

interface Candidate {
  agent_id: string;
  status?: string;
  last_seen_at?: string;
  holds: number;
  max_concurrent_tasks: number;
  reason: string;
}

interface Cause {
  task_id: string;
  title: string;
  kind: string;
  detail: string;
  since: string;
  wake_at?: string;
  escalated_at?: string;
  escalated_to?: string;
  agent?: { agent_id: string; status?: string; last_seen_at?: string; lease_expires_at?: string; attempt: number; progress_percent: number };
  candidates?: Candidate[];
  candidates_total?: number;
  no_candidate?: string;
  options?: Resolution[];
}

export interface Why {
  headline: string;
  chain: Cause[];
  roots: Cause[];
  roots_total: number;
  counts: Record<string, number>;
  forecast?: Forecast;
  say: string;
}

/** Links shown of a long chain before its root; the rest opens on demand. */
const links_shown = 4;
/** Not more often, however fast things move. */
const ask_every_ms = 1_500;

interface WhyProps {
  execution_id: string;
  /** None: the whole execution. */
  task_id?: string;
  /** Changes whenever the answer may have. */
  seq: number;
  /** The moment that is asked about, if it is not the present. */
  at?: number | undefined;
  may_decide: boolean;
  on_select: (task_id: string) => void;
}

export function WhyView({ execution_id, task_id, seq, at, may_decide, on_select }: WhyProps) {
  const [why, set_why] = useState<Why>();
  const [failed, set_failed] = useState('');
  const [asked, set_asked] = useState(seq);
  const latest = useRef(seq);
  latest.current = seq;
  useEffect(() => {
    const timer = setInterval(() => set_asked(latest.current), ask_every_ms);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    const control = new AbortController();
    const base = `/api/executions/${encodeURIComponent(execution_id)}`;
    const then = at === undefined ? '' : `?at_seq=${at}`;
    get<Why>((task_id ? `${base}/tasks/${encodeURIComponent(task_id)}/why` : `${base}/why`) + then, control.signal).then(
      (answer) => {
        set_why(answer);
        set_failed('');
      },
      (failure: unknown) => control.signal.aborted || set_failed(failure instanceof Error ? failure.message : String(failure)),
    );
    return () => control.abort();
  }, [execution_id, task_id, at, at === undefined ? asked : 0]);
  if (failed) return <p class="soft"><Text value={failed} /></p>;
  if (!why) return <p class="soft" aria-busy="true">Asking…</p>;
  const root = why.chain.at(-1);
  return (
    <div class="why stack">
      <p class="why-say"><Text value={why.say} /></p>
      <Chain chain={why.chain} on_select={on_select} />
      {root && <Root root={root} execution_id={execution_id} may_decide={may_decide && root.task_id !== task_id} />}
      {why.roots_total > 1 && <p class="soft small">In all {why.roots_total} things hold it up: {Object.entries(why.counts).map(([kind, count]) => `${count} ${kind_names[kind] ?? kind}`).join(', ')}.</p>}
    </div>
  );
}

export const kind_names: Record<string, string> = {
  prerequisites: 'waiting for others', agent: 'waiting for an agent', retry: 'waiting for the next attempt', review: 'waiting for a person',
  external: 'waiting for something outside', paused: 'paused', parent: 'waiting for its turn', running: 'running', failed: 'failed',
  cancelled: 'cancelled',
};

function Chain({ chain, on_select }: { chain: readonly Cause[]; on_select: (task_id: string) => void }) {
  const [all, set_all] = useState(false);
  const hidden = all ? 0 : Math.max(0, chain.length - links_shown - 1);
  return (
    <ol class="chain">
      {chain.map((cause, i) => {
        const last = i === chain.length - 1;
        if (hidden > 0 && i >= links_shown && !last)
          return i === links_shown ? <li key="more" class="chain-more"><button type="button" class="button small quiet" onClick={() => set_all(true)}>{hidden} more in between</button></li> : null;
        return (
          <li key={`${i} ${cause.task_id}`} class={`chain-link kind-${cause.kind}${last ? ' root' : ''}`}>
            <button type="button" class="text-link" onClick={() => on_select(cause.task_id)}><Text value={cause.title} /></button>
            <span class="soft small"> {cause.kind === 'running' ? 'is running' : <Text value={cause.detail || kind_names[cause.kind]} />}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Root({ root, execution_id, may_decide }: { root: Cause; execution_id: string; may_decide: boolean }) {
  return (
    <div class="root-card">
      <div class="spread"><b>{root.kind === 'running' ? 'Being done' : 'The root'}: {kind_names[root.kind] ?? root.kind}</b><span class="soft small">since <When at={root.since} /></span></div>
      {root.wake_at && <p class="small">Looked at again by itself {relative(root.wake_at)}</p>}
      {root.escalated_at && <p class="small ink-orange">Escalated to <Text value={root.escalated_to} /> <When at={root.escalated_at} /></p>}
      {root.agent && (
        <p class="small">
          <a href={`#/agents/${encodeURIComponent(root.agent.agent_id)}`}><Text value={root.agent.agent_id} /></a> is at it, attempt {root.agent.attempt}, {Math.floor(root.agent.progress_percent)} %
          {root.agent.last_seen_at && <>; last seen <When at={root.agent.last_seen_at} /></>}
        </p>
      )}
      {root.no_candidate && <p class="small"><Text value={root.no_candidate} /></p>}
      {root.candidates && root.candidates.length > 0 && (
        <ul class="small candidates">
          {root.candidates.map((each) => (
            <li key={each.agent_id}><a href={`#/agents/${encodeURIComponent(each.agent_id)}`}><Text value={each.agent_id} /></a> <span class="soft"><Text value={each.reason} /></span></li>
          ))}
        </ul>
      )}
      {may_decide && root.options && root.options.length > 0 && <DecisionButtons execution_id={execution_id} task={root} options={root.options} small />}
    </div>
  );
}
