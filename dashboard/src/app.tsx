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
import { NewPage } from './pages/new';
import { PlansPage } from './pages/plans';
import { place, to } from './router';
import { learn_me, me } from './state/me';
import { agents, executions, link, more_executions, rewatch_overview, safety_switch } from './state/overview';
import { watch_scroll } from './state/scroll';
import { theme, type Theme } from './ui/theme';
import { Toasts } from './ui/toast';
import { visible } from './ui/text';

const places = [
  { path: '', name: 'Executions' },
  { path: 'agents', name: 'Agents' },
  { path: 'inbox', name: 'Inbox' },
  { path: 'plans', name: 'Plans' },
  { path: 'activity', name: 'Activity' },
] as const;

/** What the window and the browser's history call the page. */
function title_of([first = '', id]: readonly string[]): string {
  if (first === 'agents' && id) return visible(agents.value.get(id)?.name ?? '');
  if (first === 'new') return 'Bring in a plan';
  return places.find(({ path }) => path === first)?.name ?? '';
}

const next_theme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

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
          <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="#2563eb" />
            <path d="M8 10h9M8 16h6M8 22h9" stroke="#fff" stroke-width="2.5" stroke-linecap="round" />
            <path d="m18 17 3.5 3.5L26 13" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" />
          </svg>
          <span>PlanExe-AX</span>
        </a>
        <nav class="nav" aria-label="Main">
          {places.filter(({ path }) => !is_agent() || path === 'inbox').map(({ path, name }) => (
            <a key={path} href={to(path ? [path] : [])} aria-current={here === path ? 'page' : undefined}>{name}</a>
          ))}
        </nav>
        {people > 0 && <a class="state tone-orange" href={to(['inbox'])} title="Tasks that wait for a person">{people}{more_executions.value && '+'} for people</a>}
        <Who />
        <ThemeButton />
      </div>
    </header>
  );
}

const theme_names: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };

function ThemeButton() {
  const said = `Colours: ${theme_names[theme.value]}`;
  return (
    <button type="button" class="button quiet small theme" aria-label={said} title={said} onClick={() => (theme.value = next_theme[theme.value])}>
      <svg width="18" height="18" viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round">
        {theme.value === 'dark' && <path d="M16.5 12.3A7 7 0 0 1 7.7 3.5a7 7 0 1 0 8.8 8.8Z" stroke-linejoin="round" />}
        {theme.value === 'light' && <><circle cx="10" cy="10" r="3.6" /><path d="M10 2v1.6M10 16.4V18M2 10h1.6M16.4 10H18M4.3 4.3l1.2 1.2M14.5 14.5l1.2 1.2M4.3 15.7l1.2-1.2M14.5 5.5l1.2-1.2" /></>}
        {theme.value === 'system' && <><circle cx="10" cy="10" r="7" /><path d="M10 3a7 7 0 0 1 0 14Z" fill="currentColor" stroke="none" /></>}
      </svg>
    </button>
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
        {link.value === 'broken' && <div class="banner red">The connection to the server is lost. What you see is how it was; the page comes back by itself.</div>}
        {paused.paused && <div class="banner">Everything is paused{paused.reason ? `: ${visible(paused.reason)}` : ''}</div>}
      </div>
      <main id="main" class="page" tabIndex={-1}>
        <Page />
      </main>
      <Toasts />
    </div>
  );
}
