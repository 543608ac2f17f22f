// What became of something that was asked for, said in a corner and to screen readers.
import { signal } from '@preact/signals';
import { Refusal } from '../api/http';
import { visible } from './text';

interface Toast {
  id: number;
  text: string;
  error: boolean;
}

const toasts = signal<readonly Toast[]>([]);
const shown_for_ms = 6_000;
let last_id = 0;

export function say(text: string, error = false): void {
  const id = ++last_id;
  toasts.value = [...toasts.value, { id, text, error }].slice(-4);
  // An error stays until it is read.
  if (!error) setTimeout(() => forget(id), shown_for_ms);
}

/** Why something was not done, in words, with every field that is wrong. */
export function words_of(failure: unknown): string {
  if (!(failure instanceof Refusal)) return failure instanceof Error ? failure.message : String(failure);
  const fields = failure.problem.errors?.map((each) => `${each.field}: ${each.message}`).join('; ');
  return fields ? `${failure.message} (${fields})` : failure.message;
}

export function say_refusal(failure: unknown): void {
  say(words_of(failure), true);
}

/** Does something that the server may refuse, and says how it went. True: it was done. */
export async function attempt(done: string, action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    say(done);
    return true;
  } catch (failure) {
    say_refusal(failure);
    return false;
  }
}

function forget(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast${toast.error ? ' error' : ''}`}>
          <span>{visible(toast.text)}</span>
          <button type="button" class="button quiet small" aria-label="Dismiss" onClick={() => forget(toast.id)}>✕</button>
        </div>
      ))}
    </div>
  );
}
