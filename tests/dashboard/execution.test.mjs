// One execution: steered, decided about and followed in the page. What a click did is asked of the server; what an agent
// reported is seen without a reload.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, confirm, why_not, words } from './browser.mjs';
import { Agent, Server, eventually, small_plan } from './server.mjs';

const skip = why_not();
let server, browser;
before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start({ PLANEXE_TASK_BACKOFF_SECONDS: '1' });
  browser = await Browser.start();
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

const one = (id) => server.call(`/executions/${id}`);
const flat = (id) => server.call(`/executions/${id}/tasks?flat=true`);
const task_of = async (id, task_id) => (await flat(id)).find((task) => task.task_id === task_id);
const badge = (page) => page.locator('.exec-title .state');
const shows = (page, status) => badge(page).filter({ hasText: status }).waitFor();
const row_of = (page, title) => page.locator('.tree-body [role=row]').filter({ hasText: title });

/** Each leaf waits for a person. */
function asking_plan(letters) {
  return {
    goal: 'Try every decision',
    phases: [{
      phase_id: 'p', name: 'First',
      tasks: [...letters].map((letter) => ({
        task_id: letter, title: `Task ${letter}`, estimated_hours: 4, subtasks: [{ subtask_id: `${letter}1`, title: `Do ${letter}`, action: 'sign' }],
      })),
    }],
  };
}

