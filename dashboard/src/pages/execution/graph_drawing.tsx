// How the graph's boxes and lines look. Each is drawn again only when what it shows has changed.
import { Component } from 'preact';
import type { AnyStatus } from '../../ui/state';
import { look_of, StateShape } from '../../ui/state';
import { visible } from '../../ui/text';
import type { Node } from '../../state/execution';
import type { Detail } from './graph_view';
import { head_height, round_path, type Box, type Point } from './graph_lines';
import { title_lines } from './graph_text';

/** What a task's colour and shape say: a queued task that could be taken now is told apart. */
export const status_of = (task: Node): AnyStatus => (task.status === 'QUEUED' && task.ready ? 'READY' : task.status);

/** A role of WAI-ARIA's graphics module, which Preact's list does not have. */
const symbol = 'graphics-symbol' as 'img';

interface BoxProps {
  task: Node;
  box: Box;
  closed: boolean;
  detail: Detail;
  critical: boolean;
  faded: boolean;
  selected: boolean;
  /** The one that the keyboard is at. */
  active: boolean;
  /** "waits for 2 tasks, 3 tasks wait for it". */
  relation: string;
}

/** Draws again when a member has changed, and then only. */
abstract class Steady<P extends object> extends Component<P> {
  override shouldComponentUpdate(next: Readonly<P>): boolean {
    return (Object.keys(next) as (keyof P)[]).some((name) => next[name] !== this.props[name]);
  }
}

/** What the pointer is told: the title in full, and why it does not go on. */
function tip_of(task: Node, state: string): string {
  const why = task.waiting_for?.detail ?? task.error?.error_message;
  return [visible(task.title), task.agent_id ? `${state}, ${visible(task.agent_id)}` : state, why && visible(why)].filter(Boolean).join('\n');
}

export class TaskBox extends Steady<BoxProps> {
  override render({ task, box, closed, detail, critical, faded, selected, active, relation }: BoxProps) {
    const status = status_of(task);
    const look = look_of(status);
    const classes = ['g-box', `g-${look.tone}`, closed && 'closed', critical && 'critical', faded && 'faded', selected && 'selected', active && 'active'];
    const percent = Math.min(100, Math.max(0, task.progress_percent));
    const inside = closed ? `, ${task.descendants} below it, ${Math.round(percent)} % done` : '';
    return (
      <g
        class={classes.filter(Boolean).join(' ')} transform={`translate(${box.x} ${box.y})`} data-id={task.task_id} tabindex={active ? 0 : -1}
        role={symbol} aria-roledescription="task" aria-label={`${visible(task.title)}: ${look.name}${inside}${critical ? ', on the critical path' : ''}; ${relation}${selected ? '; chosen' : ''}`}
      >
        <title>{tip_of(task, look.name)}</title>
        {closed && <rect class="g-under" x="4" y="4" width={box.w} height={box.h} rx="8" />}
        <rect class="g-face" width={box.w} height={box.h} rx="8" />
        {detail === 2 && <Face task={task} box={box} closed={closed} status={status} />}
        {(closed || task.status === 'RUNNING') && percent > 0 && percent < 100 && (
          <>
            <rect class="g-rail" x="8" y={box.h - 7} width={box.w - 16} height="3" rx="1.5" />
            <rect class="g-done" x="8" y={box.h - 7} width={((box.w - 16) * percent) / 100} height="3" rx="1.5" />
          </>
        )}
      </g>
    );
  }
}

function Face({ task, box, closed, status }: { task: Node; box: Box; closed: boolean; status: AnyStatus }) {
  const lines = title_lines(task.title, box.w - 40, 2, 12);
  const running = task.status === 'RUNNING' || closed;
  const height = box.h - (running ? 6 : 0) - (closed ? 12 : 0);
  const top = height / 2 - ((lines.length - 1) * 15) / 2 + 4;
  return (
    <g aria-hidden="true">
      <g transform={`translate(10 ${height / 2 - 7})`}><StateShape status={status} /></g>
      {lines.map((line, at) => <text key={at} class="g-title" x="31" y={top + at * 15}>{line}</text>)}
      {closed && <text class="g-count" x="31" y={box.h - 11}>{task.descendants} inside · {Math.round(task.progress_percent)} %</text>}
    </g>
  );
}

