// How soon the page is there and how long it is deaf at a stretch, in a real browser on a real server. Each is told beside
// a yardstick of the same run, because machines differ: the first paint beside that of a page of one line from the same
// server, and the longest stretch beside a piece of work that is always the same.
// node benchmarks/page.mjs [--rounds 9]
import { Browser } from '../tests/dashboard/browser.mjs';
import { Agent, Server, eventually, large_plan, small_plan } from '../tests/dashboard/server.mjs';

const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 9 : Number(process.argv[at + 1]);

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const round = (number) => Math.round(number * 10) / 10;

const server = await Server.start();
process.once('exit', () => server.process.kill());  // also where a measurement fails
const browser = await Browser.start();

/** Of a page that nothing of is kept from before. */
async function first_paint(path, plain) {
  const context = await browser.chromium.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  if (plain) await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>One line</title><p>One line' }));
  await page.goto(`${server.url}/${path}`);
  const paint = await eventually('it is painted', () => page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime));
  await context.close();
  return paint;
}

/** The longest stretch in which the page took nothing in, while it showed, searched and followed 5,000 steps. */
async function deafness() {
  const page = await browser.open(server, '#/');
  const yardstick = await page.evaluate(() => {
    const begun = performance.now();
    let sum = 0;
    for (let i = 0; i < 3e7; ++i) sum = (sum * 31 + i) | 0;
    return performance.now() - begun + (sum & 0);
  });
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.longest = Math.max(window.longest, entry.duration)))).observe({ entryTypes: ['longtask'] });
  });
  const id = await server.start_plan(large_plan());
  await page.goto(`${server.url}/#/executions/${id}`);
  const rows = page.locator('.tree-body [role=row]');
  await rows.first().waitFor();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await rows.filter({ hasText: 'Step 19.24.9' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('Step 17.3.7');
  await rows.filter({ hasText: 'Step 17.3.7' }).waitFor();
  await page.getByLabel('Find a task').fill('');
  const agent = await new Agent(server, `ada-${id}`, { name: 'Ada' }).register();
  for (let done = 0; done < 20; ++done) {
    await eventually('the next', () => agent.take());
    await agent.complete();
  }
  await page.locator('.bar-line').first().getByText('20 of 5000').waitFor();
  const longest = await page.evaluate(() => window.longest);
  await page.context().close();
  await server.call(`/executions/${id}`, { status: 'CANCELLED', reason: 'measured' }, 'PATCH');
  return { yardstick, longest };
}

const id = await server.start_plan(small_plan());
const paints = { plain: [], page: [] };
for (let done = 0; done < rounds; ++done) {
  paints.plain.push(await first_paint('', true));
  paints.page.push(await first_paint(`#/executions/${id}`, false));
}
await server.call(`/executions/${id}`, { status: 'CANCELLED', reason: 'measured' }, 'PATCH');
const stretches = [];
for (let done = 0; done < Math.ceil(rounds / 3); ++done) stretches.push(await deafness());
const [plain, page] = [median(paints.plain), median(paints.page)];
const [yardstick, longest] = ['yardstick', 'longest'].map((key) => median(stretches.map((each) => each[key])));
console.log(JSON.stringify({
  first_paint_ms: { page: round(page), one_line: round(plain), ratio: round(page / plain) },
  longest_stretch_of_5000_steps_ms: { page: round(longest), yardstick: round(yardstick), ratio: round(longest / yardstick) },
}));
await browser.stop();
await server.stop();
