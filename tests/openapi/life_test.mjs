// A typical life over the real server, every exchange judged by the document that the server itself gives out: node --test
// life_test.mjs with PLANEXE_AX naming the program. With RECORD=FILE the exchanges become the document's examples.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';

import { Server, eventually } from '../dashboard/server.mjs';
import { Client, exchange } from './client.mjs';
import { events_of, messages_of } from './streams.mjs';

let server, hook, api;
const told = [];

before(async () => {
  hook = createServer((asked, answer) => {
    const parts = [];
    asked.on('data', (part) => parts.push(part));
    asked.on('end', () => {
      told.push({ headers: asked.headers, body: JSON.parse(Buffer.concat(parts)) });
      // The first one is refused for good, so that there is a dead one to send again.
      answer.writeHead(told.length === 1 ? 410 : 204).end();
    });
  });
  await new Promise((resolve) => hook.listen(0, '127.0.0.1', resolve));
  server = await Server.start({
    PLANEXE_NOTIFY_WEBHOOK_URL: `http://127.0.0.1:${hook.address().port}/hook`,
    PLANEXE_NOTIFY_WEBHOOK_SECRET: 'whsec_bm90aGluZyB0aGF0IGFueWJvZHkgY291bGQgZ3Vlc3M=',
    PLANEXE_NOTIFY_BACKOFF_SECONDS: '0.05',
    PLANEXE_TASK_BACKOFF_SECONDS: '0.05',
    PLANEXE_BACKUP_DIR: 'backups',
  });
  api = await Client.of(server.port);
});

after(async () => {
  await server?.stop();
  if (process.env.RECORD && api) writeFileSync(process.env.RECORD, JSON.stringify(shortened(api.examples), null, 1) + '\n');
  hook?.close();
});

const footbridge = {
  title: 'Mend the footbridge',
  goal: 'People cross the river again before the school year starts.',
  phases: [
    {
      phase_id: 'prepare', name: 'Prepare', tasks: [
        { task_id: 'survey', title: 'Survey the piers', description: 'Both banks, at low water.', action: 'research', params: { banks: 2 }, assignee_role: 'Site Foreman', estimated_hours: 24, priority: 5, success_criteria: 'Every pier has been looked at', decomposition_confidence: 0.9, required_capabilities: ['boat'] },
        { task_id: 'permit', title: 'Apply for the river permit', action: 'apply', assignee_role: 'Permit Officer', estimated_hours: 80, timeout_hours: 400, decomposition_confidence: 0.4, autonomy_tier: 2, retry_policy: { max_attempts: 2, backoff_seconds: 0.05, multiplier: 3, max_backoff_seconds: 60, non_retryable_errors: ['refused'] } },
        { task_id: 'drawings', title: 'Find the old drawings', action: 'research', estimated_hours: 8, decomposition_confidence: 0.9 },
      ],
    },
    { phase_id: 'build', name: 'Build', tasks: [{ task_id: 'deck', title: 'Lay the deck', action: 'build', prerequisites: ['survey'], estimated_hours: 160, decomposition_confidence: 0.9 }] },
  ],
  dependencies: [{ from: 'drawings', to: 'deck', type: 'finish_to_start', explanation: 'The deck is laid as it is drawn.' }],
  team: [{ name: 'Site Foreman', description: 'Leads the work on site' }],
  risks: [{ id: 'R1', title: 'The river floods', severity: 'high', likelihood: 'low', owner: 'Site Foreman', description: 'In spring', mitigation: 'Work from May to August', early_warnings: ['rain'], tripwires: ['gauge over 2 m'], stop_rule: 'gauge over 3 m', tasks: ['permit'] }],
  assumptions: [{ id: 'A1', statement: 'The piers are sound', test: 'Drill two cores', falsifier: 'A crack', tasks: ['permit'] }],
};
const done = ['a', 'b'].map((id) => ({ task_id: id, title: `Do ${id}`, action: 'work', decomposition_confidence: 0.9, estimated_hours: 8 }));
const small = (more = {}) => ({ goal: 'Get it done', phases: [{ phase_id: 'P', name: 'All of it', tasks: done.map((task) => ({ ...task, ...more })) }] });

/** What the server brings about by itself. */
const soon = (look) => eventually('what was waited for', look);
/** The task that the agent gets next. */
const poll = async (agent, query = '') => (await api.get(`/api/agents/${agent}/work?limit=1&wait=5${query}`)).next_task;
const report = (agent, task, event_type, more = {}, expected = 201) =>
  api.post(`/api/executions/${task.execution_id}/events`, { agent_id: agent, event_type, task_id: task.task_id, lease_token: task.lease_token, ...more }, expected);
const standing = async (id) => (await api.get(`/api/executions/${id}/status`)).status;

