// The server dies in the middle and comes back: the page says so, heals by itself, and neither misses nor repeats anything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, why_not, words } from './browser.mjs';
import { Agent, Server, eventually, small_plan } from './server.mjs';

const skip = why_not();
let browser;
const servers = [];
before(async () => {
  if (skip) return console.log(skip);
  browser = await Browser.start();
});
after(async () => {
  await browser?.stop();
  for (const server of servers) await server.stop();
});

async function started(settings) {
  const server = await Server.start(settings);
  servers.push(server);
  return server;
}

const shown_seqs = (page) => page.locator('.event-seq').evaluateAll((found) => found.map((each) => Number(each.textContent)));
const newest_of = async (server, id) => (await server.call(`/executions/${id}/events?limit=1`))[0].seq;

/** What the page lists is what the server has, from the newest down, without hole or repeat. */
async function whole(page, server, id) {
  const newest = await newest_of(server, id);
  const seqs = await eventually(`event ${newest} is shown`, async () => {
    const found = await shown_seqs(page);
    return found[0] === newest && found;
  });
  assert.deepEqual(seqs, seqs.map((_, i) => newest - i));
}

/** Kills the server without a word, lets `meanwhile` pass on the new one, and waits until the page has healed. */
async function killed(server, page, meanwhile) {
  await server.end('SIGKILL');
  await page.getByText('The connection to the server is lost').waitFor();
  await server.launch();
  await meanwhile?.();
  await page.getByText('The connection to the server is lost').waitFor({ state: 'detached' });
}

test('the page outlives its server', { skip }, async () => {
  const server = await started({ PLANEXE_TASK_BACKOFF_SECONDS: '1' });
  const id = await server.start_plan(small_plan('To be interrupted'));
  const agent = await new Agent(server, 'ada', { name: 'Ada' }).register();
  const list = await browser.open(server, '#/');
  const page = await browser.open(server, `#/executions/${id}/events`);
  for (const each of [list, page]) await each.evaluate(() => (window.not_reloaded = true));
  await eventually('it is handed out', () => agent.take());
  await agent.report('task_progress', { progress_percent: 10, message: 'Before the crash' });
  await page.getByText('Before the crash').waitFor();
  await list.locator('.x-row').getByText('Ada').waitFor();

  await killed(server, page, async () => {
    await agent.report('task_progress', { progress_percent: 70, message: 'Right after it' });
  });
  await page.getByText('Right after it').waitFor();
  await whole(page, server, id);
  await agent.complete();
  await whole(page, server, id);
  await list.locator('.x-row').getByText('1 / 6 tasks').waitFor();
  assert.equal(await list.getByText('The connection to the server is lost').count(), 0);

  // Again, and what was done while it was away is in the list, too.
  await killed(server, list, () => server.start_plan(small_plan('Begun while nobody looked')));
  await list.locator('.x-row').filter({ hasText: 'Begun while nobody looked' }).waitFor();
  await page.locator('.link-state.live').waitFor();
  await eventually('the next is handed out', () => agent.take());
  await whole(page, server, id);
  await page.keyboard.press('1');
  await page.locator('.at-work').getByText('Ada').waitFor();
  for (const each of [list, page]) {
    assert.equal(await each.evaluate(() => window.not_reloaded), true);
    assert.deepEqual(each.faults, []);
    await each.context().close();
  }
});

test('a click while the server is away says that nothing was done', { skip }, async () => {
  const server = await started();
  const id = await server.start_plan(small_plan('Out of reach'));
  const page = await browser.open(server, `#/executions/${id}`);
  await page.locator('.link-state.live').waitFor();
  await server.end('SIGKILL');
  await page.locator('.link-state.broken').waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.locator('dialog[open] button[type=submit]').click();
  await page.locator('dialog[open] [role=alert]').waitFor();
  await server.launch();
  await page.locator('.link-state.live').waitFor();
  assert.notEqual((await server.call(`/executions/${id}`)).status, 'PAUSED');
  await page.locator('dialog[open] button[type=submit]').click();
  await page.locator('.exec-title .state').filter({ hasText: 'Paused' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('with keys: who has none is asked, who may only look does not steer, and both heal', { skip }, async () => {
  const server = await started({ PLANEXE_AUTH: 'required' });
  const made = async (role) => (await server.call('/keys', { role, name: `the ${role}` })).key;
  const [operator, viewer] = [await made('operator'), await made('viewer')];
  const id = await server.start_plan(small_plan('Behind a key'));
  const enter = async (page, key) => {
    await page.getByLabel('Key').fill(key);
    await page.getByRole('button', { name: 'Open' }).click();
  };

  const looks = await browser.open(server, `#/executions/${id}`);
  await enter(looks, 'pxk_0000000000000000000000000000000000000000');
  await looks.getByText('The server does not take the key').waitFor();
  await enter(looks, viewer);
  await looks.locator('.link-state.live').waitFor();
  await looks.locator('.who').getByText('viewer', { exact: true }).waitFor();
  assert.equal(await looks.locator('.controls button').count(), 0);
  assert.ok(!looks.url().includes('pxk_'));

  const steers = await browser.open(server, `#/executions/${id}`);
  const addresses = [];
  steers.on('websocket', (socket) => addresses.push(socket.url()));
  await enter(steers, operator);
  await steers.locator('.link-state.live').waitFor();
  await steers.locator('.controls button').first().waitFor();
  for (const page of [looks, steers]) await page.evaluate(() => (window.not_reloaded = true));

  await killed(server, steers);
  await looks.locator('.link-state.live').waitFor();
  await steers.locator('.link-state.live').waitFor();
  const tickets = addresses.map((address) => new URL(address).searchParams.get('token')).filter(Boolean);
  assert.ok(tickets.length >= 2);
  assert.equal(new Set(tickets).size, tickets.length, 'each connection has a ticket of its own');
  assert.ok(!addresses.some((address) => address.includes('pxk_')), 'no key in an address');

  await steers.getByRole('button', { name: 'Pause', exact: true }).click();
  await steers.locator('dialog[open] button[type=submit]').click();
  await looks.locator('.exec-title .state').filter({ hasText: 'Paused' }).waitFor();
  const events = await server.call(`/executions/${id}/events?type=execution_paused`);
  assert.equal(events[0].actor, 'the operator');
  // On the list of executions nothing can be begun or stopped by who only looks.
  await looks.goto(`${server.url}/#/`);
  assert.ok(await looks.getByRole('button', { name: 'Stop everything' }).isDisabled());
  assert.ok(await looks.getByRole('button', { name: 'New execution' }).isDisabled());
  assert.match(await words(looks.locator('.x-row').first()), /Behind a key/);
  for (const page of [looks, steers]) {
    assert.equal(await page.evaluate(() => window.not_reloaded), true);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});
