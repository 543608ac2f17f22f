// A server in the middle of its day: executions in every state, people and programs at work, things that went wrong.
// The same each time, so that pictures and checks of it can be compared.
import { Agent, eventually } from './server.mjs';
import { demo_plan, zip_of } from './zip.mjs';

const phases = (...named) => named.map(([name, ...titles], i) => ({
  phase_id: `p${i + 1}`, name,
  tasks: titles.map((title, k) => ({ task_id: `t${i + 1}${k + 1}`, title, estimated_hours: 6 + 5 * ((i + k) % 4), assignee_role: 'Handy Hand', action: 'do' })),
}));

const harvest = {
  goal: 'Hold a harvest festival on the village green on the last Sunday of September',
  phases: phases(
    ['Agree', 'Reserve the village green', 'Ask the farms what they bring', 'Find a brass band'],
    ['Prepare', 'Print the programme', 'Borrow forty tables', 'Bake the first two hundred rolls'],
    ['Celebrate', 'Put up the tents', 'Open the tables', 'Thank everybody']),
};
const library = {
  goal: 'Move the library into the old post office without closing for more than a week',
  phases: phases(['Pack', 'Count the shelves', 'Label every box'], ['Carry', 'Drive the boxes over', 'Fill the shelves again']),
};
const bridge = {
  goal: 'Mend the footbridge over the mill stream before the autumn rain',
  phases: [{
    phase_id: 'p', name: 'Survey', tasks: ['Survey the piers', 'Apply for the river permit', 'Ask three carpenters'].map((title, i) => ({
      task_id: `b${i}`, title, estimated_hours: 10, subtasks: [{ subtask_id: `b${i}s`, title: `${title}, and sign for it`, action: 'sign', assignee_role: 'Site Foreman' }],
    })),
  }],
};
const choir = { goal: 'Give the choir a website that its members can change themselves', phases: phases(['Draft', 'Collect the photographs', 'Write three pages'], ['Publish', 'Choose a host', 'Announce it']) };
const coats = { goal: 'Collect two hundred winter coats and give each to somebody who needs one', phases: phases(['Collect', 'Set up twelve boxes', 'Sort by size'], ['Give', 'Open the wardrobe']) };
const bench = { goal: 'Put up a bench at the bus stop', phases: phases(['Build', 'Saw the planks', 'Set it in concrete']) };
const handbook = { goal: 'Translate the volunteers’ handbook into four languages', phases: phases(['Translate', 'Into Polish', 'Into Arabic', 'Into Ukrainian', 'Into French'], ['Check', 'Have each read by two natives']) };

const people = [
  { agent_id: 'mara', name: 'Mara Lindqvist', kind: 'human', roles: ['Café Coordinator'], max_concurrent_tasks: 3 },
  { agent_id: 'jonas', name: 'Jonas Weber', kind: 'human', roles: ['Volunteer Captain'], max_concurrent_tasks: 2 },
];
const programs = [
  { agent_id: 'scout', name: 'Scout', roles: ['Space Planner'], max_concurrent_tasks: 1 },
  { agent_id: 'quill', name: 'Quill', roles: ['Outreach Writer'], max_concurrent_tasks: 2 },
  { agent_id: 'atlas', name: 'Atlas', roles: ['Handy Hand'], max_concurrent_tasks: 2 },
  { agent_id: 'bolt', name: 'Bolt', roles: ['Handy Hand'], max_concurrent_tasks: 1 },
  { agent_id: 'old-tom', name: 'Old Tom', kind: 'service', roles: ['Archivist'], max_concurrent_tasks: 1 },
];

const done_words = ['Done, with two spare.', 'Ready; the file is attached.', 'Agreed by everybody who was asked.', 'Finished a little early.'];

/** Reports of one agent about what it holds. */
function finish(agent, i) {
  return agent.complete({ summary: done_words[i % done_words.length], pages: 1 + (i % 5) });
}

/** Lets `agents` take and finish tasks until `many` are done or nothing is handed out. */
async function work(agents, many) {
  let done = 0;
  for (let idle = 0; done < many && idle < 3; ) {
    let any = false;
    for (const agent of agents) {
      if (done >= many || !(await agent.take(idle ? 1 : 0))) continue;
      any = true;
      await agent.report('task_started');
      await agent.report('task_progress', { progress_percent: 50, message: 'Half of it' });
      await finish(agent, done++);
    }
    idle = any ? 0 : idle + 1;
  }
  return done;
}