test('the probes and pages are there', async () => {
  await api.get('/livez');
  await api.get('/readyz');
  await api.get('/healthcheck');
  for (const page of ['/', '/docs']) {
    const html = await api.get(page);
    const [script] = /assets\/[^"]+\.js/.exec(html);
    await api.get(`/${script}`);
    assert.ok(!/<script[^>]*>[^<]/.test(html), 'no script stands in the page itself');
    assert.equal((await exchange(server.port, 'GET', page)).headers['content-security-policy']?.includes('unsafe'), false);
  }
  const document = await exchange(server.port, 'GET', '/api/openapi.json', { headers: { 'Accept-Encoding': 'identity' } });
  assert.equal(document.json.openapi, '3.1.0');
  await api.get('/api/openapi.json', 304, { headers: { 'If-None-Match': document.headers.etag } });
  await api.get('/assets/nothing.js', 404);
});

test('an execution lives from its plan to its end', async () => {
  const plan = await api.post('/api/plans', footbridge, 201, { headers: { 'Idempotency-Key': 'footbridge' } });
  await api.post('/api/plans', footbridge, 201, { headers: { 'Idempotency-Key': 'footbridge' } });
  await api.post('/api/plans', small(), 422, { headers: { 'Idempotency-Key': 'footbridge' } });
  await api.post('/api/plans', { goal: 'Nothing', phases: 3 }, 422);
  await api.call('POST', '/api/plans', 201, undefined, { raw: '# Paint\n\nA red door.\n\n## Paint\n\n- Paint the door\n', type: 'text/markdown' });
  const bridge = await api.call('POST', '/api/plans', 201, undefined, { raw: '---\nstart: 2026-03-02\n---\n# Bridge\n\nA way across.\n\n## Build\n\n- Order the timber\n  - resources: crane, two people\n  - estimate: 2d\n', type: 'text/markdown' });
  await api.get(`/api/plans/${bridge.plan_id}`);
  await api.get(`/api/plans/${bridge.plan_id}/tasks`);
  await api.call('POST', '/api/plans', 415, undefined, { raw: 'x', type: 'image/png' });
  await api.get(`/api/plans/${plan.plan_id}`);
  await api.get(`/api/plans/${plan.plan_id}/tasks`);
  await api.get('/api/plans?limit=1');
  await api.get('/api/plans/none', 404);

  await api.post('/api/agents', { agent_id: 'scout', name: 'Scout', role: '*', capabilities: [{ action: '*', params: { boat: true } }], max_concurrent_tasks: 3, webhook_url: 'https://example.org/scout' }, 201);
  await api.post('/api/agents', { agent_id: 'scout', name: 'Another', role: '*', capabilities: [{ action: '*' }] }, 409);
  await api.post('/api/agents/register', { agent_id: 'ann', name: 'Ann', kind: 'human', roles: ['*'], capabilities: [{ action: '*' }] }, 201);
  await api.post('/api/agents/register', { agent_id: 'ann', name: 'Ann', kind: 'human', roles: ['*'], capabilities: [{ action: '*' }] }, 200);
  await api.post('/api/agents', { name: 'Nobody' }, 422);
  await api.get('/api/agents/scout/work', 204);

  const created = await api.post('/api/executions', { plan_id: plan.plan_id, title: 'The footbridge', priority: 3, options: {
    sequencing: 'phased', review_threshold: 0.7, max_parallel: 3, timeout_hours: 900, retry_policy: { max_attempts: 3, backoff_seconds: 0.05 }, escalation: [{ after_hours: 24, to: 'ann' }], review_from_tier: 0, human_from_tier: 3,
  } }, 201);
  const id = created.execution_id;
  const at = `/api/executions/${id}`;
  await api.post('/api/executions', { plan_id: 'none' }, 422);
  await api.patch(at, { status: 'RUNNING' }, 409);
  await api.patch(at, { status: 'QUEUED' }, 412, { headers: { 'If-Match': '"99"' } });
  await api.patch(at, { status: 'QUEUED' }, 200, { headers: { 'If-Match': '"1"', 'Idempotency-Key': 'start' } });
  await api.get(`${at}/why`);
  await api.get(`${at}/tasks/deck/why`);
  await api.get(`${at}/blockers`);
  await api.get('/api/blockers?limit=1');
  await api.get('/api/agents/ann/inbox');

  const first = await poll('scout', '&supported_actions=research&request_id=r1');
  assert.ok(['survey', 'drawings'].includes(first.task_id));
  await api.get('/api/executions');
  await api.get(at);
  await api.get(`${at}/tasks?flat=true&limit=2`);
  await api.get(`${at}/why`);
  await report('scout', first, 'task_started', { agent_timestamp: '2026-01-31T09:05:07.250Z', event_id: 'mine-1', message: 'on my way' });
  await report('scout', first, 'task_progress', { progress_percent: 40, message: 'one bank is done' });
  await report('scout', first, 'heartbeat', {}, 200);
  await api.get('/api/agents/scout');
  await api.get('/api/agents/ann/inbox');
  await api.get('/api/agents/scout/inbox');
  const finished = { output_data: { piers: 4, sound: true }, message: 'all sound' };
  const receipt = await report('scout', first, 'task_complete', finished);
  assert.equal((await report('scout', first, 'task_complete', finished, 200)).duplicate, true);
  await api.get(`${at}?at_seq=${receipt.seq}`);
  await api.get(`${at}/report`);
  const audit = await api.get(`${at}/audit`);
  assert.equal(audit.verified, true);
  assert.equal(audit.stands_to, audit.events);

  await api.get(`${at}/tasks/permit/why`);
  await api.post(`${at}/tasks/permit/resolution`, { action: 'approve', note: 'Use last year\'s form.' });
  await api.post(`${at}/tasks/permit/resolution`, { action: 'dance' }, 422);
  const answer = await api.post('/api/agents/scout/work', { limit: 2, wait: 0, supported_actions: ['apply', 'research'], request_id: 'r2' });
  const permit = answer.tasks.find((task) => task.task_id === 'permit');
  const other = answer.tasks.find((task) => task.task_id !== 'permit');
  assert.ok(permit.context.resolution || permit.context.plan_goal);

  await report('scout', permit, 'task_blocked', { message: 'the office is closed', max_wait_hours: 5 });
  await api.get(`${at}/blockers`);
  await report('scout', permit, 'task_unblocked', { message: 'it is open again' }).catch(() => api.post(`${at}/tasks/permit/resolution`, { action: 'unblock', note: 'it is open again' }));
  const again = await soon(async () => {
    const work = await exchange(server.port, 'GET', '/api/agents/scout/work?limit=3');
    return work.status === 200 && work.json.tasks.find((task) => task.task_id === 'permit');
  });
  await report('scout', again, 'task_error', { error_type: 'refused', error_message: 'the form is out of date' });
  await report('scout', permit, 'task_complete', {}, 409);
  await api.get(at);
  await api.get(`${at}/why`);
  await api.post('/api/agents/scout/decompose', { task: { task_id: 'permit', execution_id: id }, agent_capabilities: ['apply'] });
  await api.post(`${at}/tasks/permit/resolution`, { action: 'decompose', subtasks: [
    { subtask_id: 'permit.form', title: 'Get the new form', action: 'fetch', estimated_hours: 2, params: { office: 'harbour' } },
    { subtask_id: 'permit.send', title: 'Send it', action: 'send', depends_on: ['permit.form'], success_criteria: ['It is stamped'], timeout_hours: 48 },
  ] });
  await api.get(`${at}/tasks`);

  const many = await api.post('/api/agents/scout/events', [
    { execution_id: id, event_type: 'task_complete', task_id: other.task_id, lease_token: other.lease_token, output_data: 'in the attic' },
    { execution_id: id, event_type: 'task_complete', task_id: 'deck' },
  ]);
  assert.deepEqual(many.map((each) => each.status), [201, 409]);
  const same = await api.post('/api/agents/scout/events', [{ execution_id: id, event_type: 'task_complete', task_id: other.task_id, lease_token: other.lease_token, output_data: 'in the attic' }]);
  assert.equal(same[0].duplicate, true);
  const [sung] = await api.post('/api/agents/scout/events', [{ event_type: 'sing' }], 200, { odd: true });
  assert.equal(sung.code, 'validation_failed');
  await api.post(`${at}/events`, [{ agent_id: 'scout', event_type: 'heartbeat' }]);

  await api.patch(at, { status: 'PAUSED', reason: 'it rains' });
  await api.get(`${at}/tasks?flat=true`);
  await api.patch(at, { status: 'RUNNING' });
  await api.patch(at, { priority: 9 });
  for (const title of ['permit.form', 'permit.send']) {
    const task = await poll('scout');
    assert.equal(task.task_id, title);
    await report('scout', task, 'task_complete', { output_data: { of: title } });
  }
  const deck = await poll('scout');
  assert.ok(deck.context.prerequisite_results.length > 0);
  const proposed = [{ subtask_id: 'planks', title: 'Lay the planks', action: 'build' }, { subtask_id: 'rail', title: 'Weld the rail', action: 'build', depends_on: ['planks'] }];
  await report('scout', deck, 'subtasks_proposed', { subtasks: proposed, message: 'in two parts' });
  // Parts with such titles are judged to be a person's, and the options keep those for people.
  for (let left = 2; left > 0; --left) await report('ann', await poll('ann'), 'task_complete', {});
  await soon(async () => (await standing(id)) === 'COMPLETED');
  const whole = await api.get(at);
  const [row] = await api.get(`/api/executions?plan_id=${plan.plan_id}&status=COMPLETED`);
  assert.deepEqual(row.progress, whole.progress);
  await api.get(`${at}/report`);
  await api.get(`${at}/why`);
  await api.get(`${at}/tasks`);
  await api.get(`${at}/events?order=asc&limit=1000`);
  await api.get(`${at}/events?limit=2&type=task_complete&task_id=survey&agent_id=scout&after_seq=1&before_seq=999`);
  await api.get(`${at}/events?order=sideways`, 400);
  await api.get(`${at}?at=2001-01-01T00:00:00Z`, 404);
});

test('what goes wrong is told, and people decide', async () => {
  const failing = await api.post('/api/executions', { plan: small(), start: true, options: { review_threshold: 0, retry_policy: { max_attempts: 1, backoff_seconds: 0 } } }, 201);
  const id = failing.execution_id;
  const at = `/api/executions/${id}`;
  const waiting = await api.post('/api/executions', { plan: small({ action: 'think' }), start: true, options: { review_threshold: 0, escalation: [{ after_hours: 0.00001, to: 'scout' }] } }, 201);
  const thought = await poll('scout', '&supported_actions=think');
  const [asked] = await api.post(`/api/executions/${waiting.execution_id}/events`, [{ agent_id: 'scout', event_type: 'task_error', task_id: thought.task_id, error_message: 'over my head', human_review_required: true }]);
  assert.equal(asked.human_review_required, true);
  await soon(async () => (await api.get(`/api/executions/${waiting.execution_id}/blockers`)).some((each) => each.escalated_to === 'scout'));
  await api.get(`/api/executions/${waiting.execution_id}/why`);
  await api.post(`/api/executions/${waiting.execution_id}/tasks/${thought.task_id}/resolution`, { action: 'reassign', assignee_role: 'Thinker' });
  const second = await poll('scout', '&supported_actions=think');
  await api.post(`/api/executions/${waiting.execution_id}/events`, { agent_id: 'scout', event_type: 'task_error', task_id: second.task_id, error_type: 'tired', error_message: 'later', retryable: true }, 201);
  await soon(async () => (await api.get(`/api/executions/${waiting.execution_id}/events?limit=1000`)).some((each) => each.event_type === 'task_retry_scheduled'));
  await api.patch(`/api/executions/${waiting.execution_id}`, { status: 'CANCELLED' });
  const a = await poll('scout');
  await report('scout', a, 'task_error', { error_type: 'broken', error_message: 'it broke' });
  await api.get(`${at}/tasks?flat=true`);
  await api.get(`${at}/blockers`);
  await api.get('/api/blockers');
  await api.post(`${at}/tasks/${a.task_id}/resolution`, { action: 'retry', note: 'again' });
  const retried = await poll('scout');
  await report('scout', retried, 'task_error', { error_type: 'vague', error_message: 'what is meant?', human_review_required: true });
  await api.post(`${at}/tasks/${retried.task_id}/resolution`, { action: 'reassign', agent_id: 'scout' });
  const mine = await poll('scout');
  await report('scout', mine, 'task_blocked', { message: 'no power', blocking: true });
  await soon(async () => (await standing(id)) === 'BLOCKED');
  await api.get(at);
  await api.post(`${at}/tasks/${mine.task_id}/resolution`, { action: 'skip', note: 'not needed' });
  await poll('scout');
  await api.patch(at, { status: 'CANCELLED', reason: 'no more money' });
  const gone = await api.get('/api/agents/scout/work');
  assert.ok(gone.revoked.length > 0);
  await api.get(`${at}/events?order=asc`);
  await api.patch(at, { status: 'RUNNING' }, 409);
  await api.get(`${at}/report`);
});

test('an execution goes on from its past, and is compared with it', async () => {
  const origin = await api.post('/api/executions', { plan: small({ action: 'choose' }), start: true, agent_id: 'scout', options: { review_threshold: 0 } }, 201);
  const at = `/api/executions/${origin.execution_id}`;
  await report('scout', await poll('scout', '&supported_actions=choose'), 'task_complete', { output_data: { way: 'left' } });
  const second = await poll('scout', '&supported_actions=choose');
  const { version } = await api.get(at);
  const wanted = { at_seq: version, title: 'The other way', agent_id: null, priority: 2, options: { max_parallel: 1, timeout_hours: 5 }, reason: 'to see what ann makes of it' };
  const fork = await api.post(`${at}/fork`, wanted, 201, { headers: { 'Idempotency-Key': 'fork', 'If-Match': `"${version}"` } });
  assert.equal((await api.post(`${at}/fork`, wanted, 201, { headers: { 'Idempotency-Key': 'fork', 'If-Match': `"${version}"` } })).execution_id, fork.execution_id);
  assert.deepEqual(fork.forked_from, { execution_id: origin.execution_id, seq: version });
  await api.post(`${at}/fork`, { at_seq: 99999 }, 422);
  await api.post(`${at}/fork`, { title: 'From nowhere' }, 422, { odd: true });
  await api.post(`${at}/fork`, { at_seq: 1 }, 412, { headers: { 'If-Match': '"1"' } });
  await api.post('/api/executions/none/fork', { at_seq: 1 }, 404);
  const forked = `/api/executions/${fork.execution_id}`;
  const inherited = await api.get(`${forked}/events?order=asc`);
  assert.ok(inherited.slice(0, version).every((event) => event.inherited));
  await api.get(`${forked}?at_seq=${version}`);
  await api.patch(forked, { status: 'RUNNING' });
  await report('scout', second, 'task_complete', { output_data: { way: 'left again' } });
  await report('ann', await poll('ann', '&supported_actions=choose'), 'task_complete', { output_data: { way: 'right', because: 'x'.repeat(5000) } });
  const [row] = await api.get('/api/executions?limit=1');
  assert.deepEqual(row.forked_from, fork.forked_from);
  await api.get(`${forked}/report`);
  const compared = await api.get(`${at}/compare?with=${fork.execution_id}`);
  assert.equal(compared.shared_events, version);
  assert.deepEqual(compared.tasks.map((task) => task.differs), [[], ['agent', 'attempts', 'output']]);
  await api.get(`${at}/compare`, 400);
  await api.get(`${at}/compare?with=none`, 404);
  await api.post(`${at}/fork`, { at_seq: (await api.get(at)).version }, 409);
});

test('a plan that was refused is started by an admin alone', async () => {
  const leaf = { id: 't', description: 'Write a report', task_children: [] };
  const refused = { wbs_project: { id: 'root', description: 'A plan', task_children: [{ id: 'p', description: 'Phase', task_children: [leaf] }] }, redline_gate: { verdict: 'REFUSE' }, pre_project_assessment: { go_no_go_recommendation: 'Do not execute: nobody has asked for it.' } };
  const plan = await api.post('/api/plans', refused, 201);
  await api.get(`/api/plans/${plan.plan_id}`);
  await api.get('/api/plans');
  await api.post('/api/plans?dry_run=true', refused);
  await api.post('/api/executions', { plan_id: plan.plan_id, start: true }, 409);
  const started = await api.post('/api/executions', { plan_id: plan.plan_id, override_refusal: { reason: 'a lawyer has looked at it' } }, 201);
  await api.patch(`/api/executions/${started.execution_id}`, { status: 'QUEUED' }, 409);
  await api.get(`/api/executions/${started.execution_id}/events`);
});

test('nobody for the work is a reason, and agents change', async () => {
  const started = await api.post('/api/executions', { plan: small({ action: 'fly', assignee_role: 'Pilot' }), start: true, agent_id: 'bird', options: { review_threshold: 0 } }, 201);
  await api.get(`/api/executions/${started.execution_id}/why`);
  await api.get(`/api/executions/${started.execution_id}`);
  await api.post('/api/agents', { agent_id: 'bird', name: 'Bird', role: 'Pilot', capabilities: [{ action: 'fly' }] }, 201);
  await report('bird', await poll('bird'), 'task_complete', {});
  await api.patch('/api/agents/bird', { status: 'retired' });
  await soon(async () => (await api.get(`/api/executions/${started.execution_id}/events`)).some((each) => each.escalate_at));
  await api.get(`/api/executions/${started.execution_id}/why`);
  await api.patch('/api/agents/scout', { status: 'paused', roles: ['Site Foreman'], capabilities: [{ action: 'build' }], max_concurrent_tasks: 2 });
  await api.patch('/api/agents/scout', {}, 422);
  await api.get('/api/agents?limit=1');
  await api.get('/api/agents/scout/capabilities');
  await api.get('/api/agents/nobody', 404);
  await api.patch('/api/agents/scout', { status: 'active' });
});

test('everything can be paused, and people are told', async () => {
  await api.get('/api/admin/switch');
  await api.post('/api/admin/pause', {}, 422);
  await api.post('/api/admin/pause', { reason: 'the bank holds our money' });
  await api.get('/api/admin/switch');
  const [paused] = await soon(async () => {
    const list = await api.get('/api/executions?status=PAUSED&limit=1');
    return list.length > 0 && list;
  });
  assert.ok((await api.get(`/api/executions/${paused.execution_id}/events?type=execution_paused`))[0].by_switch);
  await api.post('/api/admin/resume', { reason: 'it is back' });
  await soon(() => told.some((each) => each.body.type === 'review.requested') && told.some((each) => each.body.type === 'execution.completed'));
  for (const { body, headers } of told) {
    assert.deepEqual(api.contract.errors('#/webhooks/notification/post/requestBody/content/application~1json/schema', body), []);
    for (const { name } of api.contract.document.webhooks.notification.post.parameters) assert.ok(headers[name], name);
  }
  const sent = await soon(async () => {
    const list = await api.get('/api/notifications?status=delivered&limit=2');
    return list.length === 2 && list;
  });
  await api.post(`/api/notifications/${sent[0].notification_id}/retry`, {}, 409);
  await api.post('/api/notifications/none/retry', undefined, 404);
  const [dead] = await api.get('/api/notifications?status=dead');
  await api.post(`/api/notifications/${dead.notification_id}/retry`, {}, 200);
  await api.get('/api/notifications?limit=1000');
  await api.get('/api/activity?limit=3');
  await api.get('/api/activity?limit=1000');
  await api.get('/api/activity?type=execution_completed&agent_id=scout');
  await api.get('/api/activity?type=nonsense', 400);
});

test('an execution leaves as a record file', async () => {
  const [{ execution_id: id, version }] = await api.get('/api/executions?status=COMPLETED&limit=1');
  const path = `/api/executions/${id}/export`;
  const whole = await api.get(path);
  const lines = whole.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, version);
  const [first] = await api.get(`/api/executions/${id}/events?order=asc&limit=1`);
  assert.deepEqual(lines[0].data, first);
  for (const member of ['specversion', 'id', 'source', 'type', 'time', 'sequence', 'hash', 'stored']) assert.ok(lines[0][member], member);
  const page = await exchange(server.port, 'GET', `${path}?limit=1`);
  assert.match(page.headers.link, /rel="next"/);
  assert.equal(page.headers['content-disposition'], `attachment; filename="${id}.jsonl"`);
  const rest = await api.get(`${path}?after_seq=1`);
  assert.equal(page.body + rest, whole);
  assert.equal(await api.get(`${path}?at_seq=1`), page.body);
  assert.equal((await exchange(server.port, 'GET', `${path}?after_seq=${version}`)).body, '');
  await api.get(`${path}?at_seq=${version + 1}`, 404);
  assert.equal(await api.get(`${path}?at=${(await api.get(`/api/executions/${id}`)).updated_at}`), whole);
  await api.get(`${path}?at=2001-01-01T00:00:00Z`, 404);
  await api.get(`${path}?limit=0`, 400);
  await api.get(`${path}?after_seq=x`, 400);
  await api.get('/api/executions/none/export', 404);
});

