// The plan against reality, as the server tells it, kept up to date with the moment that is looked at.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../../api/http';
import type { ExecutionStatus, Forecast, Level, TaskStatus } from '../../api/types';
import { place } from '../../router';
import type { Moment } from '../../state/execution';
import type { PlannedPath } from './graph_model';

export interface TaskReport {
  task_id: string;
  parent_id?: string;
  level: Level;
  title: string;
  status: TaskStatus;
  critical: boolean;
  /** Days after the start, by the plan's own schedule. */
  planned_start_days: number;
  planned_end_days: number;
  effort_days: number;
  actual_start?: string;
  actual_end?: string;
  actual_days?: number;
  expected_start?: string;
  expected_end?: string;
  slip_days?: number;
  attempts: number;
  failed_attempts?: number;
}

export interface RoleReport {
  role: string;
  leaves: number;
  done: number;
  running: number;
  ready: number;
  waiting: number;
  reviewing: number;
  failed: number;
  cancelled?: number;
  effort_days: number;
  effort_done_days: number;
  /** Of the present alone. */
  agents?: number;
  agents_active?: number;
}

export interface Report {
  execution_id: string;
  seq: number;
  status: ExecutionStatus;
  title: string;
  started_at?: string;
  completed_at?: string;
  deadline_at?: string;
  /** Real days for a planned one, and how many leaves say so. */
  pace?: { days_per_day: number; leaves: number };
  forecast?: Forecast;
  totals: {
    planned_days: number;
    elapsed_days: number;
    planned_effort_days: number;
    done_effort_days: number;
    slip_days?: number;
    tasks_total: number;
    tasks_completed: number;
    tasks_skipped: number;
    tasks_failed: number;
    attempts: number;
    failed_attempts: number;
    critical_tasks: number;
  };
  tasks: TaskReport[];
  roles: RoleReport[];
}

/** While things move, the report is asked for this often at most. */
const pause_ms = 1_500;
/** Of a large plan it is megabytes. */
const large_tasks = 1_500;
const large_pause_ms = 5_000;
/** Nothing moved: what is expected still does, with the time. */
const idle_ms = 20_000;
const finished: readonly ExecutionStatus[] = ['COMPLETED', 'CANCELLED'];

/** The report of a moment; the last one that is known, until the wanted one is there. `at`: not of the present. */
export function use_report(moment: Moment): { report: Report | undefined; failure: string } {
  const [report, set_report] = useState<Report | undefined>(undefined);
  const [failure, set_failure] = useState('');
  const last = useRef(0);
  const [tick, set_tick] = useState(0);
  const id = moment.execution.execution_id;
  const past = place.value.query.has('at');
  useEffect(() => {
    const gone = new AbortController();
    const fetch_it = async () => {
      last.current = Date.now();
      try {
        const path = `/api/executions/${encodeURIComponent(id)}/report${past ? `?at_seq=${moment.seq}` : ''}`;
        const found = await get<Report>(path, gone.signal);
        if (gone.signal.aborted) return;
        set_report(found);
        set_failure('');
      } catch (why) {
        if (!gone.signal.aborted) set_failure(why instanceof Error ? why.message : String(why));
      }
    };
    const wait = past ? 60 : Math.max(0, last.current + (moment.tasks.length > large_tasks ? large_pause_ms : pause_ms) - Date.now());
    const timer = setTimeout(() => void fetch_it(), wait);
    const idle = past || finished.includes(moment.execution.status) ? undefined : setTimeout(() => set_tick(tick + 1), wait + idle_ms);
    return () => {
      clearTimeout(timer);
      clearTimeout(idle);
      gone.abort();
    };
  }, [id, moment.seq, past, tick]);
  return { report, failure };
}

/** The plan's own critical path; asked for again when `structure` is another one. */
export function use_planned_path(moment: Moment, structure: string): PlannedPath {
  const [path, set_path] = useState<PlannedPath>(() => new Map());
  const id = moment.execution.execution_id;
  useEffect(() => {
    const gone = new AbortController();
    // Without it only what is left is shown as critical.
    get<Report>(`/api/executions/${encodeURIComponent(id)}/report`, gone.signal).then(
      (report) => set_path(new Map(report.tasks.filter((task) => task.critical).map((task) => [task.task_id, { from: task.planned_start_days, until: task.planned_end_days }]))),
      () => undefined,
    );
    return () => gone.abort();
  }, [id, structure]);
  return path;
}
