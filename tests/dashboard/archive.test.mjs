// What is over leaves the log: archived in the page, listed, and looked at as before, but never changed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, confirm, why_not, words } from './browser.mjs';
import { Agent, Server, eventually, small_plan } from './server.mjs';

const skip = why_not();
let server, browser, done, cancelled, live;
before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start({ PLANEXE_TASK_BACKOFF_SECONDS: '1' });
  browser = await Browser.start();
  const one_task = (title) => ({ goal: title, phases: [{ phase_id: 'p', name: 'All', tasks: [{ task_id: 'a', title: 'Do it', action: 'write', assignee_role: 'worker' }] }] });
  done = await server.start_plan(one_task('Over and done'));
  const agent = await new Agent(server, 'worker', { name: 'Worker' }).register();
  await eventually('the task', () => agent.take());
  await agent.report('task_started', { message: 'Here goes' });
  await agent.complete({ summary: 'It is done' });
  await eventually('it is complete', async () => (await server.call(`/executions/${done}`)).status === 'COMPLETED');
  cancelled = await server.start_plan(small_plan('Given up'));
  await server.call(`/executions/${cancelled}`, { status: 'CANCELLED', reason: 'Not needed' }, 'PATCH');
  live = (await server.call('/executions', { plan: small_plan('Not begun') })).execution_id;
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

test('what goes on cannot be archived, what is over can, and is read-only then', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${live}`);
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Archive…' }).count(), 0);

  const events = await server.call(`/executions/${done}/events`);
  await page.goto(`${server.url}/#/executions/${done}`);
  await page.getByRole('button', { name: 'Archive…' }).click();
  await confirm(page);
  await page.locator('.archived-bar').getByText('nothing of it can be changed any more').waitFor();
  assert.equal((await server.call(`/executions/${done}`)).archived, true);
  assert.equal(await page.locator('.controls').count(), 0);
  assert.equal(await page.locator('.exec-title').getByText('Archived').count(), 1);
  assert.deepEqual(page.faults, []);

  // Opened anew it is the same, and asks for nothing again and again.
  await page.reload();
  await page.locator('.archived-bar').waitFor();
  await page.locator('.exec-title .state').filter({ hasText: 'Completed' }).waitFor();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.locator('.tree-body [role=row]').filter({ hasText: 'Do it' }).click();
  await page.locator('.panel').getByText('It is done').first().waitFor();
  await page.keyboard.press('4');
  await eventually('all its events', async () => (await page.locator('.event-list .event-seq').count()) === events.length);
  await page.getByRole('slider', { name: 'Moment' }).fill('2');
  await page.locator('.past-bar').getByText(`(seq 2 of ${events.length})`).waitFor();
  await page.getByRole('button', { name: 'Back to now', exact: true }).click();
  await page.keyboard.press('3');
  await page.locator('.gantt-rows [role=row]').first().waitFor();
  await page.keyboard.press('6');
  await page.getByText('Whole and unchanged.').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('archived executions have a list of their own, and leave the other one', { skip }, async () => {
  const page = await browser.open(server, '#/');
  const watching = await browser.open(server, '#/');
  await watching.locator('.x-row').filter({ hasText: 'Given up' }).waitFor();
  assert.equal(await watching.locator('.x-row').filter({ hasText: 'Over and done' }).count(), 0);
  await server.call(`/executions/${cancelled}/archive`, {});
  await watching.locator('.x-row').filter({ hasText: 'Given up' }).waitFor({ state: 'detached' });

  await page.getByRole('link', { name: 'Archived' }).click();
  const rows = page.locator('.archived li');
  await eventually('both', async () => (await rows.count()) === 2);
  assert.match(await words(rows.first()), /^Cancelled *Given up/);
  const listed = await server.call('/executions?archived=true');
  assert.deepEqual(await rows.locator('a').allTextContents(), listed.map((row) => row.title));
  await page.getByRole('button', { name: 'Completed' }).click();
  await eventually('one', async () => (await rows.count()) === 1);
  await page.getByRole('button', { name: 'Completed' }).click();
  await page.getByRole('searchbox').fill('nothing like it');
  await page.getByText('None of those read so far has these words.').waitFor();
  await page.getByRole('searchbox').fill('over');
  await page.getByRole('link', { name: 'Over and done' }).click();
  await page.locator('.archived-bar').waitFor();
  for (const each of [page, watching]) {
    assert.deepEqual(each.faults, []);
    await each.context().close();
  }
});