test('keys let in whom they should', async () => {
  const me = await api.get('/api/me');
  assert.equal(me.auth, 'off');
  const with_key = (text) => ({ headers: { Authorization: `Bearer ${text}` } });
  const made = await api.post('/api/keys', { role: 'viewer', name: 'reader', expires_in_days: 7 }, 201);
  await api.post('/api/keys', { role: 'king' }, 422);
  await api.get('/api/me', 200, with_key(made.key));
  await api.get('/api/executions', 200, with_key(made.key));
  await api.post('/api/agents', { name: 'x', role: 'y', capabilities: [{ action: 'z' }] }, 403, with_key(made.key));
  await api.get('/api/executions', 401, with_key('pxk_none'));
  await api.get('/api/me', 401, with_key('pxk_none'));
  const registered = await api.post('/api/agents', { agent_id: 'courier', name: 'Courier', role: 'Courier', capabilities: [{ action: 'carry' }], issue_key: true }, 201);
  await api.get('/api/me', 200, with_key(registered.api_key));
  await api.get('/api/agents/courier', 200, with_key(registered.api_key));
  await api.get('/api/agents/scout', 404, with_key(registered.api_key));
  await api.post('/api/tickets', undefined, 201, with_key(made.key));
  await api.get('/api/keys?limit=1');
  await api.call('DELETE', `/api/keys/${made.key_id}`, 200);
  await api.call('DELETE', '/api/keys/none', 404);
  await api.get('/api/keys');
});

