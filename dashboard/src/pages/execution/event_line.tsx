// One recorded event as a line: what happened, when, who did it, and where it stands in the chain.
import { useState } from 'preact/hooks';
import type { RecordedEvent } from '../../api/types';
import type { Moment } from '../../state/moment';
import { agents } from '../../state/overview';
import { Text } from '../../ui/text';
import { absolute, When } from '../../ui/time';
import { JsonView } from './json_view';

/** Digits of a hash that are enough to tell two apart at a glance. */
const short_hash = 8;

interface LineProps {
  event: RecordedEvent;
  moment: Moment;
  on_at: (seq: number) => void;
  /** In the task's own list its name is not said again. */
  brief?: boolean;
  current?: boolean;
}

export function EventLine({ event, moment, on_at, brief, current }: LineProps) {
  const [raw, set_raw] = useState(false);
  const title = event.task_id ? moment.by_id.get(event.task_id)?.title ?? event.task_id : undefined;
  const agent = event.agent_id ? agents.value.get(event.agent_id)?.name ?? event.agent_id : undefined;
  const said = event.message ?? event.error_message;
  return (
    <div class={`event${current ? ' current' : ''} group-${group_of(event.event_type)}`}>
      <button type="button" class="event-seq number" title={`Look at the execution as it was after event ${event.seq}`} onClick={() => on_at(event.seq)}>{event.seq}</button>
      <div class="event-text">
        <span class="event-type">{event.event_type.replaceAll('_', ' ')}</span>
        {!brief && title && <> <b><Text value={title} /></b></>}
        {agent && <> <span class="soft">by</span> <Text value={agent} /></>}
        {said && <p class="event-said"><Text value={said} /></p>}
        <p class="event-foot small soft">
          <span title={absolute(event.timestamp)}><When at={event.timestamp} /></span>
          <span>actor <Text value={event.actor || 'server'} /></span>
          <code title={event.hash}>{event.hash.slice(0, short_hash)}</code>
          <button type="button" class="text-link" aria-expanded={raw} onClick={() => set_raw(!raw)}>{raw ? 'hide JSON' : 'JSON'}</button>
        </p>
        {raw && <JsonView value={event} />}
      </div>
    </div>
  );
}

export type EventGroup = 'execution' | 'work' | 'trouble' | 'people' | 'other';

export const group_names: Record<EventGroup, string> = {
  execution: 'Execution', work: 'Work', trouble: 'Trouble', people: 'People', other: 'Other',
};

export function group_of(type: string): EventGroup {
  if (/^(review_|task_(escalated|reassigned|skipped))/.test(type)) return 'people';
  if (/^(task_(error|blocked|unblocked|retry_)|lease_expired|report_rejected|execution_(blocked|failed|unstaffed))/.test(type)) return 'trouble';
  if (type.startsWith('execution_')) return 'execution';
  if (type.startsWith('task_') || type === 'subtasks_added') return 'work';
  return 'other';
}
