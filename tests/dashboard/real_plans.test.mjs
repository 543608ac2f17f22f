// Plans as PlanExe really makes them, hundreds of tasks each. They lie beside the project, not in it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Browser, too_wide, why_not } from './browser.mjs';
import { Server } from './server.mjs';

const folder = process.env.REAL_PLANS ?? new URL('../../../shared/plans/_zips/', import.meta.url).pathname;
const there = existsSync(folder);
if (!there && process.env.CI === 'true') throw new Error(`no real plans at ${folder}`);
const skip = why_not() ?? (there ? undefined : `SKIPPED: the real plans are not at ${folder}`);
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

/** Enough to meet what real plans bring; all of them would take minutes. */
const tried = 3;

test('real plans are looked at and started', { skip }, async () => {
  const page = await browser.open(server, '#/new');
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.zip')).sort().slice(0, tried)) {
    await page.goto(`${server.url}/#/new`);
    await page.getByLabel('A file with a plan').setInputFiles(`${folder}/${name}`);
    await page.locator('.look').waitFor();
    await page.locator('.branch-head').first().click();
    assert.deepEqual(await too_wide(page), [], name);
    await page.getByRole('button', { name: 'Keep and start' }).click();
    const asked = page.locator('dialog[open] button[type=submit]');
    await Promise.race([asked.waitFor(), page.waitForURL(/executions/)]);
    if (await asked.isVisible()) await asked.click();
    await page.waitForURL(/executions/);
    await page.locator('.tree-body [role=row]').first().waitFor();
    assert.deepEqual(await too_wide(page), [], name);
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
