// Changing an execution only from the state that its user saw.
import { get, patch, Refusal } from '../../api/http';
import type { Execution } from '../../api/types';
import { look_of } from '../../ui/state';

export interface Change {
  status?: 'QUEUED' | 'RUNNING' | 'PAUSED' | 'CANCELLED';
  reason?: string;
  priority?: number;
}

/** The version moves with every report of an agent. This often it is read anew while what the user saw still holds. */
const most_tries = 8;

/**
 * Changes the execution only if it is still as `seen`: by If-Match on the version, and where that has moved on, by
 * looking again. What somebody else has changed meanwhile is refused in words.
 */
export async function steer(seen: Execution, change: Change): Promise<Execution> {
  const path = `/api/executions/${encodeURIComponent(seen.execution_id)}`;
  let { version } = seen;
  for (let tries = 1; ; tries++) {
    try {
      return await patch<Execution>(path, change, version);
    } catch (failure) {
      if (!(failure instanceof Refusal) || failure.status !== 412) throw failure;
      const now = await get<Execution>(path);
      if (now.status !== seen.status)
        throw told(failure, `Nothing was changed: it is ${look_of(now.status).name.toLowerCase()} now, not ${look_of(seen.status).name.toLowerCase()} as when you looked. Look again, and repeat it if you still want to.`);
      if (change.priority !== undefined && now.priority !== seen.priority)
        throw told(failure, `Nothing was changed: somebody else has set the priority to ${now.priority} meanwhile.`);
      if (tries === most_tries) throw told(failure, 'Nothing was changed: the execution moves too fast to be sure what you saw. Try once more.');
      version = now.version;
    }
  }
}

const told = (failure: Refusal, detail: string) => new Refusal({ ...failure.problem, detail });
