// Every page by keyboard, by screen reader, in light and dark, on a phone, and without motion.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Browser, desktop, too_wide, why_not } from './browser.mjs';
import { fill } from './lively.mjs';
import { Server, eventually } from './server.mjs';
import { demo_plan, zip_of } from './zip.mjs';

const skip = why_not();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let server, browser, ids;
before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start({ PLANEXE_TASK_BACKOFF_SECONDS: '3600' });
  browser = await Browser.start();
  ids = await fill(server);
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

const views = () => [
  '#/', '#/new', '#/plans', `#/plans/${ids.plan}`, '#/agents', '#/agents/scout', '#/inbox?pick=1', '#/inbox/mara', '#/activity', '#/server', '#/?archived=1', '#/nowhere',
  `#/executions/${ids.cafe}`, `#/executions/${ids.cafe}/graph`, `#/executions/${ids.cafe}/timeline`, `#/executions/${ids.cafe}/events`,
  `#/executions/${ids.cafe}/blockers`, `#/executions/${ids.cafe}?at=20`, `#/executions/${ids.cafe}/record`, `#/executions/${ids.fork}/record`,
  `#/executions/${ids.fork}/compare?with=${ids.harvest}`, `#/executions/${ids.bench}`, `#/executions/${ids.cafe}/compare?from=10&until=40`,
];

async function show(page, view) {
  await page.goto(`${server.url}/${view}`);
  // The page before it may still stand there, and rest.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)))));
  await eventually(`${view} is there`, () => page.evaluate(() => !document.querySelector('main [aria-busy=true]') && document.querySelector('main h1, main h2')));
}

/** What axe finds that keeps somebody out. A page may change while it looks; what keeps somebody out stays. */
async function barriers(page) {
  await page.evaluate(axe);
  const found = await seen_by_axe(page);
  if (found.length === 0) return found;
  await sleep(500);
  return seen_by_axe(page);
}

async function seen_by_axe(page) {
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations.map((violation) => ({
    id: violation.id, impact: violation.impact, where: violation.nodes.slice(0, 3).map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
  })));
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}

