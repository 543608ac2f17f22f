import type { Moment } from '../../state/execution';

export interface ViewProps {
  moment: Moment;
  /** The task that is looked at. */
  selected: string | undefined;
  on_select: (task_id: string) => void;
}

export function GraphView({ moment }: ViewProps) {
  return <p>{moment.tasks.length}</p>;
}
