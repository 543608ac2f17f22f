// The record of an execution: whether it is whole, taken along, forked, and held against what it was forked from.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, confirm, why_not, words } from './browser.mjs';
import { Agent, Server, eventually, program, small_plan } from './server.mjs';

const skip = why_not();
let server, browser, id, agent;
before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start({ PLANEXE_TASK_BACKOFF_SECONDS: '1' });
  browser = await Browser.start();
  id = await server.start_plan(small_plan('A record to keep'), { options: { review_threshold: 0, sequencing: 'dependencies' } });
  agent = await new Agent(server, 'worker', { name: 'Worker' }).register();
  for (let done = 0; done < 3; done++) {
    await eventually('the next task', () => agent.take());
    await agent.complete({ by: 'the first way', number: done });
  }
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

const events_of = (of, more = '') => server.call(`/executions/${of}/events?order=asc&limit=1000${more}`);

test('the record is said to be whole, and its hash can be taken along', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}`, { more: { permissions: ['clipboard-read', 'clipboard-write'] } });
  await page.locator('.frame-tabs').getByRole('link', { name: 'Record' }).click();
  const events = await events_of(id);
  const audit = await server.call(`/executions/${id}/audit`);
  assert.deepEqual([audit.verified, audit.events, audit.head_hash], [true, events.length, events.at(-1).hash]);
  const whole = page.getByRole('region', { name: 'Is the record whole?' });
  await whole.getByText('Whole and unchanged.').waitFor();
  assert.match(await words(whole), new RegExp(`Each of its ${events.length} events is as it was recorded`));
  assert.equal(await words(whole.locator('.hash')), audit.head_hash);
  await whole.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('The hash is copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), audit.head_hash);

  await agent.take();
  await agent.report('task_progress', { progress_percent: 20 });
  await whole.getByRole('button', { name: 'Check again' }).click();
  const longer = (await events_of(id)).length;
  await whole.getByText(`Each of its ${longer} events`).waitFor();
  await page.getByRole('region', { name: 'Check it yourself' }).getByText(`planexe-ax verify ${id} --url ${server.url}`).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a damaged record names its first bad event, and leads to what is whole', { skip }, async () => {
  const page = await browser.open(server, '#/');
  await page.route('**/api/executions/*/audit', (route) => route.fulfill({ json: { events: 9, head_hash: 'ab'.repeat(32), verified: false, stands_to: 3, first_bad_seq: 4, problem: 'its hash does not follow from event 3' } }));
  await page.goto(`${server.url}/#/executions/${id}/record`);
  const whole = page.getByRole('region', { name: 'Is the record whole?' });
  await whole.getByText('Damaged.').waitFor();
  assert.match(await words(whole), /Event 4 is not as it was recorded\. Events 1 to 3 are as they were written\. .*its hash does not follow from event 3/);
  await whole.getByRole('link', { name: 'Look at the last moment that is whole' }).click();
  await page.locator('.past-bar').getByText('(seq 3 of').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the record is downloaded as the server exports it', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}/record`);
  // In pages of a few lines, as a record of a million comes in pages of thousands.
  let pages = 0;
  await page.route('**/export?*', (route) => {
    pages++;
    return route.continue({ url: route.request().url().replace('limit=1000', 'limit=4') });
  });
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the record' }).click()]);
  assert.equal(file.suggestedFilename(), `${id}.jsonl`);
  const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  const events = await events_of(id);
  assert.equal(lines.length, events.length);
  assert.equal(pages, Math.ceil(events.length / 4));
  assert.equal(readFileSync(await file.path(), 'utf8'), await (await fetch(`${server.url}/api/executions/${id}/export`)).text());
  assert.deepEqual(lines.map((line) => [line.id, line.hash]), events.map((event) => [event.event_id, event.hash]));
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the commands that the page gives check the record without it', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}/record`);
  await page.getByText('Whole and unchanged.').waitFor();
  const commands = await page.getByRole('region', { name: 'Check it yourself' }).locator('code').allTextContents();
  assert.equal(commands.length, 4);
  const folder = mkdtempSync(join(tmpdir(), 'planexe-ax-checks-'));
  const run = (command) => {
    const [name, ...words_of_it] = command.split(' ');
    assert.equal(name, 'planexe-ax');
    const given = words_of_it.map((word) => ({ DATA: join(server.folder, 'data'), KEY: 'key.pem', 'KEY.pub': 'key.pem.pub' })[word] ?? word);
    return execFileSync(program, given, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  };
  try {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the record' }).click()]);
    await file.saveAs(join(folder, file.suggestedFilename()));
    run('planexe-ax audit keygen KEY');
    // Each ends with 0, or throws.
    const said = commands.map(run);
    assert.match(said[1], /A record to keep/);
    // A proof with another event's bytes, or a file with a changed byte, is refused.
    const record = join(folder, file.suggestedFilename());
    writeFileSync(record, readFileSync(record, 'utf8').replace('"sequence":"00000000000000000002"', '"sequence":"00000000000000000003"'));
    assert.throws(() => run(commands[1]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

let fork_id;
test('another way begins from a moment in the past, and the old one stays as it is', { skip }, async () => {
  const events = await events_of(id);
  const seq = events.find((event) => event.event_type === 'task_complete').seq;
  const page = await browser.open(server, `#/executions/${id}?at=${seq}`);
  await page.locator('.past-bar').getByRole('button', { name: 'Fork from here…' }).click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByRole('heading', { name: `Fork from event ${seq}?` }).waitFor();
  await dialog.getByLabel('Title').fill('With another worker');
  await dialog.getByLabel(/^Reason/).fill('To see who is quicker');
  await confirm(page);
  await page.getByRole('heading', { level: 1, name: 'With another worker' }).waitFor();
  fork_id = page.url().match(/executions\/([^?/]+)/)[1];
  assert.notEqual(fork_id, id);
  const fork = await server.call(`/executions/${fork_id}`);
  assert.deepEqual([fork.forked_from, fork.status, fork.title], [{ execution_id: id, seq }, 'PAUSED', 'With another worker']);
  assert.match(JSON.stringify((await events_of(fork_id)).at(-1)), /To see who is quicker/);
  assert.equal((await events_of(id)).length, events.length, 'nothing is written to the old one');

  await page.locator('.exec-title .state').filter({ hasText: 'Paused' }).waitFor();
  const from = page.locator('.exec-origin');
  assert.equal(await words(from.locator('> span')), `Forked from A record to keep, after its event ${seq}`);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('.exec-title .state').filter({ hasText: /Running|Queued/ }).waitFor();
  await from.getByRole('link', { name: 'A record to keep' }).click();
  await page.locator('.past-bar').getByText(`(seq ${seq} of`).waitFor();
  assert.match(page.url(), new RegExp(id));
  await page.locator('.frame-tabs').getByRole('link', { name: 'Record' }).click();
  await page.getByRole('region', { name: 'Forks' }).getByRole('link', { name: 'With another worker', exact: true }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a fork is held against what it was forked from', { skip }, async () => {
  const other = await new Agent(server, 'quick', { name: 'Quick' }).register();
  await server.call(`/executions/${fork_id}`, { priority: 9 }, 'PATCH');
  await eventually('a task of the fork', async () => (await other.take())?.execution_id === fork_id);
  await other.complete({ by: 'the other way' });
  const page = await browser.open(server, `#/executions/${fork_id}`);
  await page.locator('.exec-origin').getByRole('link', { name: 'Compare with it' }).click();
  const compared = await server.call(`/executions/${fork_id}/compare?with=${id}`);
  await eventually('it is said in a sentence', async () => (await words(page.locator('.compare-sum'))).includes(`${compared.tasks_different} step`));
  assert.match(await words(page.locator('.compare-sum')), new RegExp(`^The first ${compared.shared_events} events are the same in both`));
  const shown = page.locator('.outcomes > li');
  assert.equal(await shown.count(), compared.tasks_different);
  const [different] = compared.tasks.filter((task) => !task.same && task.differs.includes('agent'));
  const row = shown.filter({ hasText: different.title });
  await row.getByRole('link', { name: 'Quick' }).waitFor();
  await page.getByRole('button', { name: /^All/ }).click();
  assert.equal(await shown.count(), compared.tasks.length);
  const completed = page.locator('.outcome-numbers tr').filter({ hasText: 'Completed' });
  assert.equal(await words(completed), `Completed${compared.execution.tasks_completed}${compared.with.tasks_completed}`);
  await page.getByRole('link', { name: '← To the execution' }).click();
  await page.locator('.exec-origin').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
