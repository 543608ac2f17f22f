// What happened, line by line, newest first.
import { useState } from 'preact/hooks';
import type { Activity } from '../api/types';
import { runs, type Run } from '../state/feed';
import { overview_names, SentenceView } from './sentence';
import { happening_of, sentence_of, type Names } from './sentences';
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
      {runs(entries).map((run) => {
        const its_day = day_of(run.first.timestamp);
        const fresh = its_day !== day ? its_day : undefined;
        day = its_day;
        return <RunLines key={run.more.at(-1)?.position ?? run.first.position} run={run} day={fresh} elsewhere={elsewhere} />;
      })}
    </ol>
  );
}

function RunLines({ run, day, elsewhere }: { run: Run; day: string | undefined; elsewhere: boolean }) {
  const [open, set_open] = useState(false);
  return (
    <>
      <Line entry={run.first} day={day} elsewhere={elsewhere}>
        {run.more.length > 0 && (
          <button type="button" class="feed-more" aria-expanded={open} onClick={() => set_open(!open)}>
            {open ? 'less' : `and ${run.more.length} more like it`}
          </button>
        )}
      </Line>
      {open && run.more.map((entry) => <Line key={entry.position} entry={entry} day={undefined} elsewhere={elsewhere} />)}
    </>
  );
}

function Line({ entry, day, elsewhere, children }: {
  entry: Activity;
  day: string | undefined;
  elsewhere: boolean;
  children?: preact.ComponentChildren;
}) {
  const event = happening_of(entry);
  const { tone, quote } = sentence_of(event);
  // Why it was this agent is told with the execution; here it would stand at every second line.
  const said = entry.event_type === 'task_assigned' ? undefined : quote;
  return (
    <li class="feed-line">
      {day && <h2 class="feed-day">{day}</h2>}
      <time class="feed-time number small soft" dateTime={entry.timestamp} title={absolute(entry.timestamp)}>{clock(entry.timestamp)}</time>
      <span class={`dot dot-${tone}`} aria-hidden="true" />
      <div class="feed-words">
        <span><SentenceView event={event} elsewhere={elsewhere} names={names_of(entry)} /></span> {children}
        {said && <q class="feed-quote small soft"><Text value={said} /></q>}
      </div>
    </li>
  );
}
