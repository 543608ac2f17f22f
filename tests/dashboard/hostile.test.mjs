// Whatever plans and agents write is shown as text: nothing of it runs, hides, turns the page around or breaks it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, desktop, phone, too_wide, why_not } from './browser.mjs';
import { Agent, Server, eventually } from './server.mjs';

const skip = why_not();
let server, browser, id;

const markup = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script><b>bold</b> &amp; &lt;';
const turned = 'invoice\u202Efdp.exe\u202C \u2067right\u2069 \u200Fmark';
const controls = 'bell\u0007 escape\u001b[31m null-like\u0001 zero\u200Bwidth';
const rtl = 'مرحبا بالعالم שלום';
const emoji = '🧑🏽‍🚒🔥 zwj 👨‍👩‍👧‍👦 🇺🇦';
const long = `long${'W'.repeat(9_990)}end`;
const name = `<svg onload="window.hacked=3"> Eve\u202E`;

before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start({ PLANEXE_TASK_BACKOFF_SECONDS: '1' });
  browser = await Browser.start();
  const titles = [markup, turned, controls, rtl, emoji];
  id = await server.start_plan({
    goal: `${markup} ${turned}`,
    phases: [
      { phase_id: 'p', name: `Phase ${markup}`, tasks: titles.map((title, i) => ({ task_id: `t${i}`, title, description: `${title}\n${controls}\n${markup}`, assignee_role: `role ${markup}`, action: 'write' })) },
      { phase_id: 'q', name: long.slice(0, 500), tasks: [{ task_id: 'x', title: 'W'.repeat(500), description: long, assignee_role: 'W'.repeat(100) }] },
    ],
  }, { title: `${markup} ${turned} ${emoji}`, priority: 1 });
  const eve = await new Agent(server, 'eve', { name }).register();
  await eventually('it is handed out', () => eve.take());
  await eve.report('task_progress', { progress_percent: 20, message: `${markup} ${turned} ${controls}` });
  await eve.complete({ report: markup, [markup]: turned, long, deep: [[[rtl]]] });
  await eventually('the next', () => eve.take());
  await eve.report('task_error', { error_type: markup, error_message: `${markup} ${turned} ${long}`, retryable: false });
  await eventually('one more', () => eve.take());
  await eve.report('task_blocked', { message: `${markup} ${turned} ${long.slice(0, 2_000)}`, max_wait_hours: 1 });
  await eventually('and one that is held', () => eve.take());
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

const views = () => [
  '#/', `#/executions/${id}?task=t0`, `#/executions/${id}?task=t1`, `#/executions/${id}?task=x`, `#/executions/${id}/graph?task=t0`,
  `#/executions/${id}/timeline`, `#/executions/${id}/events`, `#/executions/${id}/blockers`, `#/executions/${id}/compare?from=2&until=9`,
  '#/agents', '#/agents/eve', '#/inbox/eve', '#/activity', `#/activity?execution=${encodeURIComponent(markup)}`, `#/nowhere/${encodeURIComponent(markup)}`,
];

/** Elements that no page of the dashboard makes by itself, and what must not have happened. */
const harm = (page) => page.evaluate(() => ({
  hacked: window.hacked, made: document.querySelectorAll('main img, main script, main b b, main iframe, main svg[onload]').length,
  raw: /[\u202a-\u202e\u2066-\u2069\u200b\u200f\u0001-\u0008]/.exec(document.body.textContent)?.[0].codePointAt(0),
}));

for (const [device, options] of Object.entries({ desktop: { viewport: desktop }, phone: { viewport: phone, is_phone: true } })) {
  test(`hostile text is only text, on a ${device}`, { skip }, async () => {
    const page = await browser.open(server, '#/', options);
    await page.locator('.x-row').first().waitFor();
    for (const view of views()) {
      await page.goto(`${server.url}/${view}`);
      await eventually(`${view} is there`, () => page.evaluate(() => !document.querySelector('main [aria-busy=true]') && document.querySelector('main').textContent.length > 20));
      assert.deepEqual(await harm(page), { hacked: undefined, made: 0, raw: undefined }, view);
      assert.deepEqual(await too_wide(page), [], `${view} can be scrolled sideways`);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test('what cannot be seen is shown by its code', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}`);
  const title = page.locator('.exec-head h1');
  await title.waitFor();
  const text = await title.textContent();
  assert.ok(text.includes('<script>window.hacked=2</script>'), 'markup stands there as it was written');
  assert.ok(text.includes('&amp; &lt;'));
  assert.ok(text.includes('invoice⟨U+202E⟩fdp.exe'), text);
  assert.ok(text.includes('🧑🏽‍🚒🔥'), 'emoji stay whole');
  await page.getByRole('button', { name: 'All', exact: true }).click();
  const rows = page.locator('.tree-body');
  await rows.getByText('bell␇ escape␛[31m').first().waitFor();
  await rows.getByText('zero⟨U+200B⟩width').first().waitFor();
  await rows.getByText(rtl).first().waitFor();
  // Each text keeps its direction to itself.
  const isolated = await rows.locator('bdi').filter({ hasText: rtl }).first().evaluate((element) => getComputedStyle(element).unicodeBidi);
  assert.equal(isolated, 'isolate');
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), 'ltr');
  assert.ok((await page.title()).includes('⟨U+202E⟩'), 'the window’s name as well');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a title of 10,000 characters is refused or shown, and never breaks the page', { skip }, async () => {
  const plan = { goal: long, phases: [{ phase_id: 'p', name: long, tasks: [{ task_id: 'a', title: long }] }] };
  const response = await fetch(`${server.url}/api/executions`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ plan, title: long, start: true }) });
  const answer = await response.json();
  const page = await browser.open(server, '#/new', { viewport: phone, is_phone: true });
  if (response.ok) {
    await page.goto(`${server.url}/#/executions/${answer.execution_id}`);
    await page.locator('.exec-head h1').waitFor();
    assert.ok((await page.locator('.exec-head h1').textContent()).startsWith('longWWW'));
  } else {
    assert.equal(response.status, 422);
    await page.getByLabel('A file with a plan').setInputFiles({ name: 'long.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(plan)) });
    await page.locator('.plan-problem, .look').first().waitFor();
  }
  assert.deepEqual(await too_wide(page), []);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
