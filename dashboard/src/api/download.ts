// Saving answers of the server as a file. They are never opened in the page, whatever is in them.
import { next_of, send_for } from './http';

/** Saves the answer to `path`, and the pages after it, as one file. Refused: nothing is saved. */
export async function download(path: string, name: string): Promise<void> {
  // Parts stay with the browser, which may keep them on disk.
  const parts: Blob[] = [];
  for (let next: string | undefined = path; next; ) {
    const page: Response = await send_for(next);
    parts.push(await page.blob());
    next = next_of(page);
  }
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it when this task is over; some take a moment longer to begin.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
