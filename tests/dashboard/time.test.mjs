// An execution's past: any moment is shown as the server tells it, compared with another, drawn as a graph and on a timeline.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, why_not, words } from './browser.mjs';
import { Agent, Server, eventually, small_plan } from './server.mjs';

const skip = why_not();
let server, browser, id, last_seq;
before(async () => {
  if (skip) return console.log(skip);
  server = await Server.start({ PLANEXE_TASK_BACKOFF_SECONDS: '1' });
  browser = await Browser.start();
  id = await server.start_plan(small_plan('A past to look at'), { options: { review_threshold: 0, sequencing: 'dependencies' } });
  const agent = await new Agent(server, 'worker', { name: 'Worker' }).register();
  for (let done = 0; done < 4; done++) {
    await eventually('the next task', () => agent.take());
    await agent.report('task_started');
    await agent.report('task_progress', { progress_percent: 50, message: 'Half' });
    await agent.complete();
  }
  await eventually('one is held', () => agent.take());
  last_seq = (await server.call(`/executions/${id}/events?limit=1`))[0].seq;
});
after(async () => {
  await browser?.stop();
  await server?.stop();
});

const slider = (page) => page.getByRole('slider', { name: 'Moment' });
const stands_at = (page, seq) => page.locator('.past-bar').getByText(`(seq ${seq} of`, { exact: false }).waitFor();

/** Holds what the page shows against what the server tells of the moment after `seq`. */
async function as_told(page, seq) {
  const [execution, tasks] = [await server.call(`/executions/${id}?at_seq=${seq}`), await server.call(`/executions/${id}/tasks?flat=true&at_seq=${seq}`)];
  const { progress } = execution;
  await eventually(`the numbers of event ${seq}`, async () =>
    (await words(page.locator('.bar-line b').first())) === `${progress.tasks_completed + progress.tasks_skipped} of ${progress.tasks_total}`
    && (await words(page.locator('.bar-line b').nth(1))) === `${Math.floor(progress.effort_percent)} %`);
  await page.getByRole('button', { name: 'All', exact: true }).click();
  const shown = await eventually('all rows', async () => {
    const rows = await page.locator('.tree-body [role=row]').evaluateAll((found) => found.map((row) => ({
      title: row.querySelector('.tree-title').textContent.trim(), percent: row.querySelector('.tree-progress').textContent.replace(/\D/g, ''),
    })));
    return rows.length === tasks.length && rows;
  });
  assert.deepEqual(shown.map((row) => row.title), tasks.map((task) => task.title));
  for (const [i, task] of tasks.entries())
    if (shown[i].percent !== '') assert.equal(Number(shown[i].percent), Math.floor(task.progress_percent), `${task.title} after ${seq}`);
}

