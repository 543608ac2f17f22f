// What the server says, as its contract names it. Times are RFC 3339 in UTC.

export type ExecutionStatus =
  | 'CREATED' | 'QUEUED' | 'RUNNING' | 'BLOCKED' | 'PAUSED' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
export type TaskStatus = 'QUEUED' | 'RUNNING' | 'BLOCKED' | 'COMPLETE' | 'ERROR' | 'SKIPPED' | 'CANCELLED';
export type Level = 'phase' | 'task' | 'subtask';
export type AgentStatus = 'active' | 'idle' | 'unreachable' | 'paused' | 'retired';
export type WaitKind = 'prerequisites' | 'agent' | 'retry' | 'review' | 'external' | 'paused' | 'parent';
export type Resolution =
  | 'approve' | 'reject' | 'retry' | 'skip' | 'complete' | 'unblock' | 'choose' | 'reassign' | 'decompose';

export interface Progress {
  tasks_total: number;
  tasks_completed: number;
  tasks_skipped: number;
  percent: number;
  effort_percent: number;
  current_task_id?: string;
  current_task_title?: string;
}

/** The moment of another execution that one began from. */
export interface Origin {
  execution_id: string;
  /** Of the last event that was taken over. */
  seq: number;
}

/** One line of the list of executions. */
export interface ExecutionRow {
  execution_id: string;
  plan_id: string;
  title: string;
  goal: string;
  status: ExecutionStatus;
  status_message: string;
  version: number;
  agent_id?: string;
  priority: number;
  progress: Progress;
  agents: string[];
  waiting_for_people: number;
  forked_from?: Origin;
  created_at: string;
  started_at?: string;
  completed_at?: string;
  updated_at: string;
  deadline_at?: string;
}

export interface Blocker {
  execution_id?: string;
  task_id: string;
  title?: string;
  kind: string;
  reason: string;
  since: string;
  wake_at?: string;
  escalated_at?: string;
  escalation_level?: number;
  escalated_to?: string;
  options: Resolution[];
  [more: string]: unknown;
}

export interface Forecast {
  eta?: string;
  earliest?: string;
  latest?: string;
  critical_path: string[];
  [more: string]: unknown;
}

export interface Execution extends Omit<ExecutionRow, 'waiting_for_people'> {
  /** It has left the log: nothing of it changes any more. */
  archived?: true;
  options: Record<string, unknown>;
  blockers: Blocker[];
  risks: Record<string, unknown>[];
  warnings: Warning[];
  forecast?: Forecast;
}

export interface Warning {
  code: string;
  detail: string;
  task_id?: string;
}

export interface WaitingFor {
  kind: WaitKind;
  detail: string;
  since: string;
  wake_at?: string;
}

/** The members of a task that change while it is carried out; `execution_update` replaces them all. */
export interface TaskProgress {
  task_id: string;
  status: TaskStatus;
  ready: boolean;
  waiting_for?: WaitingFor;
  attempt: number;
  max_attempts: number;
  assignee_role?: string;
  agent_id?: string;
  lease_expires_at?: string;
  progress_percent: number;
  human_review_required: boolean;
  error?: { error_type: string; error_message: string };
  started_at?: string;
  completed_at?: string;
  has_result?: boolean;
}

export interface Task extends TaskProgress {
  parent_id?: string;
  level: Level;
  title: string;
  description: string;
  action: string;
  params: unknown;
  prerequisites: string[];
  estimate?: { days_min: number; days_realistic: number; days_max: number };
  slack_days?: number;
  timeout_hours: number;
  priority: number;
  agent_executable: boolean;
  decomposition_confidence: number;
  autonomy_tier: number;
  result?: unknown;
  children?: Task[];
}

/** A task of a plan, before it is carried out. */
export interface PlanTask {
  task_id: string;
  parent_id?: string;
  level: Level;
  title: string;
  description: string;
  action: string;
  assignee_role?: string;
  prerequisites: string[];
  estimate?: { days_min: number; days_realistic: number; days_max: number };
  agent_executable: boolean;
  decomposition_confidence: number;
  autonomy_tier: number;
  children?: PlanTask[];
}

/** One line of the list of plans. */
export interface PlanRow {
  plan_id: string;
  title: string;
  goal: string;
  phases: number;
  tasks: number;
  /** Leaves. */
  tasks_total: number;
  dependencies: number;
  roles: string[];
  warnings: Warning[];
  decomposition: { agent_executable: number; needs_review: number; human: number; mean_confidence: number };
  redline?: 'ALLOW' | 'ALLOW_WITH_SAFETY_FRAMING' | 'REFUSE';
  /** Whoever starts it has to confirm this. */
  start_warning?: string;
  imported_at: string;
}

export interface RecordedEvent {
  event_id: string;
  seq: number;
  execution_id: string;
  event_type: string;
  version: number;
  task_id?: string;
  agent_id?: string;
  actor: string;
  status?: string;
  message?: string;
  error_type?: string;
  error_message?: string;
  timestamp: string;
  hash: string;
  [more: string]: unknown;
}

export interface Agent {
  agent_id: string;
  name: string;
  kind: 'ai' | 'human' | 'service';
  roles: string[];
  capabilities: { action: string; params?: unknown }[];
  max_concurrent_tasks: number;
  webhook_url?: string;
  status: AgentStatus;
  last_seen_at?: string;
  held_tasks: { execution_id: string; task_id: string; since: string }[];
  completed: number;
  failed: number;
  median_task_seconds?: number;
  registered_at?: string;
  [more: string]: unknown;
}

/** Work of one role over all executions, and who could do it. Role '': any. */
export interface RoleLoad {
  role: string;
  agents: number;
  /** Of them, those that hold something. */
  agents_active: number;
  /** Tasks that those within reach can hold at once. */
  capacity: number;
  held: number;
  ready: number;
  waiting: number;
  reviewing: number;
  completed: number;
}

/** One line of the list of executions that have left the log. */
export interface ArchivedRow {
  execution_id: string;
  title: string;
  status: ExecutionStatus;
  events: number;
  created_at: string;
  completed_at: string;
  archived_at: string;
}

/** Whether the record of an execution is whole. */
export interface Audit {
  events: number;
  /** Of the last event; each one's hash is made over the one before it. */
  head_hash: string;
  verified: boolean;
  /** Its events up to this one are as they were written. */
  stands_to: number;
  first_bad_seq?: number;
  /** What is wrong first, in words. */
  problem?: string;
}

export interface Activity {
  position: number;
  execution_id?: string;
  title?: string;
  seq: number;
  event_type: string;
  task_id?: string;
  task_title?: string;
  agent_id?: string;
  actor: string;
  message?: string;
  timestamp: string;
}

export interface SafetySwitch {
  paused: boolean;
  reason?: string;
  [more: string]: unknown;
}

/** RFC 9457. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  errors?: { field: string; message: string }[];
}

/** Who looks at the page, and at what. */
export interface Me {
  auth: 'off' | 'required';
  name?: string;
  role?: 'admin' | 'operator' | 'viewer' | 'agent';
  agent_id?: string;
  server?: { version: string; poll_after_seconds: number; agent_timeout_seconds: number; websocket_enabled: boolean };
}
