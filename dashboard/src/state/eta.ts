// When executions are expected to end. The lists do not tell, and the forecast costs the server something, so it is asked
// for the few that are looked at, a few at a time, and again only when they have moved.
import { signal, type ReadonlySignal } from '@preact/signals';
import { get } from '../api/http';
import type { Execution, ExecutionRow } from '../api/types';

/** A forecast that is this old is asked for again, if its execution has moved. */
const fresh_for_ms = 30_000;
const most_at_once = 2;
/** Executions remembered; the oldest are forgotten first. */
const most_known = 500;

interface Known {
  eta: ReturnType<typeof signal<string | undefined>>;
  version: number;
  asked_at: number;
}

const known = new Map<string, Known>();
const queue: ExecutionRow[] = [];
let under_way = 0;

/** Whether its end comes nearer. */
export const moves = (row: ExecutionRow) => row.status === 'RUNNING' || row.status === 'BLOCKED' || row.status === 'QUEUED';

/** The expected end of an execution that is looked at; undefined while it is not known. */
export function eta_of(row: ExecutionRow): ReadonlySignal<string | undefined> {
  let entry = known.get(row.execution_id);
  if (!entry) {
    entry = { eta: signal<string | undefined>(undefined), version: 0, asked_at: 0 };
    known.set(row.execution_id, entry);
    if (known.size > most_known) known.delete(known.keys().next().value as string);
  }
  const old = entry.version !== row.version && Date.now() - entry.asked_at > fresh_for_ms;
  if (old && moves(row)) {
    entry.version = row.version;
    entry.asked_at = Date.now();
    queue.push(row);
    next();
  }
  return entry.eta;
}

function next(): void {
  while (under_way < most_at_once) {
    // The newest wish first: it is what is looked at now.
    const row = queue.pop();
    if (!row) return;
    under_way++;
    void get<Execution>(`/api/executions/${encodeURIComponent(row.execution_id)}`)
      .then((execution) => {
        const entry = known.get(row.execution_id);
        if (entry) entry.eta.value = execution.forecast?.eta;
      })
      .catch(() => undefined)
      .finally(() => {
        under_way--;
        next();
      });
  }
}
