import type { ViewProps } from './graph';

export function TimelineView({ moment }: ViewProps) {
  return <p>{moment.tasks.length}</p>;
}
