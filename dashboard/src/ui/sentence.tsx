// A sentence about what happened, with its names as links.
import { to } from '../router';
import { agents, executions } from '../state/overview';
import { sentence_of, type Happening, type Names, type Part } from './sentences';
import { Text } from './text';

/** Names as the whole server has them. A page of one execution adds the titles of its tasks. */
export const overview_names: Names = {
  agent: (id) => agents.value.get(id)?.name,
  execution: (id) => executions.value.get(id)?.title,
};

function PartView({ part, execution_id }: { part: Part; execution_id: string | undefined }) {
  switch (part.kind) {
    case 'agent':
      return <a class="told-agent" href={to(['agents', part.id ?? ''])}><Text value={part.text} /></a>;
    case 'task':
      return execution_id
        ? <>“<a class="told-task" href={to(['executions', execution_id], { task: part.id })}><Text value={part.text} /></a>”</>
        : <>“<Text value={part.text} />”</>;
    case 'execution':
      return <a class="told-execution" href={to(['executions', part.id ?? ''])}><Text value={part.text} /></a>;
    case 'value':
      return <b><Text value={part.text} /></b>;
    default:
      return <>{part.text}</>;
  }
}

/** `elsewhere` as of sentence_of. What was said with it is not in here: see its quote. */
export function SentenceView({ event, names = overview_names, elsewhere = false }: { event: Happening; names?: Names; elsewhere?: boolean }) {
  const { parts } = sentence_of(event, names, elsewhere);
  return <>{parts.map((part, i) => <PartView key={i} part={part} execution_id={event.execution_id} />)}</>;
}