test('the server says how it does', async () => {
  await api.get('/api/roles');
  await api.get('/api/admin/metrics');
  assert.match(await api.get('/metrics'), /^planexe_executions\{status="RUNNING"\} /m);
  await api.get('/api/admin/backups');
  await api.post('/api/admin/backups', { name: 'evening' }, 201, { headers: { 'Idempotency-Key': 'evening' } });
  await api.post('/api/admin/backups', { name: 'evening' }, 201, { headers: { 'Idempotency-Key': 'evening' } });
  await api.post('/api/admin/backups', { name: 'evening' }, 409);
  await api.post('/api/admin/backups', { name: '../evening' }, 422);
  await api.get('/api/admin/backups/evening');
  await api.get('/api/admin/backups/none', 404);
  await api.post('/api/admin/backups?wait=0', { name: 'night' }, 202);
  await soon(async () => (await api.get('/api/admin/backups/night')).status === 'made');
  await api.post('/api/admin/backups?wait=long', { name: 'morning' }, 400);
  await api.get('/api/admin/backups');
  const views = await api.get('/api/admin/views');
  await api.post(`/api/admin/views/${views[0].name}/rebuild`, {});
  await api.post('/api/admin/views/none/rebuild', undefined, 404);
  const tried = await api.post('/api/plans?dry_run=true', footbridge, 200);
  assert.equal(tried.plan_id, undefined);
  await api.post('/api/plans?dry_run=perhaps', footbridge, 400);
});

