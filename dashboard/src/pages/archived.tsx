// Executions that have left the log: the last to leave first, page after page. They can all still be opened.
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../api/http';
import type { ArchivedRow, ExecutionStatus } from '../api/types';
import { place, settle, to } from '../router';
import { searched, status_of } from '../state/select';
import { Chips } from '../ui/chips';
import { look_of, StateBadge, tone_of } from '../ui/state';
import { Text } from '../ui/text';
import { absolute, duration, When } from '../ui/time';
import { words_of } from '../ui/toast';
import { count } from '../ui/words';
import '../styles/archived.css';

const at_once = 200;
/** The states that something can be archived in. */
const last_states: readonly ExecutionStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

interface Pages {
  rows: readonly ArchivedRow[];
  next?: string | undefined;
  busy: boolean;
  failure: string;
}

function use_archived(status: ExecutionStatus | '') {
  const [pages, set_pages] = useState<Pages>({ rows: [], busy: true, failure: '' });
  const first = `/api/executions?archived=true&limit=${at_once}${status ? `&status=${status}` : ''}`;
  const load = async (path: string, before: readonly ArchivedRow[], signal?: AbortSignal) => {
    set_pages((old) => ({ ...old, busy: true }));
    try {
      const page = await ask<ArchivedRow[]>(path, signal ? { signal } : {});
      set_pages({ rows: [...before, ...page.value], next: page.next, busy: false, failure: '' });
    } catch (why) {
      if (!signal?.aborted) set_pages((old) => ({ ...old, busy: false, failure: words_of(why) }));
    }
  };
  useEffect(() => {
    const gone = new AbortController();
    void load(first, [], gone.signal);
    return () => gone.abort();
  }, [first]);
  const { next } = pages;
  return { ...pages, older: next ? () => void load(next, pages.rows) : undefined };
}

export function ArchivedList() {
  const { query } = place.value;
  const status = status_of(query.get('state') ?? '');
  const text = query.get('q') ?? '';
  const { rows, busy, failure, older } = use_archived(status);
  const shown = searched(rows, text);
  return (
    <div class="stack">
      <div>
        <p class="small"><a href={to([])}>← To all executions</a></p>
        <h1>Archived executions</h1>
        <p class="soft">They are over and have left the log, each for a file of its own. All of them can be opened, gone through and checked.</p>
      </div>
      <section class="card" aria-busy={busy}>
        <div class="toolbar">
          <label class="search"><span class="heard">Search by title or id</span><input class="input" type="search" placeholder="Search by title or id" value={text} onInput={(event) => settle({ q: event.currentTarget.value })} /></label>
          <Chips
            label="State" chosen={status} on_choose={(value) => settle({ state: value })}
            chips={last_states.map((each) => ({ value: each, name: <><span class={`dot dot-${tone_of(each)}`} aria-hidden="true" />{look_of(each).name}</> }))}
          />
        </div>
        {failure && <p class="refused" role="alert"><Text value={failure} /></p>}
        {shown.length === 0 && !failure && <div class="empty"><p>{busy ? 'Asking the server…' : rows.length > 0 ? 'None of those read so far has these words.' : status ? 'Nothing in this state is archived.' : 'Nothing is archived.'}</p></div>}
        {shown.length > 0 && <ul class="archived" aria-label="Archived executions">
          {shown.map((row) => (
            <li key={row.execution_id}>
              <StateBadge status={row.status} />
              <a class="clip" href={to(['executions', row.execution_id])}><Text value={row.title || row.execution_id} /></a>
              <span class="soft small number nowrap">{count(row.events, 'event')}</span>
              <span class="soft small nowrap" title={`From ${absolute(row.created_at)} to ${absolute(row.completed_at)}`}>over in {duration(Date.parse(row.completed_at) - Date.parse(row.created_at))}</span>
              <span class="soft small nowrap">archived <When at={row.archived_at} /></span>
            </li>
          ))}
        </ul>}
        {older && <div class="list-foot"><button type="button" class="button small" disabled={busy} onClick={older}>Show older ones</button></div>}
      </section>
    </div>
  );
}
