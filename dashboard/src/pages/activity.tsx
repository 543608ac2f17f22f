// What happens everywhere, as it happens.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Activity } from '../api/types';
import { place, settle } from '../router';
import { asked_for, first_page, fits, merged, older_pages, type Filter, type Page } from '../state/feed';
import { activity, agents_in_order, executions, executions_in_order, link } from '../state/overview';
import { ActivityList } from '../ui/activity_list';
import { Chips } from '../ui/chips';
import { kinds, type Kind } from '../ui/sentences';
import { visible } from '../ui/text';
import { say_refusal } from '../ui/toast';
import { count } from '../ui/words';
import '../styles/lists.css';

const kind_named = (text: string): Kind | '' => (Object.hasOwn(kinds, text) ? (text as Kind) : '');

/** What is known of the feed under a filter: pages from the server, and what the stream tells. */
function use_feed(filter: Filter) {
  const [page, set_page] = useState<Page>({ entries: [] });
  const [busy, set_busy] = useState(true);
  const [failed, set_failed] = useState(false);
  const control = useRef(new AbortController());
  const broken = link.value === 'broken';
  useEffect(() => set_page({ entries: [] }), [filter.execution_id, filter.agent_id]);
  // Asked anew after a break: more may have happened meanwhile than the stream begins with.
  useEffect(() => {
    const mine = new AbortController();
    control.current = mine;
    set_busy(true);
    first_page(filter, mine.signal)
      .then((found) => { set_page(found); set_failed(false); })
      .catch(() => { if (!mine.signal.aborted) set_failed(true); })
      .finally(() => { if (!mine.signal.aborted) set_busy(false); });
    return () => mine.abort();
  }, [filter.execution_id, filter.agent_id, broken]);
  const older = async () => {
    if (!page.next || busy) return;
    const { signal } = control.current;
    set_busy(true);
    try {
      const found = await older_pages(page.next, filter, signal);
      set_page({ entries: merged(page.entries, found.entries), ...(found.next ? { next: found.next } : {}) });
    } catch (failure) {
      if (!signal.aborted) say_refusal(failure);
    } finally {
      if (!signal.aborted) set_busy(false);
    }
  };
  const live = activity.value.filter((entry) => asked_for(entry, filter));
  // Live entries older than the first page would leave a gap behind them: the pages bring those.
  const oldest = page.entries.at(-1)?.position ?? 0;
  const entries = merged(page.entries, page.next ? live.filter((entry) => entry.position > oldest) : live);
  return { entries, busy, failed, older: page.next ? older : undefined };
}

export function ActivityPage() {
  const { query } = place.value;
  const filter: Filter = {
    execution_id: query.get('execution') ?? '', agent_id: query.get('agent') ?? '', kind: kind_named(query.get('kind') ?? ''),
  };
  const { entries, busy, failed, older } = use_feed(filter);
  /** While paused: the newest entry that is shown. */
  const [held_at, hold_at] = useState<number | undefined>(undefined);
  const wanted = entries.filter((entry) => fits(entry, filter));
  const shown = held_at === undefined ? wanted : wanted.filter((entry) => entry.position <= held_at);
  const fresh = wanted.length - shown.length;
  return (
    <div class="stack">
      <div class="spread">
        <h1>Activity</h1>
        <button type="button" class="button" aria-pressed={held_at !== undefined} onClick={() => hold_at(held_at === undefined ? (entries[0]?.position ?? 0) : undefined)}>
          {held_at === undefined ? 'Hold' : 'Go on'}
        </button>
      </div>
      <section class="card">
        <div class="toolbar">
          <Chips label="Kind" chosen={filter.kind} on_choose={(kind) => settle({ kind })} chips={(Object.keys(kinds) as Kind[]).map((kind) => ({ value: kind, name: kinds[kind] }))} />
          <div class="filters sort">
            <ExecutionFilter chosen={filter.execution_id} entries={entries} />
            <AgentFilter chosen={filter.agent_id} />
          </div>
        </div>
        {fresh > 0 && <div class="feed-new"><button type="button" class="button primary small" onClick={() => hold_at(undefined)}>{count(fresh, 'new line')}</button></div>}
        {shown.length === 0 && !busy
          ? <NothingTold failed={failed} filtered={Boolean(filter.kind || filter.agent_id || filter.execution_id)} />
          : <ActivityList entries={shown} elsewhere={!filter.execution_id} label="What happened, newest first" />}
        {older && <div class="feed-foot"><button type="button" class="button small" disabled={busy} onClick={() => void older()}>Show older</button></div>}
      </section>
    </div>
  );
}

function NothingTold({ failed, filtered }: { failed: boolean; filtered: boolean }) {
  if (failed) return <div class="empty"><p>The server does not tell what happened. The page asks again when it is back.</p></div>;
  return (
    <div class="empty">
      <h2>Nothing has happened</h2>
      <p>{filtered ? 'Nothing that fits these filters.' : 'As soon as something is brought in, started or worked on, it is told here.'}</p>
    </div>
  );
}

/** Executions offered in the filter; the others are reached from their own pages. */
const most_offered = 200;

function ExecutionFilter({ chosen, entries }: { chosen: string; entries: readonly Activity[] }) {
  const offered = executions_in_order.value.slice(0, most_offered);
  const title = executions.value.get(chosen)?.title ?? entries.find((entry) => entry.execution_id === chosen)?.title ?? chosen;
  return (
    <select class="input" aria-label="Execution" value={chosen} onChange={(event) => settle({ execution: event.currentTarget.value })}>
      <option value="">All executions</option>
      {chosen && !offered.some((row) => row.execution_id === chosen) && <option value={chosen}>{visible(title)}</option>}
      {offered.map((row) => <option key={row.execution_id} value={row.execution_id}>{visible(row.title)}</option>)}
    </select>
  );
}

function AgentFilter({ chosen }: { chosen: string }) {
  const offered = agents_in_order.value;
  return (
    <select class="input" aria-label="Agent" value={chosen} onChange={(event) => settle({ agent: event.currentTarget.value })}>
      <option value="">All agents</option>
      {chosen && !offered.some((agent) => agent.agent_id === chosen) && <option value={chosen}>{visible(chosen)}</option>}
      {offered.map((agent) => <option key={agent.agent_id} value={agent.agent_id}>{visible(agent.name)}</option>)}
    </select>
  );
}
