// How the server itself is: its log, its views, its disk and its backups. For who runs it.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api/http';
import { me } from '../state/me';
import { Text, visible } from '../ui/text';
import { duration } from '../ui/time';
import { words_of } from '../ui/toast';
import { count } from '../ui/words';
import '../styles/lists.css';
import '../styles/timeline.css';

interface View {
  name: string;
  rows: number;
  lag_events: number;
  lag_ms: number;
}

interface Metrics {
  version: string;
  success_rate?: number;
  attempts: { started: number; failed: number };
  durations_seconds: Record<string, { count: number; median: number; p99: number }>;
  errors: { error_type: string; count: number }[];
  events: Record<string, number>;
  log_position: number;
  commits: { batches: number; items: number; seconds: number };
  views: View[];
}

const look_again_ms = 5_000;

/** The newest answer to `path`, asked for again while somebody looks. */
function use_asked<T>(path: string): { found: T | undefined; failure: string } {
  const [state, set_state] = useState<{ found: T | undefined; failure: string }>({ found: undefined, failure: '' });
  useEffect(() => {
    const gone = new AbortController();
    const look = () => {
      if (document.visibilityState !== 'visible') return;
      get<T>(path, gone.signal).then(
        (found) => set_state({ found, failure: '' }),
        (why: unknown) => gone.signal.aborted || set_state((old) => ({ ...old, failure: words_of(why) })),
      );
    };
    look();
    const timer = setInterval(look, look_again_ms);
    return () => {
      clearInterval(timer);
      gone.abort();
    };
  }, [path]);
  return state;
}

export function ServerPage() {
  const { found, failure } = use_asked<Metrics>('/api/admin/metrics');
  return (
    <div class="stack">
      <h1>Server</h1>
      {failure && <p class="refused" role="alert"><Text value={failure} /></p>}
      {!found && !failure && <p class="empty" aria-busy="true">Asking…</p>}
      {found && <Figures metrics={found} />}
      {found && <Views views={found.views} />}
    </div>
  );
}

const milliseconds = (seconds: number) => (seconds < 10 ? `${Math.round(seconds * 10_000) / 10} ms`.replace(/^(\d{3,})\.\d/, '$1') : duration(seconds * 1_000));

function Figures({ metrics }: { metrics: Metrics }) {
  const { commits, views } = metrics;
  const behind = views.reduce((most, view) => Math.max(most, view.lag_events), 0);
  const errors = metrics.errors.reduce((sum, each) => sum + each.count, 0);
  return (
    <dl class="figures">
      <Figure name="Release" value={visible(metrics.version)} more={`keys are ${me.value.auth === 'off' ? 'not asked for' : 'asked for'}`} />
      <Figure name="Events in the log" value={metrics.log_position.toLocaleString()} more={`${count(commits.batches, 'batch', 'batches')} synced since the start`} />
      <Figure name="Time of a sync" value={commits.batches > 0 ? milliseconds(commits.seconds / commits.batches) : '–'} more={commits.batches > 0 ? `${(commits.items / commits.batches).toFixed(1)} steps in each` : 'nothing was written yet'} />
      <Figure name="Views" value={behind === 0 ? 'up to date' : `${count(behind, 'event')} behind`} more={`${count(views.length, 'view')} of the log`} tone={behind > 1_000 ? 'late' : ''} />
      <Figure name="Attempts" value={metrics.attempts.started.toLocaleString()} more={errors === 0 ? 'none failed' : `${errors.toLocaleString()} failed`} />
    </dl>
  );
}

export function Figure({ name, value, more, tone = '' }: { name: string; value: string; more: string; tone?: string }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd class={`number ${tone}`}>{value}</dd>
      <dd class="figure-more">{more}</dd>
    </div>
  );
}

function Views({ views }: { views: readonly View[] }) {
  return (
    <section class="card" aria-labelledby="views-title">
      <div class="card-head"><h2 id="views-title">Views of the log</h2></div>
      <div class="card-pad scroll-x" tabIndex={0} role="region" aria-labelledby="views-title">
        <table class="load">
          <thead><tr><th scope="col">View</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Events behind</th><th scope="col" class="number wide-only">Time behind</th></tr></thead>
          <tbody>
            {views.map((view) => (
              <tr key={view.name}><th scope="row"><Text value={view.name} /></th><td class="number">{view.rows.toLocaleString()}</td><td class="number">{view.lag_events.toLocaleString()}</td><td class="number wide-only">{view.lag_events === 0 ? '–' : milliseconds(view.lag_ms / 1_000)}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
