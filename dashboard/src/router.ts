// Where the page is: the part of the address after '#'. A link is an ordinary <a href="#/…">, so that the back button,
// new tabs and bookmarks work by themselves.
import { computed, signal } from '@preact/signals';

export interface Place {
  /** Decoded, without the empty first one: ['executions', 'exec-1', 'graph']. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

function read(): Place {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

/** What is not valid percent-encoding stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const place = signal<Place>(read());
addEventListener('hashchange', () => (place.value = read()));

/** The address of a place in this page. Members of `query` that are undefined or empty are left out. */
export function to(path: readonly string[], query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const text = new URLSearchParams(given).toString();
  return '#/' + path.map(encodeURIComponent).join('/') + (text ? '?' + text : '');
}

export function go(address: string): void {
  location.hash = address;
}

/** Changes the address without a step in the history: for a slider or a search box. */
export function settle(query: Record<string, string | undefined>): void {
  const merged: Record<string, string | undefined> = { ...Object.fromEntries(place.value.query), ...query };
  history.replaceState(history.state, '', to(place.value.path, merged));
  place.value = read();
}

/** A query member of the present place, or ''. */
export const query = (name: string) => computed(() => place.value.query.get(name) ?? '');
