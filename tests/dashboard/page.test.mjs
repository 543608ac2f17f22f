// The page as such: it comes quickly, small, from the server's own address alone, and within its policy.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Browser, why_not } from './browser.mjs';
import { Server, eventually, small_plan } from './server.mjs';

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

test('the first page needs less than 70 KB of script gzipped', { skip }, async () => {
  const id = await server.start_plan(small_plan());
  const page = await browser.open(server, `#/executions/${id}`);
  await page.getByRole('heading', { name: 'A small plan' }).first().waitFor();
  const scripts = await page.evaluate(() =>
    performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('.js')).map((entry) => entry.name));
  assert.ok(scripts.length > 0);
  let bytes = 0;
  for (const script of scripts) {
    const response = await fetch(script, { headers: { 'Accept-Encoding': 'identity' } });
    bytes += gzipSync(Buffer.from(await response.arrayBuffer()), { level: 9 }).length;
  }
  assert.ok(bytes < 70 * 1024, `${bytes} bytes of script`);
  console.log(`script ${bytes} bytes gzipped`);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the first paint waits for no answer of the API', { skip }, async () => {
  const page = await browser.open(server, '#/');
  let answer, asked = 0;
  const may_answer = new Promise((resolve) => (answer = resolve));
  await page.route('**/api/**', async (route) => {
    ++asked;
    await may_answer;
    await route.continue().catch(() => {});
  });
  await page.reload();
  await eventually('it is painted', () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint').length));
  assert.ok(asked > 0);
  answer();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('nothing inline is let through, and nothing from elsewhere', { skip }, async () => {
  const page = await browser.open(server, '#/');
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  const ran = await page.evaluate(async () => {
    const blocked = [];
    document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
    const inline = document.createElement('script');
    try {
      inline.textContent = 'window.inline_ran = true';
    } catch {
      blocked.push('trusted-types');
    }
    document.body.append(inline);
    const picture = new Image();
    picture.src = 'http://127.0.0.2:9/x.png';
    await fetch('http://127.0.0.2:9/').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { inline: Boolean(window.inline_ran), blocked };
  });
  assert.equal(ran.inline, false);
  for (const directive of ['img-src', 'connect-src']) assert.ok(ran.blocked.includes(directive), directive);
  await page.context().close();
});