interface GroupProps {
  task: Node;
  box: Box;
  detail: Detail;
  critical: boolean;
  faded: boolean;
  selected: boolean;
  active: boolean;
  /** Drawn filled, without what is in it. */
  block: boolean;
}

export class GroupBox extends Steady<GroupProps> {
  override render({ task, box, detail, critical, faded, selected, active, block }: GroupProps) {
    const look = look_of(status_of(task));
    const classes = ['g-group', `g-${look.tone}`, `depth-${Math.min(task.depth, 2)}`, block && 'block', critical && 'critical', faded && 'faded', selected && 'selected', active && 'active'];
    return (
      <g
        class={classes.filter(Boolean).join(' ')} transform={`translate(${box.x} ${box.y})`} data-id={task.task_id} data-group="" tabindex={active ? 0 : -1}
        role={symbol} aria-roledescription="open container" aria-label={`${visible(task.title)}: ${look.name}, ${Math.round(task.progress_percent)} % done${selected ? '; chosen' : ''}`}
      >
        <title>{visible(task.title)}</title>
        <rect class="g-face" width={box.w} height={box.h} rx="10" />
        {block && <rect class="g-fill" width={(box.w * Math.min(100, task.progress_percent)) / 100} height={box.h} rx="10" />}
        <g aria-hidden="true">
          {detail === 2 && (
            <>
              <g class="g-fold" data-fold="">
                <rect width="30" height={head_height} fill="transparent" />
                <path d="m11 13 4 4 4-4" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
              </g>
              <text class="g-head" x="30" y="20">{title_lines(task.title, box.w - (task.status === 'COMPLETE' ? 40 : 84), 1, 13, 620)[0]}</text>
              {task.status !== 'COMPLETE' && <text class="g-count" x={box.w - 12} y="20" text-anchor="end">{Math.round(task.progress_percent)} %</text>}
            </>
          )}
        </g>
      </g>
    );
  }
}

/** From far away: the titles of the outermost containers, over everything, as large as they need to be. */
export class FarTitle extends Steady<{ title: string; box: Box; size: number }> {
  override render({ title, box, size }: { title: string; box: Box; size: number }) {
    const lines = title_lines(title, box.w, 2, size, 620);
    return (
      <g aria-hidden="true">
        {lines.map((line, at) => (
          <text key={at} class="g-head far" x={box.x + 4} y={box.y - size * (0.3 + 1.15 * (lines.length - 1 - at))} style={{ fontSize: `${size}px` }}>{line}</text>
        ))}
      </g>
    );
  }
}

interface LineProps {
  points: readonly Point[];
  critical: boolean;
  faded: boolean;
  /** Ends at the task that is looked at. */
  near: boolean;
  many: boolean;
  /** Between different containers: drawn as a long curve. */
  far: boolean;
}

export class WaitLine extends Steady<LineProps> {
  override render({ points, critical, faded, near, many, far }: LineProps) {
    const kind = critical ? 'critical' : near ? 'near' : 'plain';
    return <path class={`g-line ${kind}${faded ? ' faded' : ''}${many ? ' many' : ''}${far ? ' far' : ''}`} d={round_path(points, far ? 400 : 16)} marker-end={`url(#g-arrow-${kind})`} />;
  }
}

export function Arrows() {
  return (
    <defs>
      {(['plain', 'near', 'critical'] as const).map((kind) => (
        <marker key={kind} id={`g-arrow-${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">
          <path class={`g-arrow ${kind}`} d="M0 .6 7.4 4 0 7.4Z" />
        </marker>
      ))}
    </defs>
  );
}