/** Needs PLANEXE_TASK_BACKOFF_SECONDS long enough that what failed stays so. Gives the ids by name. */
export async function fill(server) {
  const agents = new Map();
  for (const profile of [...people, ...programs]) {
    const agent = new Agent(server, profile.agent_id);
    agent.profile = { capabilities: [{ action: '*' }], ...profile };
    agents.set(profile.agent_id, await agent.register());
  }
  const by = (...ids) => ids.map((id) => agents.get(id));
  const ids = {};
  const begin = async (name, plan, title, more = {}) => (ids[name] = await server.start_plan(plan, { title, ...more }));

  await begin('bench', bench, 'A bench at the bus stop');
  await eventually('the bench stands', async () => {
    await work(by('atlas', 'bolt'), 2);
    return (await server.call(`/executions/${ids.bench}`)).status === 'COMPLETED';
  });
  await server.call(`/executions/${ids.bench}/archive`, {});
  await begin('library', library, 'Move the library');
  await eventually('the library is moved', async () => {
    await work(by('atlas', 'bolt'), 4);
    return (await server.call(`/executions/${ids.library}`)).status === 'COMPLETED';
  });
  await begin('choir', choir, 'A website for the choir');
  await work(by('bolt'), 1);
  await server.call(`/executions/${ids.choir}`, { status: 'CANCELLED', reason: 'The choir has found somebody' }, 'PATCH');
  await begin('coats', coats, 'Winter coats');
  await work(by('bolt'), 1);
  await server.call(`/executions/${ids.coats}`, { status: 'PAUSED', reason: 'Until October' }, 'PATCH');
  ids.handbook = (await server.call('/executions', { plan: handbook, title: 'Handbook in four languages' })).execution_id;
  await begin('bridge', bridge, 'Footbridge over the mill stream', { options: { review_from_tier: 1 }, confirm_warnings: true });

  await begin('harvest', harvest, 'Harvest festival', { priority: 2 });
  await work(by('atlas', 'bolt'), 4);
  // Another way from the first finished task on: one hand alone.
  const first_done = (await server.call(`/executions/${ids.harvest}/events?order=asc&type=task_complete&limit=1`))[0].seq;
  const fork = { at_seq: first_done, title: 'Harvest festival, with one hand', reason: 'Is one hand enough?', priority: 9 };
  ids.fork = (await server.call(`/executions/${ids.harvest}/fork`, fork)).execution_id;
  await server.call(`/executions/${ids.fork}`, { status: 'RUNNING' }, 'PATCH');
  await work(by('bolt'), 2);
  await server.call(`/executions/${ids.fork}`, { status: 'PAUSED', reason: 'Enough is known' }, 'PATCH');

  const response = await fetch(`${server.url}/api/plans`, { method: 'POST', headers: { 'Content-Type': 'application/zip' }, body: zip_of(demo_plan) });
  const plan = await response.json();
  ids.plan = plan.plan_id;
  const cafe = await server.call('/executions', { plan_id: plan.plan_id, title: 'Repair Café', start: true, priority: 5, options: { review_threshold: 0.85, sequencing: 'dependencies' } });
  ids.cafe = cafe.execution_id;
  // Whatever is sure enough goes on; a person approves the first half of the rest.
  for (let round = 0; round < 2; round++) {
    await work(by('scout', 'quill', 'mara', 'jonas'), 4);
    const asked = (await server.call(`/executions/${ids.cafe}/blockers`)).filter((each) => each.options.includes('approve'));
    for (const { task_id } of asked.slice(0, 2)) await server.call(`/executions/${ids.cafe}/tasks/${task_id}/resolution`, { action: 'approve', note: 'Go ahead' });
  }
  const holds = async (id, percent, message) => {
    const agent = agents.get(id);
    if (!(await agent.take(0))) return undefined;
    await agent.report('task_started', { message });
    if (percent) await agent.report('task_progress', { progress_percent: percent, message });
    return agent.task;
  };
  if (await holds('jonas', 20, 'Asked around')) await agents.get('jonas').report('task_blocked', { message: 'The town hall answers on Thursday', max_wait_hours: 24 });
  if (await holds('quill', 30, 'A first version')) await agents.get('quill').report('task_error', { error_type: 'no_access', error_message: 'The account of the café is locked after two wrong passwords.', retryable: false });
  await holds('scout', 65, 'Two thirds of it');
  await holds('quill', 45, 'Getting on');
  await holds('mara', 10, 'On the phone about it');
  await holds('bolt', 80, 'Nearly there');
  await holds('atlas', 35, 'A good start');
  await server.call('/agents/old-tom', { status: 'paused' }, 'PATCH').catch(() => undefined);
  return ids;
}
