// A real server for a test, on a free port and a log of its own, and ways to talk to it as agents and people do.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const program = resolve(process.env.PLANEXE_AX ?? 'build/release/planexe-ax');
const start_limit_ms = 30_000;

export function free_port() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Asks until `look` gives something, and returns that. For what happens soon, but not at once. */
export async function eventually(what, look, limit_ms = 20_000) {
  const until = Date.now() + limit_ms;
  for (let last; ; ) {
    try {
      const found = await look();
      if (found) return found;
    } catch (failure) {
      last = failure;
    }
    if (Date.now() > until) throw new Error(`did not happen: ${what}`, { cause: last });
    await sleep(50);
  }
}

export class Server {
  static async start(settings = {}) {
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), 'planexe-ax-dashboard-'));
    server.port = await free_port();
    server.url = `http://127.0.0.1:${server.port}`;
    server.settings = settings;
    if (settings.PLANEXE_AUTH === 'required') {
      const made = execFileSync(program, ['keys', 'create', '--role', 'admin', '--name', 'ann', '--data-dir', join(server.folder, 'data')], { cwd: server.folder, encoding: 'utf8' });
      server.key = made.match(/pxk_\w+/)[0];
    }
    await server.launch();
    return server;
  }

  async launch() {
    const env = {
      ...process.env,
      PLANEXE_EXECUTION_PORT: String(this.port),
      PLANEXE_EXECUTION_DATA_DIR: join(this.folder, 'data'),
      PLANEXE_LOG_LEVEL: 'warn',
      ...this.settings,
    };
    // Its own folder, so that no .env of somebody else is read.
    this.process = spawn(program, ['serve'], { env, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.said = '';
    this.process.stderr.on('data', (chunk) => (this.said += chunk));
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
    await eventually(`the server starts: ${this.said}`, async () => (await fetch(`${this.url}/readyz`)).ok, start_limit_ms);
  }

  async end(signal = 'SIGTERM') {
    this.process.kill(signal);
    await this.ended;
  }

  async stop() {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The answer's JSON; throws what the server refused. */
  async call(path, body, method = body === undefined ? 'GET' : 'POST') {
    const request = { method, headers: { Accept: 'application/json' } };
    if (this.key) request.headers.Authorization = `Bearer ${this.key}`;
    if (body !== undefined) {
      request.headers['Content-Type'] = 'application/json';
      request.body = JSON.stringify(body);
    }
    const response = await fetch(`${this.url}/api${path}`, request);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Starts an execution of `plan` (the structured form) and gives its id. */
  async start_plan(plan, more = {}) {
    const execution = await this.call('/executions', { plan, start: true, options: { review_threshold: 0 }, ...more });
    return execution.execution_id;
  }
}

/** An agent that does one thing at a time, when it is told to. */
export class Agent {
  constructor(server, id, profile = {}) {
    this.server = server;
    this.id = id;
    this.profile = { agent_id: id, name: id, role: 'worker', capabilities: [{ action: '*' }], ...profile };
  }

  async register() {
    await this.server.call('/agents', this.profile);
    return this;
  }

  /** Takes the next task; undefined where there is none. */
  async take(wait = 5) {
    const answer = await this.server.call(`/agents/${this.id}/work?wait=${wait}`);
    this.task = answer?.tasks?.[0];
    return this.task;
  }

  report(event_type, more = {}) {
    const { execution_id, task_id, lease_token } = this.task;
    return this.server.call(`/executions/${execution_id}/events`, {
      agent_id: this.id, event_type, task_id, lease_token, ...more,
    });
  }

  complete(output_data = { done: true }) {
    return this.report('task_complete', { output_data });
  }
}

/** A small plan: two phases, the second after the first. */
export function small_plan(title = 'A small plan') {
  const task = (id, name, more = {}) => ({ task_id: id, title: name, description: `How to ${name.toLowerCase()}.`, action: 'write', assignee_role: 'worker', estimated_hours: 8, ...more });
  return {
    goal: title,
    phases: [
      { phase_id: 'p1', name: 'Prepare', tasks: [task('a', 'Draft the charter'), task('b', 'Find the money'), task('c', 'Hire the crew', { prerequisites: ['a'] })] },
      { phase_id: 'p2', name: 'Build', tasks: [task('d', 'Lay the ground'), task('e', 'Raise the walls', { prerequisites: ['d'] }), task('f', 'Open the doors', { prerequisites: ['e'] })] },
    ],
  };
}

/** A plan of 20 phases, 500 tasks and 5,000 steps. */
export function large_plan() {
  const range = (n, each) => Array.from({ length: n }, (_, i) => each(i));
  return {
    goal: 'A plan of thousands',
    phases: range(20, (p) => ({
      phase_id: `p${p}`, name: `Phase ${p}`,
      tasks: range(25, (t) => ({
        task_id: `t${p}_${t}`, title: `Task ${p}.${t}`, estimated_hours: 40,
        subtasks: range(10, (s) => ({ subtask_id: `s${p}_${t}_${s}`, title: `Step ${p}.${t}.${s}`, action: 'write', assignee_role: `role ${s % 4}` })),
      })),
    })),
  };
}
