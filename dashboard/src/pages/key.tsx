// The server wants a key: where to put it in.
import { useState } from 'preact/hooks';
import { key } from '../api/http';

export function KeyPage({ on_key }: { on_key: (key: string) => void }) {
  const [value, set_value] = useState('');
  return (
    <main class="page" id="main">
      <form
        class="card card-pad stack key-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (value.trim()) on_key(value.trim());
        }}
      >
        <h1>PlanExe-AX</h1>
        <p class="soft">This server wants a key. It stays in this tab and is forgotten when you close it.</p>
        {key.value && <p class="ink-red" role="alert">The server does not take the key that you gave.</p>}
        <label class="field">
          <span>Key</span>
          <input class="input mono" type="password" autocomplete="off" value={value} onInput={(event) => set_value(event.currentTarget.value)} />
        </label>
        <div class="row">
          <button class="button primary" type="submit" disabled={!value.trim()}>Open</button>
          <span class="soft small">An administrator makes one with <code>planexe-ax keys create</code>.</span>
        </div>
      </form>
    </main>
  );
}
