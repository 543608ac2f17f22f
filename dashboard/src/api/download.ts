// Saving an answer of the server as a file. It is never opened in the page, whatever is in it.
import { key, send_for } from './http';

/** Saves the answer to `path` as `name`. Refused: nothing is saved. */
export async function download(path: string, name: string): Promise<void> {
  // Without a key the browser asks by itself, and writes to disk what comes as it comes. A link cannot carry a key.
  if (!key.value) return follow(path, name);
  const response = await send_for(path);
  const url = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: 'application/octet-stream' }));
  follow(url, name);
  // The browser has taken it when this task is over; some take a moment longer to begin.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function follow(href: string, name: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}
