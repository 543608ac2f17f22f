// A question that has to be answered first. The browser's own <dialog>: it keeps the focus inside, closes on Escape, and
// gives the focus back.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { visible } from './text';
import { words_of } from './toast';

export interface DialogProps {
  title: string;
  /** The words on the button that does it. */
  action: string;
  /** The words on the button that leaves all as it is. */
  leave?: string;
  danger?: boolean;
  /** False: what is filled in is not enough yet. */
  ready?: boolean;
  /** Does it. The dialog closes when it is done, and stays when it was refused. */
  on_confirm: () => Promise<void> | void;
  on_close: () => void;
  children?: ComponentChildren;
}

export function Dialog({ title, action, leave = 'Cancel', danger, ready = true, on_confirm, on_close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [busy, set_busy] = useState(false);
  // Said inside: a message elsewhere would lie behind the dialog, out of reach.
  const [refused, set_refused] = useState('');
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = async (event: Event) => {
    event.preventDefault();
    if (!ready || busy) return;
    set_busy(true);
    set_refused('');
    try {
      await on_confirm();
      dialog.current?.close();
    } catch (failure) {
      set_refused(words_of(failure));
    } finally {
      set_busy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={on_close}>
      <form onSubmit={confirm}>
        <div class="dialog-body">
          <h2 id={heading}>{title}</h2>
          {children}
          {refused && <p class="refused" role="alert">{visible(refused)}</p>}
        </div>
        <div class="dialog-foot">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>{leave}</button>
          <button type="submit" class={`button ${danger ? 'danger' : 'primary'}`} disabled={!ready || busy}>{action}</button>
        </div>
      </form>
    </dialog>
  );
}
