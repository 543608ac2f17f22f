// The page of the API: every operation, grouped and searchable. The place after # is the operation that is open.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Mark, ThemeButton } from '../ui/head';
import { useTopHeight } from '../ui/top_height';
import { matches, operations_of, type Document, type Operation } from './model';
import { Method, OperationCard } from './operation';
import { Prose } from './prose';
import { OpenDocument } from './schema';
import { usePageKeys } from '../ui/page_keys';

function Header({ version }: { version: string }) {
  return (
    <header class="top">
      <div class="top-inner">
        <a class="brand" href="./" aria-label="PlanExe-AX, the dashboard">
          <Mark />
          <span>PlanExe-AX</span>
        </a>
        <nav class="nav" aria-label="Main">
          <a href="./">Dashboard</a>
          <a href="#" aria-current="page">API</a>
          <a href="./api/openapi.json">openapi.json</a>
        </nav>
        <span class="soft small number">{version}</span>
        <ThemeButton />
      </div>
    </header>
  );
}

function useOpened(): [ReadonlySet<string>, (id: string) => void] {
  const [opened, set_opened] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const follow = () => {
      const id = decodeURIComponent(location.hash.slice(1));
      if (!id) return;
      set_opened((before) => new Set(before).add(id));
      requestAnimationFrame(() => {
        const card = document.getElementById(id);
        card?.scrollIntoView({ block: 'start' });
        card?.querySelector<HTMLElement>('button')?.focus({ preventScroll: true });
      });
    };
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const toggle = (id: string) => {
    const now_open = !opened.has(id);
    const after = new Set(opened);
    if (now_open) after.add(id);
    else after.delete(id);
    set_opened(after);
    // A place to share, without a jump.
    history.replaceState(null, '', now_open ? `#${id}` : location.pathname + location.search);
  };
  return [opened, toggle];
}

/** "/" leads to the search from anywhere but a field. */
function useSlash(field: { current: HTMLInputElement | null }) {
  usePageKeys((key) => {
    if (key !== '/') return false;
    field.current?.focus();
    return true;
  });
}

interface Group {
  name: string;
  description: string;
  operations: Operation[];
}

function Contents({ groups }: { groups: Group[] }) {
  return (
    <nav class="docs-contents" aria-label="Operations">
      {groups.map((group) => (
        <section key={group.name}>
          <h2>{group.name}</h2>
          <ul>
            {group.operations.map((operation) => (
              <li key={operation.id}>
                <a href={`#${operation.id}`}>
                  <Method name={operation.is_webhook ? 'HOOK' : operation.method} />
                  <span class="clip" title={operation.summary}>{operation.id.replaceAll('_', ' ')}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function Shown({ document }: { document: Document }) {
  const all = useMemo(() => operations_of(document), [document]);
  const [typed, set_typed] = useState('');
  const [opened, toggle] = useOpened();
  const field = useRef<HTMLInputElement>(null);
  const top = useTopHeight();
  useSlash(field);
  const found = all.filter((operation) => matches(operation, typed));
  const groups = document.tags
    .map((tag) => ({ ...tag, operations: found.filter((operation) => operation.tag === tag.name) }))
    .filter((group) => group.operations.length > 0);
  return (
    <OpenDocument.Provider value={document}>
      <div class="docs-columns" style={{ '--top': `${top}px` }}>
        <aside class="docs-side">
          <label class="field">
            <span class="heard">Search operations</span>
            <input
              ref={field} class="input" type="search" placeholder="Search: path, words, schema   /" value={typed}
              onInput={(event) => set_typed(event.currentTarget.value)}
              onKeyDown={(event) => { if (event.key === 'Escape') set_typed(''); }}
            />
          </label>
          <p class="small soft" role="status">{typed ? `${found.length} of ${all.length} operations` : `${all.length} operations`}</p>
          <Contents groups={groups} />
        </aside>
        <div class="docs-main">
          {!typed && (
            <section class="docs-intro">
              <h1>The API</h1>
              {document.info.summary && <p class="docs-lead">{document.info.summary}</p>}
              <Prose text={document.info.description} />
            </section>
          )}
          {groups.map((group) => (
            <section key={group.name} class="docs-group">
              <h2>{group.name}</h2>
              {!typed && <Prose text={group.description} />}
              {group.operations.map((operation) => (
                <OperationCard key={operation.id} operation={operation} open={opened.has(operation.id)} on_toggle={() => toggle(operation.id)} />
              ))}
            </section>
          ))}
          {groups.length === 0 && <div class="empty card"><h2>Nothing has these words</h2><p>Try a part of a path, as in <code>executions</code>, or the name of a schema.</p></div>}
        </div>
      </div>
    </OpenDocument.Provider>
  );
}

export function Docs() {
  const [loaded, set_loaded] = useState<Document>();
  const [failed, set_failed] = useState(false);
  useEffect(() => {
    fetch('./api/openapi.json')
      .then((answer) => (answer.ok ? (answer.json() as Promise<Document>) : Promise.reject(new Error(String(answer.status)))))
      .then(set_loaded)
      .catch(() => set_failed(true));
  }, []);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to content</a>
      <Header version={loaded?.info.version ?? ''} />
      <main id="main" class="page" tabIndex={-1}>
        {loaded && <Shown document={loaded} />}
        {!loaded && <div class="empty" role="status">{failed ? <><h1>The document did not come</h1><p>It is at <a href="./api/openapi.json">/api/openapi.json</a>.</p></> : 'Loading…'}</div>}
      </main>
    </div>
  );
}
