// The plan against reality: figures, the bars of every task, what each role has to do, and how the work grew.
import { useMemo, useState } from 'preact/hooks';
import type { Moment } from '../../state/execution';
import { place } from '../../router';
import { Figure } from '../../ui/figure';
import { ProgressBar } from '../../ui/state';
import { visible } from '../../ui/text';
import { absolute, days, now as clock_now, relative } from '../../ui/time';
import { BurnUpChart } from './burn_up';
import { bounds_of, day_ms, first_mode, span_text, type ScaleMode } from './gantt';
import { GanttChart } from './gantt_chart';
import type { ViewProps } from './graph';
import { use_report, type Report, type RoleReport } from './report';
import '../../styles/timeline.css';

/** The time that the moment is at: bars end there, and what comes after is expected. */
function present_of(moment: Moment, report: Report): number {
  if (report.completed_at) return Date.parse(report.completed_at);
  return place.value.query.has('at') ? Date.parse(moment.execution.updated_at) : clock_now.value;
}

export function TimelineView({ moment, selected, on_select }: ViewProps) {
  const { report, failure } = use_report(moment);
  const [chosen, set_mode] = useState<ScaleMode | undefined>(undefined);
  const now = report ? present_of(moment, report) : 0;
  const bounds = useMemo(() => (report ? bounds_of(report, now) : undefined), [report, now]);
  if (!report || !bounds) return <section class="card card-pad" aria-busy={!failure}>{failure ? <p role="alert">{failure}</p> : 'Comparing plan and reality…'}</section>;
  const mode = chosen ?? first_mode(bounds);
  return (
    <div class="timeline stack">
      <Figures report={report} now={now} />
      <GanttChart report={report} bounds={bounds} now={now} mode={mode} on_mode={set_mode} selected={selected} on_select={on_select} />
      <div class="timeline-pair">
        <section class="card" aria-label="Work done over time">
          <div class="card-head"><h2>Work done over time</h2></div>
          <BurnUpChart report={report} mode={mode} now={now} />
        </section>
        <section class="card" aria-label="Load of each role">
          <div class="card-head"><h2>Load of each role</h2></div>
          <Roles roles={report.roles} />
        </section>
      </div>
    </div>
  );
}

const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 });

/** Hours are of no account beside weeks. */
const rough = (ms: number) => span_text(ms < 10 * day_ms ? ms : Math.round(ms / day_ms) * day_ms);

function Figures({ report, now }: { report: Report; now: number }) {
  const { totals, pace, forecast } = report;
  const slip = totals.slip_days;
  const late = slip !== undefined && slip > 0;
  const share = totals.planned_effort_days > 0 ? (100 * totals.done_effort_days) / totals.planned_effort_days : 0;
  const speed = pace && pace.leaves > 0 && pace.days_per_day > 0 ? 1 / pace.days_per_day : undefined;
  const end = report.completed_at ?? forecast?.eta;
  return (
    <dl class="figures">
      <Figure name="Planned" value={days(totals.planned_days)} more={`${compact.format(totals.planned_effort_days)} days of work`} />
      <Figure name="Elapsed" value={report.started_at ? span_text(totals.elapsed_days * day_ms) : 'Not started'} more={report.started_at ? `since ${absolute(report.started_at)}` : ''} />
      <Figure name={report.completed_at ? 'Completed' : 'Expected end'} value={end ? (report.completed_at ? absolute(end) : relative(end, now)) : '–'} more={end && !report.completed_at ? absolute(end) : ''} />
      <Figure name="Against the plan" value={slip === undefined ? '–' : Math.abs(slip * day_ms) < 1_000 ? 'on time' : `${rough(Math.abs(slip) * day_ms)} ${late ? 'late' : 'early'}`} more={`${totals.critical_tasks} tasks on the critical path`} tone={slip === undefined ? '' : late ? 'late' : 'early'} />
      <Figure name="Pace" value={speed === undefined ? '–' : `${compact.format(speed)} ×`} more={speed === undefined ? 'no finished step yet' : `the plan's, over ${pace?.leaves} steps`} />
      <Figure name="Attempts" value={String(totals.attempts)} more={totals.failed_attempts > 0 ? `${totals.failed_attempts} failed` : 'none failed'} />
      <div class="figure">
        <dt>Effort done</dt>
        <dd class="number">{share.toFixed(share < 10 ? 1 : 0)} %</dd>
        <dd class="figure-more"><ProgressBar percent={share} label="Effort done" tone={share >= 100 ? 'green' : 'blue'} /></dd>
      </div>
    </dl>
  );
}

const role_parts = [
  { part: 'done', name: 'done' }, { part: 'running', name: 'running' }, { part: 'ready', name: 'ready' }, { part: 'reviewing', name: 'for people' },
  { part: 'failed', name: 'failed' }, { part: 'waiting', name: 'waiting' },
] as const;

function Roles({ roles }: { roles: readonly RoleReport[] }) {
  const most = Math.max(1, ...roles.map((role) => role.leaves));
  if (roles.length === 0) return <p class="card-pad soft">The plan names no roles.</p>;
  return (
    <div class="roles-load">
      <div class="roles-key" aria-hidden="true">{role_parts.map(({ part, name }) => <span key={part}><i class={`part-${part}`} /> {name}</span>)}</div>
      <ul>
        {roles.map((role) => (
          <li key={role.role}>
            <div class="spread"><span class="clip"><bdi>{visible(role.role) || 'Anybody'}</bdi></span><span class="soft small number nowrap">{role.done} of {role.leaves}{role.agents !== undefined && ` · ${role.agents_active ?? 0} of ${role.agents} agents active`}</span></div>
            <div class="role-bar" role="img" style={{ width: `${Math.max(4, (100 * role.leaves) / most)}%` }} aria-label={role_parts.map(({ part, name }) => `${role[part]} ${name}`).join(', ')}>
              {role_parts.map(({ part }) => role[part] > 0 && <i key={part} class={`part-${part}`} style={{ flexGrow: role[part] }} />)}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
