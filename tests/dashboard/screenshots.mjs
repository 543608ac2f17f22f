// Pictures of every page for the documentation: `node tests/dashboard/screenshots.mjs [NAME…]` makes docs/images anew.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, desktop, phone, too_wide } from './browser.mjs';
import { fill } from './lively.mjs';
import { smaller_png } from './png.mjs';
import { Server, eventually } from './server.mjs';
import { demo_plan, zip_of } from './zip.mjs';

const folder = process.env.IMAGES ?? new URL('../../docs/images/', import.meta.url).pathname;
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
const backups = mkdtempSync(join(tmpdir(), 'planexe-ax-backups-'));
const server = await Server.start({ PLANEXE_TASK_BACKOFF_SECONDS: '3600', PLANEXE_BACKUP_DIR: backups });
const browser = await Browser.start();
const { cafe, fork, harvest } = await fill(server);
await server.call('/admin/backups', { name: 'before-the-festival' });
const failed = (await server.call(`/executions/${cafe}/tasks?flat=true`)).find((task) => task.level === 'subtask' && task.status === 'ERROR');
const seqs = (await server.call(`/executions/${cafe}/events?limit=1`))[0].seq;

/** Name, address, and what shows that all is there. */
const pages = [
  ['executions', '#/', (page) => page.locator('.x-row').nth(5).waitFor()],
  ['execution', `#/executions/${cafe}`, async (page, is_phone) => {
    await page.getByRole('button', { name: 'All', exact: true }).click();
    if (is_phone) return;
    await page.evaluate((task) => (location.hash += `?task=${task}`), failed.task_id);
    await page.locator('.panel .why-say').waitFor();
    await page.evaluate(() => scrollTo(0, 0));
  }],
  ['graph', `#/executions/${cafe}/graph`, async (page) => {
    await page.locator('.g-box').first().waitFor();
    await page.getByRole('group', { name: 'How deep' }).getByRole('button', { name: 'Steps' }).click();
    await page.getByText('Laying out…').first().waitFor({ state: 'detached' });
  }],
  ['timeline', `#/executions/${cafe}/timeline`, async (page) => {
    await page.locator('.gantt-row').nth(3).waitFor();
    await page.getByRole('button', { name: 'Open all' }).click();
    await page.getByRole('button', { name: 'Own scales' }).click();
  }],
  ['events', `#/executions/${cafe}/events`, (page) => page.locator('.event').nth(5).waitFor()],
  ['blockers', `#/executions/${cafe}/blockers`, (page) => page.locator('.blocker').first().waitFor()],
  ['past', `#/executions/${cafe}?at=${Math.round(seqs * 0.6)}`, async (page) => {
    await page.locator('.density').waitFor();
    await page.getByRole('button', { name: 'All', exact: true }).click();
  }],
  ['record', `#/executions/${fork}/record`, (page) => page.locator('.verdict').waitFor()],
  ['fork', `#/executions/${fork}/compare?with=${harvest}`, (page) => page.locator('.outcomes > li').first().waitFor()],
  ['compare', `#/executions/${cafe}/compare?from=${Math.round(seqs / 3)}&until=${seqs}`, (page) => page.locator('.compare-sum').waitFor()],
  ['archived', '#/?archived=1', (page) => page.locator('.archived li').first().waitFor()],
  ['server', '#/server', (page) => page.locator('tbody').first().getByText('before-the-festival').waitFor()],
  ['new', '#/new', async (page) => {
    await page.getByLabel('A file with a plan').setInputFiles({ name: 'repair_cafe.zip', mimeType: 'application/zip', buffer: zip_of(demo_plan) });
    await page.locator('.look').waitFor();
  }],
  ['agents', '#/agents', (page) => page.locator('.agent-line').nth(5).waitFor()],
  ['agent', '#/agents/scout', (page) => page.locator('.feed-line').first().waitFor()],
  ['inbox', '#/inbox/mara', (page) => page.locator('.held-card .held-body').first().waitFor()],
  ['activity', '#/activity', (page) => page.locator('.feed-line').nth(10).waitFor()],
];
const looks = {
  desktop: { viewport: desktop },
  dark: { viewport: desktop, dark: true },
  phone: { viewport: phone, is_phone: true },
};

try {
  for (const [look, options] of Object.entries(looks)) {
    for (const [name, path, ready] of pages) {
      if (wanted.length && !wanted.includes(name)) continue;
      const page = await browser.open(server, path, { ...options, more: { reducedMotion: 'reduce' } });
      await ready(page, Boolean(options.is_phone));
      await eventually('the page rests', () => page.evaluate(() => document.fonts.ready.then(() => !document.querySelector('[aria-busy=true], .link-state.connecting'))));
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      // Of the views of an execution the view is what one wants to see, not its head again.
      if (/^(graph|timeline|events|blockers|record)$/.test(name)) await page.evaluate(() => {
        const tabs = document.querySelector('.frame-tabs').getBoundingClientRect().top;
        scrollTo(0, scrollY + tabs - document.querySelector('header.top').getBoundingClientRect().height);
      });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      writeFileSync(`${folder}/${name}-${look}.png`, smaller_png(await page.screenshot({ scale: 'css' })));
      for (const each of await too_wide(page)) console.log(`${name}-${look} is too wide: ${each}`);
      for (const fault of page.faults) console.log(`${name}-${look}: ${fault}`);
      await page.context().close();
    }
  }
} finally {
  await browser.stop();
  await server.stop();
  rmSync(backups, { recursive: true, force: true });
}
