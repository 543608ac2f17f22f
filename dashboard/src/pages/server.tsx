// How the server itself is: its log, its views, its disk and its backups. For who runs it.
import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../api/http';
import { may, me } from '../state/me';
import { Figure } from '../ui/figure';
import { Text, visible } from '../ui/text';
import { absolute, duration, When } from '../ui/time';
import { attempt, words_of } from '../ui/toast';
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
  disk?: Disk;
}

/** The one that the log is on. */
interface Disk {
  /** low: no new work is taken on; full: nothing is recorded. */
  state: 'ok' | 'low' | 'full';
  free_bytes: number;
  reserve_bytes: number;
  reason?: string;
}

/** One that is being made has no size yet. */
interface Backup {
  name: string;
  status: 'making' | 'made' | 'failed';
  /** When it was begun. */
  made_at: string;
  detail?: string;
  log_position?: number;
  bytes?: number;
}

const look_again_ms = 5_000;

/** The newest answer to `path`, asked for again while somebody looks, and at once with another `turn`. */
function use_asked<T>(path: string, every_ms: number, turn = 0): { found: T | undefined; failure: string } {
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
    const timer = setInterval(look, every_ms);
    return () => {
      clearInterval(timer);
      gone.abort();
    };
  }, [path, turn]);
  return state;
}

export function ServerPage() {
  const { found, failure } = use_asked<Metrics>('/api/admin/metrics', look_again_ms);
  return (
    <div class="stack">
      <h1>Server</h1>
      {failure && <p class="refused" role="alert"><Text value={failure} /></p>}
      {!found && !failure && <p class="empty" aria-busy="true">Asking…</p>}
      {found?.disk?.reason && <p class={found.disk.state === 'full' ? 'refused' : 'server-low'} role="alert"><Text value={found.disk.reason} /></p>}
      {found && <Figures metrics={found} />}
      {found && may('admin') && <Backups />}
      {found && <Views views={found.views} />}
    </div>
  );
}

const milliseconds = (seconds: number) => (seconds < 10 ? `${Math.round(seconds * 10_000) / 10} ms`.replace(/^(\d{3,})\.\d/, '$1') : duration(seconds * 1_000));

const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** "12.3 GB". */
function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

function Figures({ metrics }: { metrics: Metrics }) {
  const { commits, views, disk } = metrics;
  const behind = views.reduce((most, view) => Math.max(most, view.lag_events), 0);
  const errors = metrics.errors.reduce((sum, each) => sum + each.count, 0);
  return (
    <dl class="figures">
      <Figure name="Release" value={visible(metrics.version)} more={`keys are ${me.value.auth === 'off' ? 'not asked for' : 'asked for'}`} />
      <Figure name="Events in the log" value={metrics.log_position.toLocaleString()} more={`${count(commits.batches, 'batch', 'batches')} synced since the start`} />
      <Figure name="Time of a sync" value={commits.batches > 0 ? milliseconds(commits.seconds / commits.batches) : '–'} more={commits.batches > 0 ? `${(commits.items / commits.batches).toFixed(1)} steps in each` : 'nothing was written yet'} />
      {disk && <Figure name="Room on the disk" value={size(disk.free_bytes)} more={disk.state === 'ok' ? `new work needs ${size(disk.reserve_bytes)}` : disk.state === 'low' ? 'low: no new work is taken on' : 'full: nothing is recorded'} tone={disk.state === 'ok' ? '' : 'late'} />}
      <Figure name="Views" value={behind === 0 ? 'up to date' : `${count(behind, 'event')} behind`} more={`${count(views.length, 'view')} of the log`} tone={behind > 1_000 ? 'late' : ''} />
      <Figure name="Attempts" value={metrics.attempts.started.toLocaleString()} more={errors === 0 ? 'none failed' : `${errors.toLocaleString()} failed`} />
    </dl>
  );
}

/** Backups listed before all are asked for. */
const backups_shown = 10;
const backups_again_ms = 30_000;
const made_again_ms = 1_000;

/** Makes a backup and waits until it is made, for as long as that takes. */
async function made(): Promise<void> {
  let backup = await post<Backup>('/api/admin/backups');
  while (backup.status === 'making') {
    await new Promise((resolve) => setTimeout(resolve, made_again_ms));
    backup = await get<Backup>(`/api/admin/backups/${encodeURIComponent(backup.name)}`);
  }
  if (backup.status === 'failed') throw new Error(backup.detail ?? 'The backup could not be made.');
}

function Backups() {
  const [turn, set_turn] = useState(0);
  const [busy, set_busy] = useState(false);
  const [all, set_all] = useState(false);
  const { found, failure } = use_asked<Backup[]>('/api/admin/backups', backups_again_ms, turn);
  const make = async () => {
    set_busy(true);
    await attempt('The backup is made.', made);
    set_busy(false);
    set_turn(turn + 1);
  };
  const under_way = found?.find((backup) => backup.status === 'making');
  const whole = found?.filter((backup) => backup.status === 'made') ?? [];
  const newest = whole[0];
  return (
    <section class="card" aria-labelledby="backups-title" aria-busy={busy}>
      <div class="card-head">
        <h2 id="backups-title">Backups</h2>
        {found && <button type="button" class="button small" disabled={busy} onClick={() => void make()}>{busy ? 'Backing up…' : 'Back up now'}</button>}
      </div>
      <div class="card-pad stack tight">
        <p role="status">{failure ? <Text value={failure} /> : !found ? 'Asking…' : under_way ? <><b><Text value={under_way.name} /></b> is being made since <When at={under_way.made_at} />.</> : newest ? <>The last one was made <b><When at={newest.made_at} /></b>.</> : 'None has been made yet.'}</p>
        {whole.length > 0 && (
          <div class="scroll-x" tabIndex={0} role="group" aria-labelledby="backups-title">
            <table class="load">
              <thead><tr><th scope="col">Name</th><th scope="col" class="wide-only">Made</th><th scope="col" class="number">Events</th><th scope="col" class="number">Size</th></tr></thead>
              <tbody>
                {whole.slice(0, all ? undefined : backups_shown).map((backup) => (
                  <tr key={backup.name}><th scope="row" title={absolute(backup.made_at)}><Text value={backup.name} /></th><td class="wide-only">{absolute(backup.made_at)}</td><td class="number">{(backup.log_position ?? 0).toLocaleString()}</td><td class="number nowrap">{size(backup.bytes ?? 0)}</td></tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {!all && whole.length > backups_shown && <p><button type="button" class="button small" onClick={() => set_all(true)}>Show all {whole.length}</button></p>}
        <p class="soft small">A backup holds everything that was acknowledged before it was begun. <code>planexe-ax backup verify</code> checks one, and <code>planexe-ax restore</code> makes a data folder of it.</p>
      </div>
    </section>
  );
}

function Views({ views }: { views: readonly View[] }) {
  return (
    <section class="card" aria-labelledby="views-title">
      <div class="card-head"><h2 id="views-title">Views of the log</h2></div>
      <div class="card-pad scroll-x" tabIndex={0} role="group" aria-labelledby="views-title">
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
