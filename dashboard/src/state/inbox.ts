// What a person holds, is asked about and could take, as GET /api/agents/{id}/inbox tells it.
import type { Blocker } from '../api/types';

export interface HeldTask {
  execution_id: string;
  execution_title: string;
  task_id: string;
  title: string;
  since: string;
  lease_expires_at?: string;
}

export interface AvailableTask {
  execution_id: string;
  execution_title: string;
  task_id: string;
  title: string;
  since: string;
  reason: string;
}

/** A task that waits for somebody, in an execution that is named. */
export interface Decision extends Blocker {
  execution_id: string;
  execution_title: string;
  review_kind?: 'approval' | 'failure' | 'external' | 'decomposition' | string;
}

export interface Inbox {
  agent_id: string;
  held: HeldTask[];
  decisions: Decision[];
  more_decisions: boolean;
  available: AvailableTask[];
}
