// What happened, line by line, newest first.
import type { Activity } from '../api/types';
import { overview_names, SentenceView } from './sentence';
import { sentence_of, type Names } from './sentences';
import { Text } from './text';
import { absolute, clock } from './time';
import '../styles/activity.css';

const day_name = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const day_of = (time: string) => day_name.format(new Date(time));

/** An entry brings the title of its execution, which the page may not know any more. */
const names_of = (entry: Activity): Names => ({
  ...overview_names,
  execution: (id) => (id === entry.execution_id && entry.title ? entry.title : overview_names.execution?.(id)),
});

/** `elsewhere` as of sentence_of: whether a line says in which execution it happened. */
export function ActivityList({ entries, elsewhere = true, label }: { entries: readonly Activity[]; elsewhere?: boolean; label: string }) {
  let day = '';
  return (
    <ol class="feed" aria-label={label}>
      {entries.map((entry) => {
        const its_day = day_of(entry.timestamp);
        const fresh = its_day !== day;
        day = its_day;
        const event = { ...entry };
        const { tone, quote } = sentence_of(event);
        return (
          <li key={entry.position} class="feed-line" data-day={fresh ? its_day : undefined}>
            {fresh && <h2 class="feed-day">{its_day}</h2>}
            <time class="feed-time number small soft" dateTime={entry.timestamp} title={absolute(entry.timestamp)}>{clock(entry.timestamp)}</time>
            <span class={`dot dot-${tone}`} aria-hidden="true" />
            <div class="feed-words">
              <span><SentenceView event={event} elsewhere={elsewhere} names={names_of(entry)} /></span>
              {quote && <q class="feed-quote small soft"><Text value={quote} /></q>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
