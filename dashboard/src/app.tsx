// The shell: the way around, how the connection stands, and the page of the present place.
import { useEffect } from 'preact/hooks';
import { needs_key, use_key } from './api/http';
import { AgentPage } from './pages/agents/agent';
import { AgentsPage } from './pages/agents/agents';
import { ActivityPage } from './pages/activity';
import { ExecutionPage } from './pages/execution/execution';
import { ExecutionsPage } from './pages/executions';
import { InboxPage } from './pages/inbox';
import { KeyPage } from './pages/key';
import { place, to } from './router';
import { learn_me, may, me, type Right } from './state/me';
import { agents, executions, known, link, more_executions, rewatch_overview, safety_switch } from './state/overview';
import { watch_scroll } from './state/scroll';
import { Mark, ThemeButton } from './ui/head';
import { later } from './ui/later';
import { Toasts } from './ui/toast';
import { visible } from './ui/text';

const places = [
  { path: '', name: 'Executions' },
  { path: 'agents', name: 'Agents' },
  { path: 'inbox', name: 'Inbox' },
  { path: 'plans', name: 'Plans' },
  { path: 'activity', name: 'Activity' },
  { path: 'server', name: 'Server', right: 'operator' },
] as const satisfies readonly { path: string; name: string; right?: Right }[];

const NewPage = later(() => import('./pages/rare').then((found) => found.NewPage));
const PlansPage = later(() => import('./pages/rare').then((found) => found.PlansPage));
const ServerPage = later(() => import('./pages/rare').then((found) => found.ServerPage));

/** Places that whoever looks may go to: an agent's key opens its own inbox alone. */
const open_places = () => places.filter((each) => (is_agent() ? each.path === 'inbox' : !('right' in each) || may(each.right)));

/** What the window and the browser's history call the page. */
function title_of([first = '', id]: readonly string[]): string {
  if (first === 'agents' && id) return visible(agents.value.get(id)?.name ?? '');
  if (first === 'new') return 'Bring in a plan';
  return places.find(({ path }) => path === first)?.name ?? '';
}

function Page() {
  const [first = '', second, ...rest] = place.value.path;
  if (is_agent()) return <InboxPage id={me.value.agent_id} />;
  switch (first) {
    case '':
      return <ExecutionsPage />;
    case 'executions':
      return second ? <ExecutionPage key={second} id={second} view={rest[0] ?? 'tasks'} /> : <ExecutionsPage />;
    case 'agents':
      return second ? <AgentPage key={second} id={second} /> : <AgentsPage />;
    case 'inbox':
      return <InboxPage key={second ?? ''} id={second} />;
    case 'plans':
      return <PlansPage id={second} />;
    case 'new':
      return <NewPage />;
    case 'activity':
      return <ActivityPage />;
    case 'server':
      return <ServerPage />;
    default:
      return (
        <div class="empty">
          <h1>There is nothing here</h1>
          <p><a href="#/">To all executions</a></p>
        </div>
      );
  }
}

function Header() {
  const [first = ''] = place.value.path;
  const here = first === 'executions' || first === 'new' ? '' : first;
  const people = [...executions.value.values()].reduce((sum, row) => sum + row.waiting_for_people, 0);
  return (
    <header class="top">
      <div class="top-inner">
        <a class="brand" href="#/" aria-label="PlanExe-AX, all executions">
          <Mark />
          <span>PlanExe-AX</span>
        </a>
        <nav class="nav" aria-label="Main">
          {open_places().map(({ path, name }) => (
            <a key={path} href={to(path ? [path] : [])} aria-current={here === path ? 'page' : undefined}>{name}</a>
          ))}
        </nav>
        {people > 0 && <a class="state tone-orange" href={to(['inbox'])} title="Tasks that wait for a person">{people}{more_executions.value && '+'} for people</a>}
        <a class="button quiet small docs-link" href="/docs" title="Every operation of the API, with examples">API</a>
        <Who />
        <ThemeButton />
      </div>
    </header>
  );
}

/** Whose key the page uses. Without keys there is nobody to name. */
function Who() {
  const { auth, name, role } = me.value;
  if (auth === 'off' || !role) return null;
  return (
    <span class="who small" title={`Key ${visible(name ?? '')}, role ${role}`}>
      {name && <b class="clip">{visible(name)}</b>} <span class="soft">{role}</span>
    </span>
  );
}

/** An agent's key opens its own inbox alone: the overview is not for it. */
const is_agent = () => me.value.role === 'agent';

/** Learns who looks, and begins to watch what they may see. */
async function begin(): Promise<void> {
  await learn_me();
  if (!is_agent() && !needs_key.value) rewatch_overview();
}

export function App() {
  useEffect(() => void begin(), []);
  // After a break the server may be another release, or the key another's.
  useEffect(() => {
    if (link.value === 'live') void learn_me();
  }, [link.value]);
  useEffect(watch_scroll, []);
  const title = title_of(place.value.path);
  useEffect(() => {
    // An execution's page names itself.
    if (place.value.path[0] !== 'executions') document.title = title ? `${title} – PlanExe-AX` : 'PlanExe-AX';
  }, [title]);
  if (needs_key.value) {
    return (
      <KeyPage
        on_key={(value) => {
          use_key(value);
          void begin();
        }}
      />
    );
  }
  const paused = safety_switch.value;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to content</a>
      <Header />
      <div role="status" aria-live="polite">
        {link.value === 'broken' && <div class="banner red">{known.value ? 'The connection to the server is lost. What you see is how it was; the page comes back by itself.' : 'The server cannot be reached.'}</div>}
        {paused.paused && <div class="banner">Everything is paused{paused.reason ? `: ${visible(paused.reason)}` : ''}</div>}
      </div>
      <main id="main" class="page" tabIndex={-1}>
        <Page />
      </main>
      <Toasts />
    </div>
  );
}