test('what is over leaves the log, and is still there', async () => {
  const { execution_id } = await api.post('/api/executions', { plan: small(), start: true }, 201);
  const at = `/api/executions/${execution_id}`;
  await api.post(`${at}/archive`, {}, 409);
  await api.patch(at, { status: 'CANCELLED', reason: 'enough' });
  const left = await api.post(`${at}/archive`, {}, 200, { headers: { 'Idempotency-Key': 'leave' } });
  await api.post(`${at}/archive`, {}, 200, { headers: { 'Idempotency-Key': 'leave' } });
  await api.post(`${at}/archive`, { why: 'so' }, 422);
  await api.post('/api/executions/none/archive', undefined, 404);
  assert.equal((await api.get(at)).archived, true);
  assert.equal((await api.get(`${at}/events?limit=1000`)).length, left.events);
  await api.get(`${at}/tasks?at_seq=1`);
  assert.equal((await api.get(`${at}/events?at_seq=2&order=asc&wait=60&after_seq=1`)).length, 1);
  assert.deepEqual(await api.get(`${at}/events?at_seq=1&after_seq=1&wait=60`), []);
  assert.equal((await api.get(`${at}/events?limit=1000&at=2100-01-01T00:00:00Z`)).length, left.events);
  await api.get(`${at}/events?at=2001-01-01T00:00:00Z`, 404);
  await api.get(`${at}/events?at_seq=${left.events + 1}`, 404);
  await api.get(`${at}/events?at=then`, 400);
  for (const part of ['/status', '/audit', `/compare?with=${execution_id}`]) {
    await api.get(`${at}${part}`);
    for (const moment of ['at_seq=1', 'at=2100-01-01T00:00:00Z']) await api.get(`${at}${part}${part.includes('?') ? '&' : '?'}${moment}`, 400);
  }
  await api.get(`${at}/report`);
  await api.patch(at, { status: 'QUEUED' }, 409);
  const [row] = await api.get('/api/executions?archived=true&status=CANCELLED&limit=1');
  assert.equal(row.execution_id, execution_id);
  await api.get('/api/executions?archived=true&agent_id=scout', 400);
  await api.get('/api/activity?type=execution_archived');
});

