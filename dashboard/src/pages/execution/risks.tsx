// What the plan itself said could go wrong: with the signs to look for, what to do, and the tasks that it touches.
import { useMemo } from 'preact/hooks';
import { StateShape } from '../../ui/state';
import { Text, visible } from '../../ui/text';
import type { Moment } from '../../state/moment';
import { shown_status } from './insight';

export interface Risk {
  id?: string;
  kind?: string;
  title: string;
  severity?: string;
  likelihood?: string;
  owner?: string;
  description?: string;
  mitigation?: string;
  early_warnings?: string[];
  tripwires?: string[];
  stop_rule?: string;
  tasks?: string[];
}

export interface Assumption {
  id?: string;
  statement: string;
}

/** Plans say "high", "very high", "Critical"; what cannot be told has no colour. */
export function severity_tone(severity: string | undefined): 'red' | 'orange' | 'grey' {
  const said = (severity ?? '').toLowerCase();
  return /high|critical|severe/.test(said) ? 'red' : /medium|moderate/.test(said) ? 'orange' : 'grey';
}

/** What is worst comes first; among the like, as the plan has them. */
const ranks = { red: 0, orange: 1, grey: 2 };

export function Severity({ risk }: { risk: Risk }) {
  return <span class={`concern tone-${severity_tone(risk.severity)}`}>{visible(risk.severity ?? 'risk')}</span>;
}

/** Risks and assumptions of the plan that a blocker touches. */
export function ConcernsOf({ blocker }: { blocker: { [more: string]: unknown } }) {
  const risks = (blocker['risks'] ?? []) as Risk[];
  const assumptions = (blocker['assumptions'] ?? []) as Assumption[];
  if (risks.length + assumptions.length === 0) return null;
  return (
    <ul class="concerns small" aria-label="Risks and assumptions">
      {risks.map((risk, i) => (
        <li key={`r${i}`}><Severity risk={risk} /> <Text value={risk.title} />{risk.likelihood && <span class="soft">, likelihood <Text value={risk.likelihood} /></span>}</li>
      ))}
      {assumptions.map((each, i) => <li key={`a${i}`}><span class="concern tone-grey">assumption</span> <Text value={each.statement} /></li>)}
    </ul>
  );
}

export function RisksOf({ moment, on_select }: { moment: Moment; on_select: (task_id: string) => void }) {
  const named = moment.execution.risks as unknown as Risk[];
  const risks = useMemo(() => [...named].sort((a, b) => ranks[severity_tone(a.severity)] - ranks[severity_tone(b.severity)]), [named]);
  if (risks.length === 0) return null;
  return (
    <section class="card risks" aria-label="Risks of the plan">
      <div class="card-head"><h2>Risks that the plan names</h2><span class="soft small number">{risks.length}</span></div>
      <ul>
        {risks.map((risk, i) => (
          <li key={risk.id ?? i}>
            <details>
              <summary><Severity risk={risk} /> <Text value={risk.title} /> {risk.likelihood && <span class="soft small">likelihood <Text value={risk.likelihood} /></span>}</summary>
              <div class="risk-body">
                {risk.description && <p class="panel-text"><Text value={risk.description} /></p>}
                <Lines title="What to do" text={risk.mitigation} />
                <Lines title="Early warnings" lines={risk.early_warnings} />
                <Lines title="Tripwires" lines={risk.tripwires} />
                <Lines title="Stop when" text={risk.stop_rule} />
                {risk.owner && <p class="small soft">Owner: <Text value={risk.owner} /></p>}
                {risk.tasks && risk.tasks.length > 0 && (
                  <ul class="risk-tasks">
                    {risk.tasks.map((id) => {
                      const task = moment.by_id.get(id);
                      return <li key={id}>{task && <StateShape status={shown_status(task)} size={13} />} <button type="button" class="text-link" onClick={() => on_select(id)}><Text value={task?.title ?? id} /></button></li>;
                    })}
                  </ul>
                )}
              </div>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Lines({ title, text, lines }: { title: string; text?: string | undefined; lines?: string[] | undefined }) {
  if (!text && !lines?.length) return null;
  return (
    <div>
      <h3>{title}</h3>
      {text && <p class="panel-text"><Text value={text} /></p>}
      {lines && <ul class="lines">{lines.map((line, i) => <li key={i}><Text value={line} /></li>)}</ul>}
    </div>
  );
}
