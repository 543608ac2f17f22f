// How soon a report is on a subscriber's screen: a real server, an execution that many follow, and a page in a real
// browser among them. Prints the time from a report's 201 until the page has painted what it changed.
// node benchmarks/on_screen.mjs [--subscribers 1000] [--reports 300] [--rate 10]
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Browser } from '../tests/dashboard/browser.mjs';
import { Agent, Server, eventually } from '../tests/dashboard/server.mjs';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const subscribers = option('subscribers', 1_000);
const reports = option('reports', 300);
const rate = option('rate', 10);

/** Everybody else: server-sent events, read and thrown away, at as little cost as may be: they share the machine. */
async function follow(server, id, count) {
  const sockets = [];
  let caught_up = 0;
  for (let at = 0; at < count; ++at) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET /api/executions/${id}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n`);
    socket.on('data', function listen(bytes) {
      if (!bytes.includes('"caught_up"')) return;
      ++caught_up;
      socket.off('data', listen);
      socket.resume();
    });
    sockets.push(socket);
    // A backlog of connections is no part of this.
    if (at % 50 === 49) await sleep(20);
  }
  await eventually('all follow', () => caught_up === count, 60_000);
  return sockets;
}

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

const server = await Server.start();
process.once('exit', () => server.process.kill());  // also where a measurement fails
const browser = await Browser.start();
const tasks = Array.from({ length: reports }, (_, at) => ({ task_id: `t${at}`, title: `Task ${at}`, action: 'write', assignee_role: 'worker' }));
const id = await server.start_plan({ goal: 'On the screen', phases: [{ phase_id: 'p', name: 'All of it', tasks }] }, { options: { sequencing: 'dependencies', review_threshold: 0 } });
const agent = await new Agent(server, 'worker-1').register();
const others = await follow(server, id, subscribers - 1);
const page = await browser.open(server, `#/executions/${id}`);
await page.getByText(`of ${reports}`).first().waitFor();

// The page's own clock and this one are the same machine's; their difference is measured, not assumed.
await page.evaluate(() => {
  window.painted = new Map();
  const look = () => {
    const done = Number(/(\d[\d,]*)\s+of\s+/.exec(document.querySelector('main').textContent)?.[1]?.replace(',', '') ?? NaN);
    if (Number.isFinite(done) && !window.painted.has(done)) {
      // The frame in which it is drawn has been painted when a task after it runs.
      window.painted.set(done, 0);
      requestAnimationFrame(() => setTimeout(() => window.painted.set(done, performance.timeOrigin + performance.now())));
    }
  };
  new MutationObserver(look).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
});

const answered = new Map();
for (let done = 1; done <= reports; ++done) {
  const begun = performance.now();
  await agent.take(0);
  // An agent works for a while: what the hand-out changed has been drawn by then.
  await sleep(500 / rate);
  await agent.complete();
  answered.set(done, performance.timeOrigin + performance.now());
  await sleep(Math.max(0, 1_000 / rate - (performance.now() - begun)));
}
await eventually('the last one is on the screen', () => page.evaluate((last) => window.painted.get(last) > 0, reports));
const painted = new Map(await page.evaluate(() => [...window.painted]));
// A frame that shows two reports at once shows the first of them too.
const delays = [];
let shown_at;
for (let done = reports; done >= 1; --done) {
  shown_at = painted.get(done) > 0 ? painted.get(done) : shown_at;
  delays.push(shown_at - answered.get(done));
}
delays.sort((a, b) => a - b);
const [p50, p99, max] = [percentile(delays, 0.5), percentile(delays, 0.99), delays.at(-1)].map((ms) => Math.round(ms * 10) / 10);
console.log(JSON.stringify({ subscribers, reports, rate, from_answer_to_paint_ms: { p50, p99, max } }));
for (const socket of others) socket.destroy();
await browser.stop();
await server.stop();