const looks = { light: {}, dark: { dark: true }, phone: { viewport: { width: 360, height: 740 }, is_phone: true } };
for (const [look, options] of Object.entries(looks)) {
  test(`nothing keeps anybody out: ${look}`, { skip }, async () => {
    const page = await browser.open(server, '#/', { ...options, more: { reducedMotion: 'reduce' } });
    for (const view of views()) {
      await show(page, view);
      assert.deepEqual(await barriers(page), [], view);
      assert.deepEqual(await too_wide(page), [], view);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test('nothing keeps anybody out of dialogs, panels and previews', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${ids.cafe}`, { more: { reducedMotion: 'reduce' } });
  const opened = [
    [`#/executions/${ids.cafe}`, () => page.locator('.tree-body [role=row]').nth(1).click(), '.panel'],
    [`#/executions/${ids.cafe}`, () => page.getByRole('button', { name: 'Cancel…' }).click(), 'dialog[open]'],
    [`#/executions/${ids.library}`, () => page.getByRole('button', { name: 'Archive…' }).click(), 'dialog[open]'],
    [`#/executions/${ids.cafe}`, () => page.keyboard.press('?'), 'dialog[open]'],
    [`#/executions/${ids.cafe}?at=20`, () => page.getByRole('button', { name: 'Fork from here' }).click(), 'dialog[open]'],
    [`#/executions/${ids.cafe}?at=20`, () => page.getByRole('button', { name: 'Why was it not done?' }).click(), '.why-say'],
    [`#/executions/${ids.cafe}`, () => page.getByRole('button', { name: 'Why is it not done?' }).click(), '.why-say'],
    [`#/executions/${ids.cafe}/blockers`, () => page.getByRole('button', { name: 'Take apart' }).first().click(), 'dialog[open]'],
    [`#/executions/${ids.cafe}/blockers`, () => page.getByRole('button', { name: 'Reassign' }).first().click(), 'dialog[open]'],
    [`#/executions/${ids.cafe}/graph`, () => page.locator('.graph-plane [data-id]').first().click(), '.panel'],
    ['#/agents', () => page.getByRole('button', { name: 'Register' }).click(), 'dialog[open]'],
    ['#/', () => page.getByRole('button', { name: 'Stop everything' }).click(), 'dialog[open]'],
    ['#/inbox/mara', () => page.getByRole('button', { name: 'Done' }).first().click(), 'dialog[open]'],
    ['#/new', () => page.getByLabel('A file with a plan').setInputFiles({ name: 'a.zip', mimeType: 'application/zip', buffer: zip_of(demo_plan) }), '.look'],
  ];
  for (const [view, act, there] of opened) {
    await page.goto('about:blank');
    await show(page, view);
    if (view.includes('/executions/')) await page.locator('.exec-head').waitFor();
    await act();
    await page.locator(there).first().waitFor();
    assert.deepEqual(await barriers(page), [], `${view} with ${there}`);
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the Tab key reaches every control, and the focus is seen', { skip }, async () => {
  const page = await browser.open(server, '#/');
  for (const view of ['#/', '#/agents', '#/inbox/mara', '#/activity', '#/plans', '#/new', '#/server', '#/?archived=1', `#/executions/${ids.cafe}`, `#/executions/${ids.cafe}/blockers`, `#/executions/${ids.cafe}/events`, `#/executions/${ids.cafe}?at=20`, `#/executions/${ids.fork}/record`, `#/executions/${ids.fork}/compare?with=${ids.harvest}`]) {
    await page.goto('about:blank');
    await show(page, view);
    // Marked before, so that what the stream adds meanwhile is not asked for.
    const wanted = await page.evaluate(() => {
      const found = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter((element) =>
        !element.disabled && element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }) && !element.closest('[role=rowgroup] [role=row]'));
      found.forEach((element, i) => (element.dataset.wanted = String(i)));
      return found.length;
    });
    const reached = new Set();
    const unseen = [];
    for (let presses = 0; presses < wanted * 2 + 20 && reached.size < wanted; presses++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        // The browser marks the parts of a field for a time itself. A link in a list marks its whole row.
        const row = getComputedStyle(element.closest('article, li, .x-row') ?? element);
        const seen = row.outlineStyle !== 'none' || style.outlineStyle !== 'none' || style.boxShadow !== 'none' || element.matches('.skip, svg, svg *, [role=row], body, [type=datetime-local]');
        return { wanted: element.dataset?.wanted, seen, what: element.outerHTML.slice(0, 120) };
      });
      if (at.wanted !== undefined) reached.add(at.wanted);
      if (!at.seen) unseen.push(at.what);
    }
    const missed = await page.evaluate((reached) => [...document.querySelectorAll('[data-wanted]')].filter((element) => !reached.includes(element.dataset.wanted)).map((element) => element.outerHTML.slice(0, 120)), [...reached]);
    assert.deepEqual(missed, [], view);
    assert.deepEqual(unseen, [], `${view}: focus without a mark`);
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the skip link leads to the content, news are said, and nothing moves that should not', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${ids.cafe}`, { viewport: desktop, more: { reducedMotion: 'reduce' } });
  await page.locator('.exec-head').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.ok(await page.locator('[role=status][aria-live=polite]').count() > 0);
  assert.equal(await page.locator('.toasts[aria-live=polite]').count(), 1);
  const moving = await page.evaluate(() => document.getAnimations().filter((each) => each.playState === 'running' && each.effect.getComputedTiming().duration > 10).map((each) => each.effect.target?.className?.baseVal ?? each.effect.target?.className));
  assert.deepEqual(moving, []);
  for (const view of views()) {
    await show(page, view);
    assert.ok((await page.title()).endsWith('PlanExe-AX'), view);
  }
  await page.context().close();
});