const has = (type) => (got) => got.some((each) => each.type === type);
const judged = (schema, messages) => {
  for (const message of messages)
    assert.deepEqual(api.contract.errors(`#/components/schemas/${schema}`, message), [], JSON.stringify(message).slice(0, 300));
  return new Set(messages.map((each) => each.type));
};

test('the stream of an execution says what the document says', async () => {
  for (const follow of [messages_of, events_of]) {
    const started = await api.post('/api/executions', { plan: small({ action: 'build', assignee_role: 'Site Foreman', success_criteria: 'It holds', decomposition_confidence: undefined }), start: true, priority: 100, options: { review_threshold: 0 } }, 201);
    const at = `/api/executions/${started.execution_id}`;
    const following = follow(server.port, `${at}/stream`, (got) => has('caught_up')(got) && got.filter((each) => each.type === 'event').length > 1 && got.some((each) => each.structure) && got.at(-1).type === 'execution_update' && got.at(-1).status === 'COMPLETED');
    await soon(async () => (await standing(started.execution_id)) !== 'CREATED');
    await api.patch(at, { status: 'PAUSED' });
    await api.patch(at, { status: 'RUNNING' });
    const held = await poll('scout');
    await report('scout', held, 'task_error', { error_type: 'broken', error_message: 'it broke', retryable: false });
    await api.post(`${at}/tasks/${held.task_id}/resolution`, { action: 'complete', output_data: { by: 'hand' } });
    const [part] = (await api.get(`${at}/tasks?flat=true`)).filter((task) => task.level !== 'phase' && !task.children && task.ready);
    await api.post(`${at}/tasks/${part.task_id}/resolution`, { action: 'decompose', subtasks: [{ subtask_id: 'first', title: 'First' }, { subtask_id: 'then', title: 'Then' }] });
    for (const left of ['first', 'then']) await api.post(`${at}/tasks/${left}/resolution`, { action: 'skip' });
    const again = await follow(server.port, `${at}/stream?from=99999`, has('caught_up'));
    const types = judged('execution_message', [...(await following), ...again]);
    assert.deepEqual(types, new Set(['snapshot', 'event', 'execution_update', 'caught_up', 'resync']));
  }
  const { execution_id } = (await api.get('/api/executions?limit=1'))[0];
  await api.get(`/api/executions/${execution_id}/stream`, 426);
  await api.get(`/api/executions/${execution_id}/stream?from=x`, 400, { headers: { Accept: 'text/event-stream' } });
  await api.get('/api/executions/none/stream', 404, { headers: { Accept: 'text/event-stream' } });
});

