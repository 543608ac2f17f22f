// The switch that pauses every execution at once, and lets them go on.
import { useState } from 'preact/hooks';
import { post } from '../api/http';
import { needs } from '../state/me';
import { safety_switch } from '../state/overview';
import { Dialog } from './dialog';
import { say } from './toast';

export function StopEverything() {
  const [asked, set_asked] = useState(false);
  const [reason, set_reason] = useState('');
  const { paused } = safety_switch.value;
  const confirm = async () => {
    const words = reason.trim();
    if (paused) await post('/api/admin/resume', words ? { reason: words } : {});
    else await post('/api/admin/pause', { reason: words });
    // The stream tells the same a moment later; until then the page should not show the opposite.
    safety_switch.value = paused ? { paused: false } : { paused: true, reason: words };
    say(paused ? 'Everything goes on.' : 'Everything is paused.');
    set_reason('');
  };
  return (
    <>
      <button type="button" class={`button ${paused ? 'primary' : 'danger'}`} onClick={() => set_asked(true)} {...needs('admin')}>
        {paused ? 'Let everything go on' : 'Stop everything'}
      </button>
      {asked && (
        <Dialog
          title={paused ? 'Let everything go on?' : 'Stop everything?'}
          action={paused ? 'Go on' : 'Stop everything'}
          danger={!paused}
          ready={paused || reason.trim() !== ''}
          on_confirm={confirm}
          on_close={() => set_asked(false)}
        >
          <p class="soft">
            {paused
              ? 'Work is handed out again. What a person had paused before stays paused.'
              : 'From now on nothing is handed out anywhere and nothing can be started. Agents that hold a task are told to pause; what they report is still taken.'}
          </p>
          <label class="field">
            <span>{paused ? 'Reason (optional)' : 'Reason, for everybody to read'}</span>
            <textarea class="input" value={reason} maxLength={2_000} onInput={(event) => set_reason(event.currentTarget.value)} />
          </label>
        </Dialog>
      )}
    </>
  );
}
