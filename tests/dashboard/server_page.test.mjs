// The page for those who run the server: its log, its views, its disk, its backups.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, why_not, words } from './browser.mjs';
import { Server, eventually, small_plan } from './server.mjs';

const skip = why_not();
let server, browser, folder;
before(async () => {
  if (skip) return console.log(skip);
  folder = mkdtempSync(join(tmpdir(), 'planexe-ax-backups-'));
  server = await Server.start({ PLANEXE_AUTH: 'required', PLANEXE_BACKUP_DIR: folder });
  browser = await Browser.start();
  await server.start_plan(small_plan('Something to count'));
});
after(async () => {
  await browser?.stop();
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const key_of = async (role) => (await server.call('/keys', { role, name: `the ${role}` })).key;
async function opened(role) {
  const page = await browser.open(server, '#/server');
  await page.getByLabel('Key').fill(await key_of(role));
  await page.getByRole('button', { name: 'Open' }).click();
  await page.locator('.figures').waitFor();
  return page;
}
const figure = (page, name) => page.locator('.figure').filter({ hasText: name }).locator('dd').first();

test('the log and its views are told in numbers that follow', { skip }, async () => {
  const page = await opened('operator');
  const { log_position, version, views } = await server.call('/admin/metrics');
  await eventually('the events of the log', async () => (await words(figure(page, 'Events in the log'))) === log_position.toLocaleString('en-GB'));
  assert.equal(await words(figure(page, 'Release')), version);
  assert.deepEqual(await page.getByRole('region', { name: 'Views of the log' }).locator('tbody th').allTextContents(), views.map((view) => view.name));
  await server.start_plan(small_plan('More of it'));
  await eventually('more events', async () => Number((await words(figure(page, 'Events in the log'))).replace(',', '')) > log_position);
  assert.equal(await page.locator('.nav').getByRole('link', { name: 'Server' }).getAttribute('aria-current'), 'page');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('who may only look is not led there', { skip }, async () => {
  const page = await opened('viewer');
  assert.equal(await page.locator('.nav').getByRole('link', { name: 'Server' }).count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('an admin sees the backups, and makes one', { skip }, async () => {
  const page = await opened('admin');
  const backups = page.getByRole('region', { name: 'Backups' });
  await backups.getByText('None has been made yet.').waitFor();
  await backups.getByRole('button', { name: 'Back up now' }).click();
  await page.getByText('The backup is made.').waitFor();
  await backups.getByText('The last one was made').waitFor();
  const [made] = await server.call('/admin/backups');
  assert.deepEqual(await backups.locator('tbody th').allTextContents(), [made.name]);
  assert.deepEqual(readdirSync(folder), [made.name]);
  const { disk } = await server.call('/admin/metrics');
  assert.equal(disk.state, 'ok');
  assert.match(await words(figure(page, 'Room on the disk')), /^[\d.]+ [KMGT]B$/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('where there is no place for backups, the page says so', { skip }, async () => {
  const other = await Server.start();
  const page = await browser.open(other, '#/server');
  await page.getByText('PLANEXE_BACKUP_DIR').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Back up now' }).count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
  await other.stop();
});
