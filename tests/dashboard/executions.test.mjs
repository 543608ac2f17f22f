// The list of executions, plans that are brought in, and the plans that are kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, confirm, why_not, words } from './browser.mjs';
import { Agent, Server, eventually, small_plan } from './server.mjs';
import { demo_plan, zip_of } from './zip.mjs';

const skip = why_not();
let server, browser;
before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start();
  browser = await Browser.start();
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

const zip = (name, change) => ({ name, mimeType: 'application/zip', buffer: zip_of(demo_plan, change) });
const choose = (page, file) => page.getByLabel('A file with a plan').setInputFiles(file);
const row = (page, title) => page.locator('.x-row').filter({ hasText: title });

test('a server without anything says how to begin', { skip }, async () => {
  const page = await browser.open(server, '#/');
  await page.getByText('Nothing is being carried out yet').waitFor();
  await page.getByRole('link', { name: 'Bring in a plan' }).first().click();
  await page.getByRole('heading', { name: 'Bring in a plan' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a plan is looked at, kept and started', { skip }, async () => {
  const page = await browser.open(server, '#/new');
  await choose(page, zip('repair_cafe.zip'));
  await page.getByRole('heading', { name: 'Look at the plan' }).waitFor();
  await page.locator('.plan-title').getByText('Repair Café').waitFor();
  assert.match(await words(page.locator('.plan-facts')), /4 phases *10 tasks *24 leaves/);
  assert.equal((await server.call('/plans')).length, 0, 'nothing is kept yet');
  await page.locator('.branch-head').first().click();
  await page.getByText('Choose a Room').waitFor();
  for (const role of ['Café Coordinator', 'Space Planner', 'Volunteer Captain', 'Outreach Writer'])
    await page.locator('table').getByText(role).first().waitFor();

  await page.getByRole('button', { name: 'Keep plan' }).click();
  await page.waitForURL(/#\/plans\/plan-/);
  const [kept] = await server.call('/plans');
  assert.equal(kept.title, 'Repair Café');
  // Started from the plan's own page, with every option.
  await page.getByLabel('Title').fill('From the kept plan');
  await page.getByLabel('Order').selectOption('dependencies');
  await page.getByLabel(/^Ask below/).fill('60');
  await page.getByLabel(/^Tasks at once/).fill('3');
  await page.getByLabel(/^Time limit/).fill('48');
  await page.getByLabel(/^Priority/).fill('2');
  await page.getByLabel('People alone').selectOption('3');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/#\/executions\/exec-/);
  const [started] = await server.call('/executions');
  assert.equal(started.title, 'From the kept plan');
  assert.equal(started.priority, 2);
  const { options } = await server.call(`/executions/${started.execution_id}`);
  assert.deepEqual(
    [options.sequencing, options.review_threshold, options.max_parallel, options.timeout_hours, options.human_from_tier],
    ['dependencies', 0.6, 3, 48, 3],
  );

  await page.goto(`${server.url}/#/new`);
  await choose(page, zip('repair_cafe.zip'));
  await page.getByRole('button', { name: 'Keep and start' }).click();
  await page.waitForURL(/#\/executions\/exec-/);
  await page.getByRole('heading', { name: 'Repair Café' }).waitFor();
  assert.equal((await server.call('/plans')).length, 2);

  await page.goto(`${server.url}/#/plans`);
  await eventually('both plans', async () => (await page.locator('.plan-line').count()) === 2);
  await page.getByRole('searchbox').fill('nothing like it');
  await page.getByText('No plan has these words.').waitFor();
  await page.getByRole('searchbox').fill('repair');
  await page.locator('.plan-link').first().click();
  await page.getByRole('heading', { name: 'Its executions' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what is wrong with a plan is told field by field', { skip }, async () => {
  const page = await browser.open(server, '#/new');
  const plans = (await server.call('/plans')).length;
  await choose(page, { name: 'broken.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ goal: 'x', phases: [{ phase_id: 'p', tasks: [{ task_id: 'a' }] }] })) });
  const problem = page.locator('.plan-problem');
  await problem.waitFor();
  assert.match(await words(problem), /broken\.json.*cannot be read/);
  const answer = await fetch(`${server.url}/api/plans?dry_run=true`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ goal: 'x', phases: [{ phase_id: 'p', tasks: [{ task_id: 'a' }] }] }),
  });
  const { detail, errors = [] } = await answer.json();
  assert.ok((await words(problem)).includes(detail));
  for (const { field, message } of errors) assert.ok((await words(problem)).includes(`${field}${message}`), field);
  await choose(page, { name: 'broken.zip', mimeType: 'application/zip', buffer: Buffer.from('no zip at all') });
  await problem.getByText('broken.zip').waitFor();
  await choose(page, { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from('x') });
  await page.getByText('is no plan: those end in').waitFor();

  // What is pasted may be looked at as well.
  await page.getByLabel('Or paste JSON or Markdown').fill('# Mend it\n\nSo that people cross.\n\n## Prepare\n\n- Survey (id: s, 2-5 days)\n- Permit\n  - after: s\n');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.locator('.plan-title').getByText('Mend it').waitFor();
  await page.getByRole('button', { name: 'Another plan' }).click();
  await page.getByLabel('Or paste JSON or Markdown').waitFor();
  assert.equal((await server.call('/plans')).length, plans);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a plan that PlanExe warns of is started only when that is confirmed', { skip }, async () => {
  const page = await browser.open(server, '#/new');
  const warned = zip('doubtful.zip', {
    'pre_project_assessment.json': JSON.stringify({ combined_summary: '…', go_no_go_recommendation: 'Do Not Execute' }),
  });
  const answer = await fetch(`${server.url}/api/plans?dry_run=true`, { method: 'POST', headers: { 'Content-Type': 'application/zip' }, body: warned.buffer });
  const { start_warning } = await answer.json();
  assert.ok(start_warning, 'the server warns of this plan');
  await choose(page, warned);
  await page.getByText('To be confirmed by whoever starts it.').waitFor();
  await page.getByLabel('Title').fill('In spite of it');
  await page.getByRole('button', { name: 'Keep and start' }).click();
  await page.locator('dialog[open]').getByText(start_warning).waitFor();
  assert.ok(!(await server.call('/executions')).some((each) => each.title === 'In spite of it'));
  const plans = (await server.call('/plans')).length;
  await confirm(page);
  await page.waitForURL(/#\/executions\/exec-/);
  assert.ok((await server.call('/executions')).some((each) => each.title === 'In spite of it'));
  assert.equal((await server.call('/plans')).length, plans, 'kept once');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the list is live, searched, filtered and sorted', { skip }, async () => {
  const page = await browser.open(server, '#/');
  await page.locator('.x-row').first().waitFor();
  await page.evaluate(() => (window.not_reloaded = true));
  const id = await server.start_plan(small_plan('Grow apples'), { priority: 50 });
  await row(page, 'Grow apples').waitFor();
  await server.call('/executions', { plan: small_plan('Grow pears'), priority: 60 });
  await row(page, 'Grow pears').waitFor();
  const agent = await new Agent(server, 'gardener', { name: 'Gardener' }).register();
  await eventually('it is handed out', () => agent.take());
  await row(page, 'Grow apples').getByText('Gardener').waitFor();
  await agent.complete();
  await row(page, 'Grow apples').getByText('1 / 6 tasks').waitFor();
  const { progress } = await server.call(`/executions/${id}`);
  const shown = await row(page, 'Grow apples').locator('[role=progressbar]').getAttribute('aria-valuenow');
  assert.equal(Number(shown), Math.round(progress.effort_percent));

  const titles = () => page.locator('.x-link').allTextContents();
  await page.keyboard.press('/');
  await page.keyboard.type('grow');
  await eventually('two are found', async () => (await titles()).length === 2);
  assert.deepEqual(await titles(), ['Grow pears', 'Grow apples']);
  await page.getByLabel('Order').selectOption('progress');
  await eventually('the furthest first', async () => (await titles())[0] === 'Grow apples');
  await page.getByLabel('Order').selectOption('priority');
  await eventually('the most urgent first', async () => (await titles())[0] === 'Grow pears');
  const chip = page.getByRole('group', { name: 'State' }).getByRole('button', { name: /Not started/ });
  await chip.click();
  await eventually('only what has not begun', async () => (await titles()).join() === 'Grow pears');
  assert.match(page.url(), /state=CREATED/);
  await chip.click();
  await page.getByRole('searchbox').fill('nothing at all like this');
  await page.getByText('Nothing fits').waitFor();
  await page.getByRole('searchbox').fill('apples');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(id));
  await page.goBack();
  await page.getByRole('heading', { name: 'Executions' }).waitFor();
  assert.equal(await page.evaluate(() => window.not_reloaded), true);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('everything is stopped by one switch, with a reason, and goes on again', { skip }, async () => {
  const page = await browser.open(server, '#/');
  const watching = await browser.open(server, '#/activity');
  await page.getByRole('button', { name: 'Stop everything' }).click();
  const yes = page.locator('dialog[open] button[type=submit]');
  assert.ok(await yes.isDisabled(), 'not without a reason');
  await page.locator('dialog[open] textarea').fill('The supplier has called');
  await confirm(page);
  await watching.getByText('Everything is paused: The supplier has called').waitFor();
  assert.equal((await server.call('/admin/switch')).paused, true);
  await page.getByRole('button', { name: 'Let everything go on' }).click();
  await confirm(page);
  await watching.getByText('Everything is paused').first().waitFor({ state: 'detached' });
  assert.equal((await server.call('/admin/switch')).paused, false);
  assert.deepEqual([...page.faults, ...watching.faults], []);
  await page.context().close();
  await watching.context().close();
});
