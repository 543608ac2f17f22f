// What an execution of a plan is started with, and the start itself.
import { useState } from 'preact/hooks';
import { post, Refusal } from '../api/http';
import type { Execution, PlanRow, PlanTask } from '../api/types';
import { me, needs } from '../state/me';
import { unsure } from '../state/plan';
import { Dialog } from '../ui/dialog';
import { visible } from '../ui/text';

/** As texts, as they stand in the fields; an empty one leaves it to the server's settings. */
export interface StartOptions {
  title: string;
  sequencing: 'phased' | 'plan' | 'dependencies';
  review_percent: string;
  max_parallel: string;
  timeout_hours: string;
  priority: string;
  human_from_tier: string;
}

export const usual_options: StartOptions = {
  title: '', sequencing: 'phased', review_percent: '', max_parallel: '', timeout_hours: '', priority: '', human_from_tier: '',
};

const sequencings: Record<StartOptions['sequencing'], string> = {
  phased: 'Phase by phase, tasks of a phase side by side',
  plan: 'As PlanExe scheduled it, one after the other',
  dependencies: 'By the given dependencies alone',
};

/** `disabled` and `title` of a button that starts a plan. */
export function start_rights(plan: Pick<PlanRow, 'redline'>): { disabled: boolean; title?: string } {
  const rights = needs('operator');
  if (rights.disabled || plan.redline !== 'REFUSE' || me.value.role === 'admin') return rights;
  return { disabled: true, title: 'PlanExe’s redline gate has refused this plan. An administrator can start it, with a reason on the record.' };
}

/** The request's members for what is filled in. */
export function request_of(options: StartOptions): Record<string, unknown> {
  const given: Record<string, unknown> = { sequencing: options.sequencing };
  const number = (text: string) => (text.trim() === '' ? undefined : Number(text));
  const percent = number(options.review_percent);
  if (percent !== undefined) given['review_threshold'] = Math.round(percent) / 100;
  for (const name of ['max_parallel', 'timeout_hours', 'human_from_tier'] as const) {
    const value = number(options[name]);
    if (value !== undefined) given[name] = value;
  }
  const request: Record<string, unknown> = { options: given };
  if (options.title.trim()) request['title'] = options.title.trim();
  const priority = number(options.priority);
  if (priority !== undefined) request['priority'] = priority;
  return request;
}

export function StartFields({ options, on_change, tasks, plan_title }: {
  options: StartOptions;
  on_change: (options: StartOptions) => void;
  tasks: readonly PlanTask[];
  plan_title: string;
}) {
  const set = (change: Partial<StartOptions>) => on_change({ ...options, ...change });
  const threshold = options.review_percent.trim() === '' ? undefined : Number(options.review_percent) / 100;
  return (
    <div class="start-fields">
      <label class="field wide">
        <span>Title</span>
        <input class="input" value={options.title} placeholder={visible(plan_title)} maxLength={200} onInput={(event) => set({ title: event.currentTarget.value })} />
      </label>
      <label class="field wide">
        <span>Order</span>
        <select class="input" value={options.sequencing} onChange={(event) => set({ sequencing: event.currentTarget.value as StartOptions['sequencing'] })}>
          {Object.entries(sequencings).map(([value, name]) => <option key={value} value={value}>{name}</option>)}
        </select>
      </label>
      <NumberField
        name="Ask below" unit="% sure" value={options.review_percent} min={0} max={100} placeholder="server’s setting"
        hint={threshold === undefined ? 'Tasks that are less certain wait for approval.' : `${unsure(tasks, threshold)} of the leaves would wait for approval.`}
        on_input={(review_percent) => set({ review_percent })}
      />
      <NumberField
        name="Tasks at once" value={options.max_parallel} min={0} placeholder="no limit" hint="At most so many are handed out at a time."
        on_input={(max_parallel) => set({ max_parallel })}
      />
      <NumberField
        name="Time limit" unit="hours" value={options.timeout_hours} min={0} step="any" placeholder="server’s setting" hint="After it, the execution has failed."
        on_input={(timeout_hours) => set({ timeout_hours })}
      />
      <NumberField
        name="Priority" value={options.priority} placeholder="0" hint="A higher one is served first."
        on_input={(priority) => set({ priority })}
      />
      <label class="field wide">
        <span>People alone</span>
        <select class="input" value={options.human_from_tier} onChange={(event) => set({ human_from_tier: event.currentTarget.value })}>
          <option value="">As the server is set</option>
          <option value="0">Agents may be given every task</option>
          <option value="3">Tasks that a person leads are for people alone</option>
          <option value="2">Tasks that need approval or a person are for people alone</option>
        </select>
      </label>
    </div>
  );
}

function NumberField({ name, unit, value, hint, on_input, ...bounds }: {
  name: string;
  unit?: string;
  value: string;
  hint: string;
  on_input: (value: string) => void;
  min?: number;
  max?: number;
  step?: string;
  placeholder: string;
}) {
  return (
    <label class="field">
      <span>{name}{unit && <span class="soft"> ({unit})</span>}</span>
      <input class="input number" type="number" inputMode="decimal" value={value} onInput={(event) => on_input(event.currentTarget.value)} {...bounds} />
      <span class="soft small">{hint}</span>
    </label>
  );
}

interface Question {
  text: string;
  /** The plan was refused: an admin may go on, with a reason that is recorded. */
  override: boolean;
  confirm: (reason: string) => Promise<void>;
}

/** Starts executions, and asks first where the server wants that. `dialog` has to be in the page. */
export function use_start(on_started: (execution: Execution) => void) {
  const [question, set_question] = useState<Question | undefined>(undefined);
  const [reason, set_reason] = useState('');
  const start = async (plan: Pick<PlanRow, 'plan_id' | 'start_warning'>, options: StartOptions, more: Record<string, unknown> = {}): Promise<void> => {
    const request = { ...request_of(options), plan_id: plan.plan_id, start: true, ...more };
    try {
      on_started(await post<Execution>('/api/executions', request));
    } catch (failure) {
      if (!(failure instanceof Refusal)) throw failure;
      const refused = failure.code === 'plan_refused' && me.value.role === 'admin';
      if (failure.code !== 'confirmation_required' && !refused) throw failure;
      set_reason('');
      set_question({
        // The server's own words tell programs how to confirm.
        text: (refused ? undefined : plan.start_warning) ?? failure.message,
        override: refused,
        confirm: (given) => start(plan, options, { ...more, ...(refused ? { override_refusal: { reason: given } } : { confirm_warnings: true }) }),
      });
    }
  };
  const dialog = question && (
    <Dialog
      key={question.text} title={question.override ? 'This plan was refused' : 'Start it all the same?'} action="Start all the same" danger
      ready={!question.override || reason.trim() !== ''}
      on_confirm={() => question.confirm(reason.trim())}
      on_close={() => set_question((now) => (now === question ? undefined : now))}
    >
      <p>{visible(question.text)}</p>
      {question.override && (
        <label class="field">
          <span>Reason, on the record</span>
          <textarea class="input" value={reason} onInput={(event) => set_reason(event.currentTarget.value)} />
        </label>
      )}
    </Dialog>
  );
  return { start, dialog };
}
