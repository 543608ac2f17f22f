// What needs somebody: each blocker with its reason, what is at stake, and what can be decided. Made for the keyboard.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Blocker, Resolution } from '../../api/types';
import type { Moment } from '../../state/moment';
import { Text, visible } from '../../ui/text';
import { relative, When } from '../../ui/time';
import { decide, DecisionButtons } from './decisions';
import { ancestors_of } from './insight';
import { ConcernsOf, RisksOf } from './risks';
import type { ViewProps } from './graph';
import { typing, usePageKeys } from '../../ui/page_keys';
import '../../styles/blockers.css';

/** One letter each; shown in the help. */
export const decision_keys: Record<string, Resolution> = {
  a: 'approve', x: 'reject', r: 'retry', u: 'unblock', s: 'skip', c: 'complete', o: 'choose', m: 'reassign', d: 'decompose',
};

/** Blockers drawn before the rest is asked for: a plan of thousands may wait for approval as a whole. */
const shown_at_first = 100;

/** Kinds of blockers, and of reviews. */
const kind_words: Record<string, string> = {
  external: 'Something outside', agent: 'No agent', failed: 'Failed', approval: 'Approval', failure: 'Failed', requested: 'A question',
  escalated: 'Overdue',
};

export function BlockersView({ moment, selected, on_select, may_decide }: ViewProps & { may_decide: boolean }) {
  const { execution_id, blockers } = moment.execution;
  const [at, set_at] = useState<string | undefined>(selected);
  const [most, set_most] = useState(shown_at_first);
  const list = useRef<HTMLUListElement>(null);
  const row = Math.max(0, blockers.findIndex((blocker) => blocker.task_id === at));
  // Where a decided one was, the next one is: the list may be gone through with one key.
  const last_row = useRef(0);
  useEffect(() => {
    if (at && !blockers.some((blocker) => blocker.task_id === at))
      set_at(blockers[Math.min(last_row.current, blockers.length - 1)]?.task_id);
    else last_row.current = row;
  }, [blockers, at]);
  const move = (to: number) => {
    const next = blockers[Math.max(0, Math.min(Math.min(blockers.length, most) - 1, to))];
    if (!next) return;
    set_at(next.task_id);
    const item = list.current?.querySelector<HTMLElement>(`[data-task="${CSS.escape(next.task_id)}"]`);
    item?.focus({ preventScroll: true });
    item?.scrollIntoView({ block: 'nearest' });
  };
  const act = (key: string): boolean => {
    const blocker = blockers[row];
    if (!blocker) return false;
    if (key === 'j' || key === 'ArrowDown') move(at === undefined ? 0 : row + 1);
    else if (key === 'k' || key === 'ArrowUp') move(row - 1);
    else if (key === 'Enter') on_select(blocker.task_id);
    else {
      const action = decision_keys[key];
      if (!action || !may_decide || !blocker.options.includes(action)) return false;
      decide({ execution_id, task: { task_id: blocker.task_id, title: blocker.title ?? blocker.task_id }, action });
    }
    return true;
  };
  usePageKeys((key, target) => (key !== 'Enter' || target.matches('[data-task]')) && act(key), `${typing}, .panel`);
  if (blockers.length === 0) {
    return (
      <div class="stack">
        <div class="card empty"><h2>Nobody is needed</h2><p>Nothing waits for a person or for something outside.</p></div>
        <RisksOf moment={moment} on_select={on_select} />
      </div>
    );
  }
  return (
    <section class="stack tight" aria-label="Blockers">
      <p class="soft small">{blockers.length} {blockers.length === 1 ? 'task needs' : 'tasks need'} somebody. <span class="keys-hint"><kbd>j</kbd> <kbd>k</kbd> go through them, <kbd>a</kbd> approves, <kbd>?</kbd> shows all keys.</span></p>
      <ul class="blockers" ref={list}>
        {blockers.slice(0, most).map((blocker, i) => (
          <BlockerItem key={blocker.task_id} blocker={blocker} moment={moment} current={i === row && at !== undefined} may_decide={may_decide}
            focusable={i === row} on_focus={() => set_at(blocker.task_id)} on_open={() => on_select(blocker.task_id)} />
        ))}
      </ul>
      {blockers.length > most && <button type="button" class="button" onClick={() => set_most(most + shown_at_first)}>Show {Math.min(shown_at_first, blockers.length - most)} more</button>}
      <RisksOf moment={moment} on_select={on_select} />
    </section>
  );
}

interface ItemProps {
  blocker: Blocker;
  moment: Moment;
  current: boolean;
  focusable: boolean;
  may_decide: boolean;
  on_focus: () => void;
  on_open: () => void;
}

function BlockerItem({ blocker, moment, current, focusable, may_decide, on_focus, on_open }: ItemProps) {
  const title = blocker.title ?? moment.by_id.get(blocker.task_id)?.title ?? blocker.task_id;
  const kind = typeof blocker['review_kind'] === 'string' ? blocker['review_kind'] : blocker.kind;
  return (
    <li class={`card blocker kind-${blocker.kind}${current ? ' current' : ''}`} data-task={blocker.task_id} tabIndex={focusable ? 0 : -1} aria-label={visible(title)}
      onFocus={(event) => event.target === event.currentTarget && on_focus()}>
      <div class="spread">
        <div class="grow">
          <p class="small soft clip">{ancestors_of(moment, blocker.task_id).map((each) => visible(each.title)).join(' / ')}</p>
          <button type="button" class="text-link blocker-title" onClick={on_open}><Text value={title} /></button>
        </div>
        <span class={`state ${blocker.kind === 'failed' || kind === 'failure' ? 'tone-red' : 'tone-orange'}`}>{kind_words[kind] ?? visible(kind)}</span>
      </div>
      <p><Text value={blocker.reason} /></p>
      <p class="small soft">
        since <When at={blocker.since} />
        {blocker.wake_at && <>, looked at again {relative(blocker.wake_at)}</>}
        {blocker.escalated_at && <span class="ink-orange"> · escalated to <Text value={blocker.escalated_to} />{(blocker.escalation_level ?? 0) > 1 && ` (level ${blocker.escalation_level})`} <When at={blocker.escalated_at} /></span>}
      </p>
      <ConcernsOf blocker={blocker} />
      {may_decide && <DecisionButtons execution_id={moment.execution.execution_id} task={{ task_id: blocker.task_id, title }} options={blocker.options} small />}
    </li>
  );
}
