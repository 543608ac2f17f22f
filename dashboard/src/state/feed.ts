// The activity feed with its filters: what the server told so far, and what comes live, without a gap or a repeat.
import { ask } from '../api/http';
import type { Activity } from '../api/types';
import { kind_of, type Kind } from '../ui/sentences';

export interface Filter {
  execution_id: string;
  agent_id: string;
  kind: Kind | '';
}

/** Whether the server's own filter, which knows no kinds, lets an entry through. */
export const asked_for = (entry: Activity, filter: Filter): boolean =>
  (!filter.execution_id || entry.execution_id === filter.execution_id) && (!filter.agent_id || entry.agent_id === filter.agent_id);

export const fits = (entry: Activity, filter: Filter): boolean =>
  asked_for(entry, filter) && (!filter.kind || kind_of(entry.event_type) === filter.kind);

/** Both lists as one, newest first, each entry once. */
export function merged(one: readonly Activity[], other: readonly Activity[]): Activity[] {
  const all = new Map<number, Activity>();
  for (const entry of one) all.set(entry.position, entry);
  for (const entry of other) all.set(entry.position, entry);
  return [...all.values()].sort((a, b) => b.position - a.position);
}

export interface Page {
  entries: readonly Activity[];
  next?: string;
}

const at_once = 100;

export async function first_page(filter: Filter, signal: AbortSignal): Promise<Page> {
  const query = new URLSearchParams({ limit: String(at_once) });
  if (filter.execution_id) query.set('execution_id', filter.execution_id);
  if (filter.agent_id) query.set('agent_id', filter.agent_id);
  return page(`/api/activity?${query}`, signal);
}

/** Pages from `next` on until something fits the filter, or there is no more. */
export async function older_pages(next: string, filter: Filter, signal: AbortSignal): Promise<Page> {
  const entries: Activity[] = [];
  for (let from: string | undefined = next; from; ) {
    const found = await page(from, signal);
    entries.push(...found.entries);
    if (!found.next) return { entries };
    if (entries.some((entry) => fits(entry, filter))) return { entries, next: found.next };
    from = found.next;
  }
  return { entries };
}

async function page(path: string, signal: AbortSignal): Promise<Page> {
  const { value, next } = await ask<Activity[]>(path, { signal });
  return next ? { entries: value, next } : { entries: value };
}

/** A line of the feed: what happened, and what happened right before in the same way. */
export interface Run {
  first: Activity;
  /** Older ones, newest first. */
  more: readonly Activity[];
}

/** Fewer in a row stand each for itself. */
const shortest_run = 4;

const alike = (a: Activity, b: Activity) =>
  a.event_type === b.event_type && a.execution_id === b.execution_id && a.actor === b.actor && a.agent_id === b.agent_id;

/** Draws together what happened many times in a row, as when a plan with forty unsure tasks is started. */
export function runs(entries: readonly Activity[]): Run[] {
  const found: Run[] = [];
  for (let i = 0; i < entries.length; ) {
    const first = entries[i] as Activity;
    let end = i + 1;
    for (; end < entries.length && alike(first, entries[end] as Activity); end++);
    if (end - i < shortest_run) for (const entry of entries.slice(i, end)) found.push({ first: entry, more: [] });
    else found.push({ first, more: entries.slice(i + 1, end) });
    i = end;
  }
  return found;
}
