// One recorded event as a line: what happened, when, who sent it, and where it stands in the chain of hashes.
import { useState } from 'preact/hooks';
import type { RecordedEvent } from '../../api/types';
import type { Moment } from '../../state/moment';
import { overview_names, SentenceView } from '../../ui/sentence';
import { plain, sentence_of, type Names } from '../../ui/sentences';
import { Text } from '../../ui/text';
import { absolute, When } from '../../ui/time';
import { JsonView } from './json_view';

/** Digits of a hash that are enough to tell two apart at a glance. */
const short_hash = 8;

/** Names as this page has them: its tasks by title, and itself in a word. */
export const names_in = (moment: Moment): Names => ({
  ...overview_names,
  task: (id) => moment.by_id.get(id)?.title,
  execution: () => 'the execution',
});

export const told = (event: RecordedEvent, moment: Moment): string => plain(sentence_of(event, names_in(moment)));

interface LineProps {
  event: RecordedEvent;
  moment: Moment;
  on_at: (seq: number) => void;
  on_select: (task_id: string) => void;
  current?: boolean;
}

export function EventLine({ event, moment, on_at, on_select, current }: LineProps) {
  const [raw, set_raw] = useState(false);
  const names = names_in(moment);
  const { quote, tone } = sentence_of(event, names);
  /** A task is shown where one is, not elsewhere. */
  const stay = (click: MouseEvent) => {
    const plain_click = !click.ctrlKey && !click.metaKey && !click.shiftKey && click.button === 0;
    if (!plain_click || !event.task_id || !(click.target as HTMLElement).closest('a.told-task')) return;
    click.preventDefault();
    on_select(event.task_id);
  };
  return (
    <div class={`event${current ? ' current' : ''}`} aria-current={current ? 'true' : undefined}>
      <button type="button" class="event-seq number" title={`Look at the execution as it was after event ${event.seq}`} aria-label={`To the moment after event ${event.seq}`} onClick={() => on_at(event.seq)}>{event.seq}</button>
      <div class="event-text" onClick={stay}>
        <i class={`event-dot shape-${tone}`} aria-hidden="true" />
        <SentenceView event={event} names={names} />
        {quote && <p class="event-said soft"><Text value={quote} /></p>}
      </div>
      <p class="event-foot small soft">
        <span title={absolute(event.timestamp)}><When at={event.timestamp} /></span>
        <span class="event-actor clip">by <Text value={event.actor || 'system'} /></span>
        {event['inherited'] === true && <span title="It happened to the execution that this one was forked from">taken over</span>}
        <code title={`hash ${event.hash}`}>{event.hash.slice(0, short_hash)}</code>
        <button type="button" class="text-link" aria-expanded={raw} aria-label={`Event ${event.seq} as JSON`} onClick={() => set_raw(!raw)}>JSON</button>
      </p>
      {raw && <JsonView value={event} />}
    </div>
  );
}
