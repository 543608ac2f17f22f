// Agents and people: their list, their pages, a person's inbox, and what everybody did.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, confirm, why_not, words } from './browser.mjs';
import { Agent, Server, eventually, small_plan } from './server.mjs';

const skip = why_not();
let server, browser;
before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start({ PLANEXE_TASK_BACKOFF_SECONDS: '1' });
  browser = await Browser.start();
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

const dialog = (page) => page.locator('dialog[open]');
const said = (page, text) => page.locator('.toasts').getByText(text).first().waitFor();

test('agents are registered, found, changed, paused and retired', { skip }, async () => {
  const page = await browser.open(server, '#/agents');
  await page.getByRole('button', { name: 'Register' }).first().click();
  await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('Nadia');
  await dialog(page).getByLabel('Kind').selectOption('ai');
  await dialog(page).getByLabel(/^Id/).fill('nadia');
  await dialog(page).getByLabel(/^Roles/).fill('Writer, Editor');
  await dialog(page).getByLabel(/^Actions/).fill('write, edit');
  await dialog(page).getByLabel(/^Tasks at once/).fill('2');
  await confirm(page);
  await page.waitForURL(/#\/agents\/nadia/);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Agents' }).click();
  const line = (name) => page.locator('.agent-line').filter({ hasText: name });
  await line('Nadia').waitFor();
  const nadia = await server.call('/agents/nadia');
  assert.deepEqual([nadia.kind, nadia.roles, nadia.max_concurrent_tasks, nadia.capabilities.map((each) => each.action)], ['ai', ['Writer', 'Editor'], 2, ['write', 'edit']]);
  // Whoever comes by the API is there without a reload.
  await new Agent(server, 'omar', { name: 'Omar', role: 'Builder' }).register();
  await line('Omar').waitFor();
  await page.getByRole('searchbox').fill('writer');
  await eventually('only Nadia', async () => (await page.locator('.agent-line').count()) === 1 && (await line('Nadia').count()) === 1);
  await page.getByRole('searchbox').fill('nobody at all');
  await page.getByText('Nobody fits').waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await line('Omar').waitFor();
  await page.locator('select.role-filter').selectOption('Builder');
  await line('Nadia').waitFor({ state: 'detached' });
  await page.locator('select.role-filter').selectOption('');

  await line('Nadia').getByRole('link', { name: 'Nadia' }).click();
  await page.getByRole('heading', { name: 'Nadia' }).waitFor();
  await page.getByRole('button', { name: 'Change' }).click();
  await dialog(page).getByLabel(/^Roles/).fill('Writer');
  await dialog(page).getByLabel(/^Tasks at once/).fill('3');
  await confirm(page);
  await eventually('it is changed', async () => {
    const { roles, max_concurrent_tasks } = await server.call('/agents/nadia');
    return roles.join() === 'Writer' && max_concurrent_tasks === 3;
  });
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.locator('.agent-head').getByText('Paused').waitFor();
  assert.equal((await server.call('/agents/nadia')).status, 'paused');
  await page.getByRole('button', { name: 'Let work again' }).click();
  await page.locator('.agent-head').getByText('Paused').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Retire' }).click();
  await confirm(page);
  await page.locator('.agent-head').getByText('Retired').waitFor();
  assert.equal((await server.call('/agents/nadia')).status, 'retired');
  assert.equal(await page.getByRole('button', { name: 'Retire' }).count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a person takes tasks, reports in every way, and decides', { skip }, async () => {
  const page = await browser.open(server, '#/inbox');
  await page.getByRole('button', { name: 'Register a person' }).click();
  await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('Zoë Quinn');
  await dialog(page).getByLabel(/^Id/).fill('zoe');
  await confirm(page);
  await page.waitForURL(/#\/inbox\/zoe/);
  await page.getByText('You hold nothing').waitFor();
  const task = (id, title) => ({ task_id: id, title, description: `How to ${title}`, assignee_role: 'anybody' });
  const id = await server.start_plan({ goal: 'Hold a workshop', phases: [{ phase_id: 'p', name: 'All', tasks: [task('a', 'Read it'), task('b', 'Answer it'), task('c', 'Print it'), task('d', 'Fold it')] }] });
  const status = async (task_id) => (await server.call(`/executions/${id}/tasks?flat=true`)).find((each) => each.task_id === task_id);
  const held = page.locator('.held-card');

  // It comes up without a reload; one is asked for by name, the others as the server sees fit.
  await page.getByRole('button', { name: 'Take Answer it' }).click();
  await held.getByText('How to Answer it').waitFor();
  assert.equal((await status('b')).agent_id, 'zoe');
  await held.getByRole('button', { name: 'Start', exact: true }).click();
  await held.getByRole('button', { name: 'Start', exact: true }).waitFor({ state: 'detached' });
  await held.getByRole('button', { name: 'Progress' }).click();
  await dialog(page).locator('input[type=range]').fill('60');
  await dialog(page).locator('textarea').last().fill('Half of the letters');
  await confirm(page);
  await eventually('the progress is known', async () => (await status('b')).progress_percent === 60);
  await held.getByRole('button', { name: 'Done' }).click();
  await dialog(page).locator('textarea').first().fill('{"letters": 12}');
  await confirm(page);
  await eventually('it is done', async () => (await status('b')).status === 'COMPLETE');
  assert.deepEqual((await status('b')).result, { letters: 12 });
  await held.first().waitFor({ state: 'detached' });

  // Waiting for something: it is asked about, unblocked, and taken again.
  await page.getByRole('button', { name: 'Take the next', exact: true }).click();
  await held.waitFor();
  const second = (await server.call('/agents/zoe')).held_tasks[0].task_id;
  await held.getByRole('button', { name: 'Waiting for something' }).click();
  await dialog(page).locator('textarea').fill('The keys to the hall');
  await confirm(page);
  const asked = page.locator('.ask-list li');
  await asked.getByText('The keys to the hall').waitFor();
  assert.equal((await status(second)).status, 'BLOCKED');
  await asked.getByRole('button', { name: 'Unblock' }).click();
  await eventually('it goes on', async () => (await status(second)).status !== 'BLOCKED');
  await asked.first().waitFor({ state: 'detached' });

  // It failed for good: a person decides.
  await page.getByRole('button', { name: 'Take the next', exact: true }).click();
  await held.waitFor();
  const third = (await server.call('/agents/zoe')).held_tasks[0].task_id;
  await held.getByRole('button', { name: 'It failed' }).click();
  await dialog(page).locator('textarea').fill('The printer is broken');
  await dialog(page).getByLabel('It may be tried again').uncheck();
  await confirm(page);
  await asked.getByText(/The printer is broken/).waitFor();
  assert.equal((await status(third)).status, 'ERROR');
  await asked.getByRole('button', { name: 'Skip' }).click();
  await confirm(page);
  await eventually('it is left out', async () => (await status(third)).status === 'SKIPPED');
  await page.getByText('Nothing waits for a word of yours.').waitFor();

  await page.getByRole('link', { name: 'Somebody else' }).click();
  await page.locator('.people').getByText('Zoë Quinn').waitFor();
  await page.goto('about:blank');
  await page.goto(`${server.url}/#/inbox`);
  await page.waitForURL(/#\/inbox\/zoe/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a person who reloads the page still holds what they took', { skip }, async () => {
  await server.start_plan({ goal: 'Keep it', phases: [{ phase_id: 'p', name: 'All', tasks: [{ task_id: 'a', title: 'Keep this', description: 'And do not let go' }] }] }, { priority: 9 });
  await server.call('/agents', { agent_id: 'kim', name: 'Kim', kind: 'human', roles: ['*'], capabilities: [{ action: '*' }] });
  const page = await browser.open(server, '#/inbox/kim');
  await page.getByRole('button', { name: 'Take the next task' }).click();
  await page.locator('.held-card').getByText('And do not let go').waitFor();
  await page.reload();
  await page.locator('.held-card').getByText('And do not let go').waitFor();
  await page.locator('.held-card').getByRole('button', { name: 'Done' }).click();
  await confirm(page);
  await page.getByText('You hold nothing').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what happened is told as it happens, held, and filtered', { skip }, async () => {
  const page = await browser.open(server, '#/activity');
  const lines = page.locator('.feed-line');
  await lines.first().waitFor();
  const id = await server.start_plan(small_plan('Told as it happens'), { priority: 99 });
  await lines.filter({ hasText: 'Told as it happens' }).first().waitFor();
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  const shown = await lines.count();
  const omar = new Agent(server, 'omar');
  await eventually('it is handed out', () => omar.take());
  await omar.report('task_error', { error_type: 'broken', error_message: 'The hammer broke', retryable: false });
  await page.getByRole('button', { name: /new lines?$/ }).waitFor();
  assert.equal(await lines.count(), shown);
  await page.getByRole('button', { name: 'Go on' }).click();
  await lines.getByText('The hammer broke').first().waitFor();

  await page.getByRole('group', { name: 'Kind' }).getByRole('button', { name: 'Trouble' }).click();
  await eventually('trouble alone', async () => (await lines.count()) < shown);
  await lines.getByText('The hammer broke').first().waitFor();
  await page.getByRole('group', { name: 'Kind' }).getByRole('button', { name: 'Trouble' }).click();
  await page.getByLabel('Execution', { exact: true }).selectOption(id);
  const entries = await server.call(`/activity?execution_id=${id}&limit=100`);
  await eventually('that one alone', async () => (await words(page.locator('.feed'))).includes('The hammer broke') && (await lines.count()) <= entries.length);
  assert.match(page.url(), new RegExp(`execution=${id}`));
  await page.getByLabel('Execution', { exact: true }).selectOption('');
  await page.getByLabel('Agent', { exact: true }).selectOption('zoe');
  await eventually('hers alone', async () => {
    const all = await lines.allTextContents();
    return all.length > 0 && all.every((line) => line.includes('Zoë'));
  });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