test('an execution is started, paused, resumed, weighed and cancelled', { skip }, async () => {
  const { execution_id: id } = await server.call('/executions', { plan: small_plan('To be steered'), options: { review_threshold: 0 } });
  const page = await browser.open(server, `#/executions/${id}`);
  await shows(page, 'Not started');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await shows(page, /Queued|Running|Blocked/);
  assert.notEqual((await one(id)).status, 'CREATED');

  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.locator('dialog[open] input').fill('Lunch');
  await confirm(page);
  await shows(page, 'Paused');
  assert.equal((await one(id)).status, 'PAUSED');
  assert.match(JSON.stringify(await server.call(`/executions/${id}/events?limit=3`)), /Lunch/);
  await page.getByRole('button', { name: 'Resume' }).click();
  await shows(page, /Queued|Running|Blocked/);

  await page.getByRole('button', { name: /^Priority/ }).click();
  await page.locator('dialog[open] input[type=number]').fill('4');
  await confirm(page);
  await page.getByRole('button', { name: 'Priority 4' }).waitFor();
  assert.equal((await one(id)).priority, 4);

  await page.getByRole('button', { name: 'Cancel…' }).click();
  // Not without being asked, and not without a reason.
  await page.locator('dialog[open]').getByRole('button', { name: 'Keep it' }).click();
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  assert.notEqual((await one(id)).status, 'CANCELLED');
  await page.getByRole('button', { name: 'Cancel…' }).click();
  await page.locator('dialog[open] button[type=submit]').click();
  assert.ok(await page.locator('dialog[open]').isVisible());
  await page.locator('dialog[open] input').fill('No money');
  await confirm(page);
  await shows(page, 'Cancelled');
  assert.equal((await one(id)).status, 'CANCELLED');
  // What is over can leave the log, and nothing else.
  await eventually('nothing to steer', async () => (await page.locator('.controls button').allTextContents()).join() === 'Archive…');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a step that somebody else took meanwhile is not taken twice', { skip }, async () => {
  const id = await server.start_plan(small_plan('Two at once'));
  const page = await browser.open(server, `#/executions/${id}`);
  await page.getByRole('button', { name: 'Cancel…' }).click();
  await page.locator('dialog[open] input').fill('Not needed');
  await server.call(`/executions/${id}`, { status: 'PAUSED' }, 'PATCH');
  await shows(page, 'Paused');
  await page.locator('dialog[open] button[type=submit]').click();
  await page.locator('dialog[open] [role=alert]').waitFor();
  assert.equal((await one(id)).status, 'PAUSED');
  await confirm(page);
  await shows(page, 'Cancelled');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('every decision is a button and a key on the page of blockers', { skip }, async () => {
  const { execution_id: id } = await server.call('/executions', {
    plan: asking_plan('abcdefgh'), title: 'Decisions', options: { review_from_tier: 1 }, start: true, confirm_warnings: true,
  });
  const page = await browser.open(server, `#/executions/${id}`);
  await eventually('all wait', async () => (await words(page.locator('.frame-tabs .count'))) === '8');
  await page.getByRole('link', { name: /Blockers/ }).click();
  const card = (letter) => page.locator('.blocker').filter({ hasText: `Do ${letter}` });
  const press = async (letter, name) => {
    await card(letter).getByRole('button', { name, exact: true }).click();
    await page.locator('dialog[open]').waitFor();
  };
  const settled = (letter, look) => eventually(`the server knows of ${letter}`, async () => look(await task_of(id, `${letter}1`)));

  await card('a').getByRole('button', { name: 'Approve', exact: true }).click();
  await card('a').waitFor({ state: 'detached' });
  await settled('a', (task) => !task.human_review_required);

  await press('b', 'Choose');
  assert.ok(await page.locator('dialog[open] button[type=submit]').isDisabled(), 'a choice needs words');
  await page.locator('dialog[open] input').first().fill('The cheap one');
  await confirm(page);
  assert.match(JSON.stringify(await server.call(`/executions/${id}/events?type=review_resolved`)), /The cheap one/);

  await press('c', 'Mark complete');
  await page.locator('dialog[open] textarea').fill('{broken');
  await page.getByText('This is not JSON').waitFor();
  await page.locator('dialog[open] textarea').fill('{"report":"as agreed"}');
  await confirm(page);
  await settled('c', (task) => task.status === 'COMPLETE' && task.result.report === 'as agreed');

  await press('d', 'Reassign');
  await page.getByLabel('a role').check();
  await page.locator('dialog[open] input[list]').fill('Painter');
  await confirm(page);
  await settled('d', (task) => task.assignee_role === 'Painter');

  await press('e', 'Take apart');
  await page.getByLabel('Title of part 1').fill('Measure');
  await page.getByLabel('Title of part 2').fill('Cut');
  await page.getByLabel(/^Part 2 comes after/).fill('1');
  await confirm(page);
  const parts = await eventually('the parts', async () => {
    const found = (await flat(id)).filter((task) => task.parent_id === 'e1');
    return found.length === 2 && found;
  });
  assert.deepEqual(parts.map((part) => part.title), ['Measure', 'Cut']);
  assert.ok(parts[1].prerequisites.includes(parts[0].task_id));

  await press('f', 'Take apart');
  await page.getByLabel(/the server/).check();
  await confirm(page);
  await eventually('the server took it apart', async () => (await flat(id)).filter((task) => task.parent_id === 'f1').length > 1);

  await press('g', 'Skip');
  await page.locator('dialog[open] label.field input').last().fill('not needed');
  await confirm(page);
  await settled('g', (task) => task.status === 'SKIPPED');

  // The last by keyboard.
  await card('h').focus();
  await page.keyboard.press('x');
  await page.locator('dialog[open]').waitFor();
  await confirm(page);
  await settled('h', (task) => task.status === 'ERROR');

  // What was rejected may be tried again.
  await page.keyboard.press('1');
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await row_of(page, 'Measure').waitFor();
  await row_of(page, 'Do h').click();
  await page.locator('.panel .decisions').first().getByRole('button', { name: 'Retry', exact: true }).click();
  await settled('h', (task) => task.status !== 'ERROR');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a phase is approved by one click', { skip }, async () => {
  const { execution_id: id } = await server.call('/executions', {
    plan: asking_plan('abcde'), title: 'A phase at once', options: { review_from_tier: 1 }, start: true, confirm_warnings: true,
  });
  const page = await browser.open(server, `#/executions/${id}`);
  await page.getByRole('button', { name: 'Approve 5: First' }).click();
  await eventually('all are approved', async () => (await server.call(`/executions/${id}/blockers`)).length === 0);
  await page.locator('.frame-tabs .count').waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what agents report is seen as it comes', { skip }, async () => {
  const id = await server.start_plan(small_plan('Followed live'), { priority: 100 });
  const page = await browser.open(server, `#/executions/${id}`);
  await page.evaluate(() => (window.not_reloaded = true));
  await page.getByRole('button', { name: 'All', exact: true }).click();
  const [ada, bob] = [await new Agent(server, 'ada', { name: 'Ada' }).register(), await new Agent(server, 'bob', { name: 'Bob' }).register()];
  await ada.take();
  await bob.take();
  const strip = page.locator('.at-work');
  await strip.getByText('Ada').waitFor();
  await strip.getByText('Bob').waitFor();
  await ada.report('task_started');
  await ada.report('task_progress', { progress_percent: 40, message: 'Two pages' });
  await row_of(page, ada.task.title).getByText('40 %').waitFor();

  await bob.report('task_blocked', { message: 'The bank is closed', max_wait_hours: 2 });
  await page.getByRole('link', { name: /Blockers 1/ }).waitFor();
  await page.keyboard.press('5');
  await page.locator('.blocker').getByText('The bank is closed').waitFor();
  await page.locator('.blocker').getByRole('button', { name: 'Unblock', exact: true }).click();
  await eventually('it goes on', async () => (await task_of(id, bob.task.task_id)).status !== 'BLOCKED');
  await page.getByText('Nobody is needed').waitFor();

  await page.keyboard.press('1');
  await ada.complete({ charter: 'three pages' });
  await page.locator('.tree-row.ended').filter({ hasText: ada.task.title }).waitFor();
  const { progress } = await eventually('the sums are the server’s', async () => {
    const told = await one(id);
    const bars = await page.locator('.exec-head [role=progressbar]').evaluateAll((found) => found.map((bar) => Number(bar.ariaValueNow)));
    return bars[0] === Math.round(told.progress.percent) && bars[1] === Math.round(told.progress.effort_percent) && told;
  });
  assert.equal(progress.tasks_completed, 1);
  await page.locator('.bar-line').first().getByText('1 of 6').waitFor();

  // A failure that cannot be tried again asks for somebody.
  const task = await eventually('the next one', () => bob.take());
  await bob.report('task_error', { error_type: 'no_tools', error_message: 'There is no pen', retryable: false });
  await row_of(page, task.title).click();
  const panel = page.locator('.panel');
  await panel.locator('.panel-error').getByText('There is no pen').waitFor();
  await panel.locator('.decisions').first().getByRole('button', { name: 'Retry', exact: true }).click();
  await eventually('it is tried again', async () => (await task_of(id, task.task_id)).status === 'QUEUED');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => window.not_reloaded), true);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the tree is used by keyboard, filtered, and asked why', { skip }, async () => {
  const id = await server.start_plan(small_plan('By keyboard'));
  const page = await browser.open(server, `#/executions/${id}`);
  await page.getByRole('button', { name: 'Phases', exact: true }).click();
  const rows = page.locator('.tree-body [role=row]');
  const focused = () => page.evaluate(() => document.activeElement.querySelector('.tree-title')?.textContent ?? '');
  await eventually('two rows', async () => (await rows.count()) === 2);
  await rows.first().focus();
  await page.keyboard.press('ArrowRight');
  await eventually('the phase is open', async () => (await rows.count()) === 5);
  await page.keyboard.press('ArrowRight');
  await eventually('on its first task', async () => /Draft the charter/.test(await focused()));
  await page.keyboard.press('ArrowDown');
  await eventually('on the next', async () => /Find the money/.test(await focused()));
  await page.keyboard.press('Enter');
  await page.locator('.panel').getByText('How to find the money.').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.panel').waitFor({ state: 'detached' });
  await eventually('the focus is where it was', async () => /Find the money/.test(await focused()));
  await page.keyboard.press('ArrowLeft');
  await eventually('on the phase', async () => /Prepare/.test(await focused()));
  await page.keyboard.press('ArrowLeft');
  await eventually('the phase is shut', async () => (await rows.count()) === 2);
  await page.keyboard.press('End');
  await eventually('on the last', async () => /Build/.test(await focused()));
  await page.keyboard.press('Home');
  await eventually('on the first', async () => /Prepare/.test(await focused()));

  await page.keyboard.press('/');
  await page.keyboard.type('doors');
  await row_of(page, 'Open the doors').waitFor();
  assert.equal(await row_of(page, 'Draft the charter').count(), 0);
  await page.getByLabel('Find a task').fill('');
  await page.locator('.tree-filter .fate-chip').filter({ hasText: 'ready' }).click();
  await row_of(page, 'Draft the charter').waitFor();
  assert.equal(await row_of(page, 'Open the doors').count(), 0);
  await page.locator('.tree-filter .fate-chip').filter({ hasText: 'ready' }).click();

  await page.getByRole('button', { name: 'Why is it not done?' }).click();
  const why = await server.call(`/executions/${id}/why`);
  await page.locator('.why-say').waitFor();
  assert.equal(await words(page.locator('.why-say')), why.say);

  await page.keyboard.press('?');
  await page.locator('dialog[open]').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  for (const [key, name] of [['2', 'Graph'], ['3', 'Timeline'], ['4', 'Events'], ['5', 'Blockers'], ['1', 'Tasks']]) {
    await page.keyboard.press(key);
    await page.locator('.frame-tabs [aria-current=page]').filter({ hasText: name }).waitFor();
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('events are read back to the first, and filtered', { skip }, async () => {
  const id = await server.start_plan({
    goal: 'Many events',
    phases: [{ phase_id: 'p', name: 'All', tasks: [{ task_id: 'a', title: 'Talk a lot', action: 'talk', assignee_role: 'talker' }] }],
  });
  const eve = await new Agent(server, 'eve', { name: 'Eve', role: 'talker', capabilities: [{ action: 'talk' }] }).register();
  await eventually('it is handed out', () => eve.take());
  for (let i = 1; i <= 150; i++) await eve.report('task_progress', { progress_percent: i / 2, message: `Word ${i}` });
  const newest = (await server.call(`/executions/${id}/events?limit=1`))[0].seq;
  const page = await browser.open(server, `#/executions/${id}/events`);
  await page.locator('.event-seq').first().waitFor();
  const seqs = () => page.locator('.event-seq').evaluateAll((found) => found.map((each) => Number(each.textContent)));
  await eventually('read to the beginning', async () => {
    const older = page.getByRole('button', { name: 'Older events' });
    if (await older.count()) await older.click({ timeout: 1_000 }).catch(() => {});
    return (await seqs()).at(-1) === 1;
  });
  assert.deepEqual(await seqs(), Array.from({ length: newest }, (_, i) => newest - i), 'no hole and no repeat');
  await page.getByText('This is where it began.').waitFor();

  await page.getByLabel('Find in events').fill('Word 77');
  await eventually('only that one', async () => (await seqs()).length === 1);
  await page.getByLabel('Find in events').fill('');
  await page.getByLabel('Agent').selectOption('eve');
  await eventually('only hers', async () => (await seqs()).length < newest);
  await page.getByLabel('Agent').selectOption('');
  const chip = page.getByRole('group', { name: 'Kinds of events' }).getByRole('button').first();
  await chip.click();
  await eventually('only some', async () => (await seqs()).length < newest);
  await chip.click();
  await page.getByRole('button', { name: `Event ${newest} as JSON` }).click();
  await page.locator('.event').first().getByText(/"seq"/).waitFor();

  await eve.report('task_progress', { progress_percent: 90, message: 'One more' });
  await page.getByText('One more').waitFor();
  assert.equal((await seqs())[0], newest + 1);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
