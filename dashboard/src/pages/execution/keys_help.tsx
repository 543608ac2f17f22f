// The keys of this page.
import { useEffect, useId, useRef } from 'preact/hooks';
import { decision_keys } from './blockers';
import { resolution_words } from './decisions';

const page_keys: [string, string][] = [
  ['1 … 6', 'Tasks, graph, timeline, events, blockers, record'],
  ['/', 'Find'],
  ['Esc', 'Close the task'],
  ['?', 'This help'],
];
const time_keys: [string, string][] = [
  [', .', 'One event back or on'],
  ['< >', 'To the event before or after that matters'],
  ['p', 'Play, stop'],
  ['n', 'Back to now'],
  ['← → PgUp PgDn', 'On the slider: one event, a tenth of all'],
  ['Home End', 'On the slider: the first event, the present'],
];
const tree_keys: [string, string][] = [
  ['↑ ↓', 'One row up or down'],
  ['→ ←', 'Open or close; to the first below, to what it is part of'],
  ['Home End', 'First and last row'],
  ['Enter', 'Look at the task'],
  ['*', 'Open all beside it'],
  ['letters', 'To the next task that begins with them'],
];

const graph_keys: [string, string][] = [
  ['→ ←', 'To what waits for it; to what it waits for'],
  ['↑ ↓', 'Through all, each after what it waits for'],
  ['Enter', 'Look at the task'],
  ['Space', 'Open or close what it is part of'],
  ['+ − 0', 'Larger, smaller, all of it'],
  ['Shift ↑ ↓ → ←', 'Move'],
];

export function KeysHelp({ on_close }: { on_close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const decisions = Object.entries(decision_keys).map(([key, action]): [string, string] => [key, resolution_words[action].name]);
  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={on_close}>
      <div class="dialog-body">
        <h2 id={heading}>Keys</h2>
        <Keys title="Everywhere" keys={page_keys} />
        <Keys title="Time" keys={time_keys} />
        <Keys title="Tasks" keys={tree_keys} />
        <Keys title="Graph" keys={graph_keys} />
        <Keys title="Timeline" keys={[['↑ ↓', 'One row up or down'], ['→ ←', 'Open or close'], ['Enter', 'Look at the task']]} />
        <Keys title="Blockers" keys={[['j k', 'Next and previous'], ['Enter', 'Look at the task'], ...decisions]} />
      </div>
      <div class="dialog-foot"><button type="button" class="button" onClick={() => dialog.current?.close()}>Close</button></div>
    </dialog>
  );
}

function Keys({ title, keys }: { title: string; keys: [string, string][] }) {
  return (
    <div>
      <h3>{title}</h3>
      <dl class="keys">{keys.map(([key, does]) => <><dt key={key}><kbd>{key}</kbd></dt><dd>{does}</dd></>)}</dl>
    </div>
  );
}
