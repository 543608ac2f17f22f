// What stands on a page until the server has answered. Quiet at first: most often it takes a moment.
import { link } from '../state/overview';

export function Waiting({ title }: { title: string }) {
  return (
    <div class="empty waiting" aria-busy="true">
      <h1 class="heard">{title}</h1>
      <p>{link.value === 'broken' ? 'The server does not answer. The page asks again by itself.' : 'Asking the server…'}</p>
    </div>
  );
}
