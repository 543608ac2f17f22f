// A plan of 5,000 steps: only what is looked at is drawn, however it is moved through.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Browser, why_not } from './browser.mjs';
import { Agent, Server, eventually, large_plan } from './server.mjs';

const skip = why_not();
let server, browser, id;
const leaves = 5_000;
/** Rows that a window shows, and as many again in spare. */
const most_rows = 150;
const script_limit = 120 * 1024;

before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start();
  browser = await Browser.start();
  id = await server.start_plan(large_plan());
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

test('thousands of steps are opened, scrolled to the end, searched and followed', { skip }, async () => {
  const page = await browser.open(server, '#/');
  await page.locator('.x-link').first().click();
  const rows = page.locator('.tree-body [role=row]');
  await rows.first().waitFor();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await eventually('all are there', async () => Number(await page.locator('[role=treegrid]').getAttribute('aria-rowcount')) === leaves + 20 * 25 + 20 + 1);
  assert.ok((await rows.count()) < most_rows, `${await rows.count()} rows are drawn`);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await rows.filter({ hasText: 'Step 19.24.9' }).waitFor();
  assert.ok((await rows.count()) < most_rows);
  await rows.last().focus();
  await page.keyboard.press('Home');
  await eventually('the focus is on the first', () => page.evaluate(() => document.activeElement.matches('[role=row]') && document.activeElement.textContent.includes('Phase 0')));
  await page.keyboard.press('/');
  await page.keyboard.type('Step 17.3.7');
  await rows.filter({ hasText: 'Step 17.3.7' }).waitFor();
  await page.getByLabel('Find a task').fill('');

  const agent = await new Agent(server, 'ada', { name: 'Ada' }).register();
  for (let i = 0; i < 20; i++) {
    await eventually('the next', () => agent.take());
    await agent.complete();
  }
  await page.locator('.bar-line').first().getByText('20 of 5000').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('all views of a visit need less than 120 KB of script', { skip }, async () => {
  const page = await browser.open(server, '#/');
  const scripts = new Map();
  page.context().on('response', (response) => {
    if (new URL(response.url()).pathname.endsWith('.js')) scripts.set(response.url(), response.body());
  });
  await page.reload();
  const visited = [
    ['#/', '.x-row'], ['#/agents', '.agent-line, .card.empty'], ['#/inbox', 'h1'], ['#/plans', '.plan-line, .empty'], ['#/new', '.choose'], ['#/activity', '.feed-line'],
    ['#/server', '.figures'], ['#/?archived=1', '.chip'],
    [`#/executions/${id}`, '.tree-body'], [`#/executions/${id}/graph`, '.g-box'], [`#/executions/${id}/timeline`, '.gantt-rows'],
    [`#/executions/${id}/events`, '.event'], [`#/executions/${id}/blockers`, '.frame-view h2'], [`#/executions/${id}/compare?from=1&until=9`, '.compare-sum'],
    [`#/executions/${id}/record`, '.record-steps'],
  ];
  for (const [view, there] of visited) {
    await page.goto(`${server.url}/${view}`);
    await page.locator(there).first().waitFor();
  }
  let bytes = 0;
  for (const body of scripts.values()) bytes += gzipSync(await body, { level: 9 }).length;
  console.log(`${scripts.size} scripts, ${bytes} bytes gzipped`);
  assert.ok(scripts.size >= 5, 'the views come one by one');
  assert.ok(bytes < script_limit, `${bytes} bytes of script`);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