test('the past is shown as the server tells it, and nothing can be decided in it', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}`);
  await slider(page).waitFor();
  for (const seq of [2, Math.round(last_seq / 3), Math.round(last_seq / 2), last_seq - 1]) {
    await slider(page).fill(String(seq));
    await stands_at(page, seq);
    await as_told(page, seq);
    assert.equal(await page.locator('.controls button').count(), 0);
    assert.equal(await page.getByRole('button', { name: /^Approve/ }).count(), 0);
    assert.match(page.url(), new RegExp(`at=${seq}`));
  }
  await page.getByRole('button', { name: 'Back to now', exact: true }).click();
  await page.locator('.past-bar').waitFor({ state: 'detached' });
  await page.locator('.controls button').first().waitFor();
  await as_told(page, last_seq);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('time is stepped through by buttons, keys and pointer, and played', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}`);
  await slider(page).waitFor();
  await page.getByRole('button', { name: 'One event back' }).click();
  await stands_at(page, last_seq - 1);
  await page.getByRole('button', { name: 'One event back' }).click();
  await stands_at(page, last_seq - 2);
  await page.getByRole('button', { name: 'One event on' }).click();
  await stands_at(page, last_seq - 1);
  await slider(page).focus();
  await page.keyboard.press('ArrowLeft');
  await stands_at(page, last_seq - 2);
  await page.keyboard.press('Home');
  await stands_at(page, 1);
  await page.getByRole('button', { name: 'To the next event that matters' }).click();
  const matters = await eventually('further on', async () => {
    const value = Number(await slider(page).inputValue());
    return value > 1 && value;
  });
  await page.getByRole('button', { name: 'To the event before that matters' }).click();
  await eventually('further back', async () => Number(await slider(page).inputValue()) < matters);

  const box = await slider(page).boundingBox();
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2);
  await page.mouse.down();
  for (const part of [0.3, 0.4, 0.5, 0.6]) await page.mouse.move(box.x + box.width * part, box.y + box.height / 2);
  await page.mouse.up();
  const dragged = Number(await slider(page).inputValue());
  assert.ok(Math.abs(dragged / last_seq - 0.6) < 0.1, `dragged to ${dragged} of ${last_seq}`);
  await stands_at(page, dragged);

  await page.getByLabel('Speed').selectOption({ label: '50 events/s' });
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.locator('.past-bar').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  assert.equal(Number(await slider(page).inputValue()), last_seq);

  // To a time of day: before the beginning there is nothing, at its end is the present.
  const event = (await server.call(`/executions/${id}/events?order=asc&limit=1`))[0];
  await page.getByLabel('Go to a time').fill(event.timestamp.slice(0, 19));
  await page.getByRole('button', { name: 'Go', exact: true }).click();
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await page.locator('.past-bar').waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what happened when is drawn over the slider, told in words, and leads there', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}`);
  const events = await server.call(`/executions/${id}/events?order=asc&limit=1000`);
  const done = events.filter((event) => event.event_type === 'task_complete').length;
  const density = page.getByRole('img', { name: new RegExp(`^What happened: ${last_seq} events: .*${done} done`) });
  await density.waitFor();
  const box = await density.boundingBox();
  const first_done = events.find((event) => event.event_type === 'task_complete').seq;
  const place = { x: box.x + (box.width * (first_done - 1)) / (last_seq - 1), y: box.y + box.height / 2 };
  await page.mouse.move(place.x, place.y);
  assert.match(await words(page.locator('.density-told')), new RegExp(`^Event ${first_done} .*: 1 done$`));
  await page.mouse.click(place.x, place.y);
  await stands_at(page, first_done);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('keys go through time from anywhere, and on the slider in large steps', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}`);
  await slider(page).waitFor();
  await page.keyboard.press(',');
  await stands_at(page, last_seq - 1);
  await page.keyboard.press(',');
  await stands_at(page, last_seq - 2);
  await page.keyboard.press('.');
  await stands_at(page, last_seq - 1);
  await page.keyboard.press('<');
  await eventually('the event before that matters', async () => Number(await slider(page).inputValue()) < last_seq - 2);
  await page.keyboard.press('n');
  await page.locator('.past-bar').waitFor({ state: 'detached' });
  await slider(page).focus();
  await page.keyboard.press('PageDown');
  const tenth = await eventually('a large step back', async () => {
    const value = Number(await slider(page).inputValue());
    return value < last_seq - 1 && value;
  });
  await stands_at(page, tenth);
  await page.keyboard.press('PageUp');
  await eventually('a large step on', async () => Number(await slider(page).inputValue()) > tenth);
  await page.keyboard.press('Home');
  await stands_at(page, 1);
  await page.keyboard.press('End');
  await page.locator('.past-bar').waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a moment is asked for once, however often one comes back to it, and opens by its link', { skip }, async () => {
  const seq = Math.round(last_seq / 2);
  const page = await browser.open(server, `#/executions/${id}?at=${seq}`);
  await stands_at(page, seq);
  await page.locator('.past-bar b').getByText('As it was at').waitFor();
  // What has been shown is never asked for again. What was fetched ahead may be, where a step gave it up before it was
  // there.
  const shown = new Set([seq]), ahead = new Set(), again = [];
  page.on('request', (request) => {
    const wanted = Number(new URL(request.url()).searchParams.get('at_seq') ?? NaN);
    if (Number.isNaN(wanted)) return;
    if (shown.has(wanted)) again.push(wanted);
    else ahead.add(wanted);
  });
  const step_by = async (step) => {
    const value = Number(await slider(page).inputValue()) + step;
    await page.keyboard.press(step > 0 ? '.' : ',');
    await stands_at(page, value);
    shown.add(value);
  };
  for (const step of [1, 1, -1, -1, -1]) await step_by(step);
  await eventually('what lies beside is asked for ahead', () => ahead.has(seq - 2));
  await step_by(1);
  assert.deepEqual(again, []);

  await page.getByRole('button', { name: 'Why was it not done?' }).click();
  const why = await server.call(`/executions/${id}/why?at_seq=${seq}`);
  await eventually('why it was not done then', async () => (await words(page.locator('.why-say'))) === why.say.replace(/\s+/g, ' '));
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what nobody waits for any more is given up, and the last wish is shown', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}`);
  await slider(page).waitFor();
  const given_up = [];
  page.on('requestfailed', (request) => given_up.push(new URL(request.url()).search));
  // A server that takes its time.
  const asked = [];
  let answer;
  const hold = () => {
    const may_answer = new Promise((resolve) => (answer = resolve));
    return page.route('**/*at_seq=*', async (route) => {
      asked.push(new URL(route.request().url()).search);
      await may_answer;
      await route.continue().catch(() => {});
    });
  };
  const wish = async (seq) => {
    await slider(page).fill(String(seq));
    await eventually('it is asked for', async () => asked.includes(`?at_seq=${seq}`));
  };
  await hold();
  for (const seq of [3, 5, 7]) await wish(seq);
  answer();
  await stands_at(page, 7);
  assert.ok(given_up.includes('?at_seq=3'), `given up: ${given_up}`);
  // The way back to now does not wait for a moment that is on its way.
  await page.unroute('**/*at_seq=*');
  await hold();
  await wish(4);
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await page.locator('.past-bar').waitFor({ state: 'detached' });
  await eventually('it is given up', async () => given_up.includes('?at_seq=4'));
  answer();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('an event’s number leads to its moment, and the present goes on meanwhile', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}/events`);
  const seq = last_seq - 3;
  await page.getByRole('button', { name: `To the moment after event ${seq}`, exact: true }).click();
  await stands_at(page, seq);
  const newest = await server.call(`/executions/${id}`, { priority: 3 }, 'PATCH').then(() => server.call(`/executions/${id}/events?limit=1`)).then(([each]) => each.seq);
  await page.locator('.past-bar').getByText(`of ${newest}`, { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Back to now', exact: true }).click();
  await page.locator('.event-seq').filter({ hasText: String(newest) }).first().waitFor();
  last_seq = newest;
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('two moments are compared', { skip }, async () => {
  const from = Math.round(last_seq / 4);
  const page = await browser.open(server, `#/executions/${id}?at=${from}`);
  await page.getByRole('link', { name: 'What changed since' }).click();
  await page.waitForURL(new RegExp(`compare\\?from=${from}&until=${last_seq}`));
  const [before, now] = [await server.call(`/executions/${id}?at_seq=${from}`), await server.call(`/executions/${id}?at_seq=${last_seq}`)];
  const completed = page.locator('.compare-counters tr').filter({ hasText: 'Completed' }).first();
  await completed.waitFor();
  assert.equal(await words(completed), `Completed${before.progress.tasks_completed}${now.progress.tasks_completed}+${now.progress.tasks_completed - before.progress.tasks_completed}`);
  assert.match(await words(page.locator('.compare-sum')), new RegExp(`^${last_seq - from} events`));
  const told = await page.locator('.compare-group li').evaluateAll((found) => Object.fromEntries(found.map((each) => [each.querySelector('a').textContent, [...each.querySelectorAll('.compare-details dt')].map((name) => name.textContent)])));
  const [tasks_before, tasks_now] = await Promise.all([from, last_seq].map((seq) => server.call(`/executions/${id}/tasks?flat=true&at_seq=${seq}`)));
  const finished = tasks_now.find((task, i) => task.level !== 'phase' && task.status === 'COMPLETE' && tasks_before[i].status === 'QUEUED' && !tasks_before[i].agent_id);
  for (const name of ['held by', 'attempt', 'output']) assert.ok(told[finished.title].includes(name), `${finished.title}: ${told[finished.title]} without ${name}`);
  await page.getByRole('slider', { name: 'Until' }).fill(String(from + 1));
  await page.waitForURL(new RegExp(`until=${from + 1}`));
  await eventually('the sum of one event', async () => /^(1|One) event /i.test(await words(page.locator('.compare-sum'))));
  await page.getByRole('link', { name: '← To the execution' }).click();
  await page.locator('.exec-head').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the graph is drawn, zoomed, gone through by keyboard, and chosen from', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}/graph`);
  const boxes = page.locator('.g-box');
  await boxes.first().waitFor();
  const depth = (name) => page.getByRole('group', { name: 'How deep' }).getByRole('button', { name, exact: true });
  await depth('Phases').click();
  await eventually('the phases', async () => (await boxes.count()) === 2);
  await depth('Tasks').click();
  await eventually('all tasks', async () => (await boxes.count()) >= 6);
  const moved = () => page.locator('.graph-plane > g').getAttribute('transform');
  const zoom = page.getByRole('group', { name: 'Zoom' });
  for (const name of ['Larger', 'Fit', 'Smaller']) {
    const before = await moved();
    await zoom.getByRole('button', { name, exact: true }).click();
    await eventually(`${name} does something`, async () => (await moved()) !== before);
  }
  await zoom.getByRole('button', { name: 'Fit', exact: true }).click();
  const draft = page.locator('.graph-plane').getByLabel(/^Draft the charter: /);
  await draft.click();
  await page.waitForURL(/task=a/);
  await page.locator('.panel').getByText('How to draft the charter.').waitFor();
  await page.locator('#graph-relations').getByText('Draft the charter').first().waitFor();
  await page.locator('#graph-relations').getByText('Hire the crew').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.panel').waitFor({ state: 'detached' });
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  await eventually('the focus is in the graph', async () => (await focused()) !== '');
  const before = await focused();
  await page.keyboard.press('ArrowRight');
  await eventually('the focus moves along a line', async () => (await focused()) !== before);
  const critical = page.getByRole('button', { name: 'Critical path' });
  await critical.click();
  assert.equal(await critical.getAttribute('aria-pressed'), 'true');
  await critical.click();

  // A finished task looks different before it was.
  await eventually('done is green', async () => (await page.locator('.g-box.g-green').count()) > 0);
  await slider(page).fill('2');
  await stands_at(page, 2);
  await eventually('nothing was done then', async () => (await page.locator('.g-box.g-green').count()) === 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the timeline holds the plan against what happened', { skip }, async () => {
  const page = await browser.open(server, `#/executions/${id}/timeline`);
  const report = await server.call(`/executions/${id}/report`);
  const rows = page.locator('.gantt-rows [role=row]');
  await rows.first().waitFor();
  const all = page.getByRole('button', { name: /^(Open|Shut) all$/ });
  if ((await words(all)) === 'Open all') await all.click();
  await eventually('all rows', async () => (await rows.count()) === report.tasks.length);
  for (const [i, task] of report.tasks.entries()) assert.match(await words(rows.nth(i)), new RegExp(task.title));
  await page.getByRole('button', { name: 'Shut all' }).click();
  await eventually('the phases', async () => (await rows.count()) === 2);
  await rows.first().focus();
  await page.keyboard.press('ArrowRight');
  await eventually('one phase is open', async () => (await rows.count()) === 5);
  for (const name of ['Own scales', 'One scale', 'Days', 'Hours', 'Fit']) {
    const button = page.getByRole('button', { name, exact: true });
    await button.click();
    await eventually(`${name} is chosen`, async () => (await button.getAttribute('aria-pressed')) === 'true');
  }
  for (const name of ['So far', 'More detail', 'Less detail']) await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('img', { name: `${report.totals.tasks_completed} of ${report.totals.tasks_total} steps are done.` }).waitFor();
  await rows.nth(1).click();
  await page.locator('.panel').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