test('the stream over everything says what the document says', async () => {
  for (const follow of [messages_of, events_of]) {
    const wanted = ['snapshot', 'caught_up', 'execution_update', 'agent_update', 'presence', 'activity', 'switch'];
    const following = follow(server.port, '/api/stream', (got) => wanted.every((type) => has(type)(got)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await api.post('/api/executions', { plan: small(), start: true }, 201);
    await api.post('/api/agents', { name: 'Passer-by', role: 'x', capabilities: [{ action: 'y' }] }, 201);
    await api.post('/api/admin/pause', { reason: 'a drill' });
    await api.post('/api/admin/resume', undefined);
    assert.deepEqual(judged('overview_message', await following), new Set(wanted));
  }
  await api.get('/api/stream', 426);
});

test('a person can be erased, and the server starts anew', async () => {
  await api.post('/api/agents', { agent_id: 'ada', name: 'Ada', kind: 'human', role: 'Reader', capabilities: [{ action: 'read' }] }, 201);
  assert.ok((await api.get('/api/admin/subjects')).some((each) => each.subject === 'agent:ada' && each.executions === 0));
  await api.post('/api/admin/erasures', {}, 422);
  await api.post('/api/admin/erasures', { subject: 'agent:nobody' }, 404);
  await api.post('/api/admin/erasures', { subject: 'agent:ada', reason: 'Ada asked for it' }, 202);
  // Until it is there again it refuses connections.
  await soon(() => fetch(`http://127.0.0.1:${server.port}/readyz`).then((answer) => answer.ok, () => false));
  await soon(async () => (await api.get('/api/agents/ada')).name === '[erased]');
  assert.ok(!(await api.get('/api/agents?limit=1000')).some((each) => each.agent_id === 'ada'));
  assert.ok(!(await api.get('/api/admin/subjects')).some((each) => each.subject === 'agent:ada'));
});

test('every operation was asked, and every described member has come', () => {
  const asked = new Set([...api.contract.met.keys()].map((name) => name.split(' ')[0]));
  const all = api.contract.routes.map((route) => route.operation.operationId);
  assert.deepEqual(all.filter((name) => !asked.has(name)), []);
  const pointers = api.contract.routes.flatMap(({ pointer, operation }) =>
    Object.keys(operation.responses).filter((status) => status < 300 && operation.responses[status].content?.['application/json']).map((status) => `${pointer}/responses/${status}/content/application~1json/schema`));
  const missing = api.contract.unseen([...pointers, '#/components/schemas/execution_message', '#/components/schemas/overview_message']).filter((name) => !rare.has(name) && !name.startsWith('event_message.'));
  assert.deepEqual(missing, []);
});

/** Long lists tell a reader no more than short ones. */
function shortened(value) {
  if (Array.isArray(value)) return value.slice(0, 2).map(shortened);
  // What looks like a secret is one to whoever looks for them.
  if (typeof value === 'string') return value.replace(/^(pxk_|pxt_).*/, '$1…');
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shortened(member)]));
}

/** What takes a language model, crowds, a full disk, a damaged log, one of an earlier release, or what the server's own decomposer never says. An event in a stream is one of the
 *  history, whose members are looked for there. */
const rare = new Set([
  'event.model', 'event.model_response', 'decomposition.model', 'decomposition.decomposed_subtasks.timeout_hours', 'notification.more_tasks',
  'report_outcome.escalated_to', 'overview_snapshot_message.more_agents', 'overview_snapshot_message.more_executions',
  'metrics.disk.reason', 'backup.detail', 'execution_audit.first_bad_seq', 'execution_audit.problem', 'execution_audit.snapshot_seq',
  'erasure.unsealed_events.stream', 'erasure.unsealed_events.seq', 'erasure.unsealed_events.event_type',
]);
