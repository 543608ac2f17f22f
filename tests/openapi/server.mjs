// A real server in a process of its own, on a free port, with its data in a temporary folder; and a client whose every
// exchange is judged by the document that the server gives out.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as http_request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Contract } from './checker.mjs';

const start_patience_ms = 60_000;

export async function start_server(program, variables = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'planexe-openapi-'));
  const child = spawn(program, ['serve', '--execution-data-dir', join(folder, 'data'), '--execution-port', '0'], {
    cwd: folder,
    env: { PATH: process.env.PATH, PLANEXE_TASK_BACKOFF_SECONDS: '0.05', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const port = await new Promise((resolve, reject) => {
    const give_up = setTimeout(() => reject(new Error(`the server did not start:\n${log}`)), start_patience_ms);
    const read = (bytes) => {
      log += bytes;
      const found = /serving on http:\/\/127\.0\.0\.1:(\d+),/.exec(log);
      if (!found) return;
      clearTimeout(give_up);
      resolve(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    ended.then(() => reject(new Error(`the server ended:\n${log}`)));
  });
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** {status, headers, type, body, json}: json where the body is some. */
export function exchange(port, method, target, { body, type = 'application/json', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http_request({ host: '127.0.0.1', port, method, path: target, headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }) } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const found = (answer.headers['content-type'] ?? '').split(';')[0];
        resolve({ status: answer.statusCode, headers: answer.headers, type: found, body: text, json: found.endsWith('json') ? JSON.parse(text) : undefined });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export class Client {
  constructor(port, contract) {
    this.port = port;
    this.contract = contract;
    this.examples = {};
    this.headers = {};
  }

  static async of(port) {
    const document = await exchange(port, 'GET', '/api/openapi.json');
    return new Client(port, new Contract(document.json));
  }

  /** Sends JSON, or `raw` of a type of its own; the answer must be the expected one, and like the document says. So
   *  must be the JSON that was taken, unless it is `odd` on purpose. */
  async call(method, target, expected, json, { raw, type, odd = false, headers = {} } = {}) {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const answer = await exchange(this.port, method, target, { body, type, headers: { ...this.headers, ...headers } });
    const told = `${method} ${target} → ${answer.status} ${answer.body.slice(0, 400)}`;
    assert.equal(answer.status, expected, told);
    const wrong = this.contract.judge(method, target, odd ? undefined : json, answer);
    assert.deepEqual(wrong, [], told);
    if (!odd) this.record(method, target, json, answer);
    return answer.json ?? answer.body;
  }

  get = (target, expected = 200, more) => this.call('GET', target, expected, undefined, more);
  post = (target, json, expected = 200, more) => this.call('POST', target, expected, json, more);
  patch = (target, json, expected = 200, more) => this.call('PATCH', target, expected, json, more);

  /** The first good exchange of each operation makes its example. */
  record(method, target, json, answer) {
    if (answer.status >= 300 || answer.json === undefined) return;
    const { operationId } = this.contract.route_of(method, target).operation;
    if (operationId === 'openapi') return;
    const example = (this.examples[operationId] ??= { answers: {} });
    if (example.answers[answer.status] !== undefined) return;
    if (Array.isArray(answer.json) && answer.json.length === 0) return;
    if (json !== undefined) example.request ??= json;
    example.answers[answer.status] = answer.json;
  }
}

/** Waits for something that the server brings about by itself. */
export async function eventually(look, patience_ms = 20_000) {
  const end = Date.now() + patience_ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, 'it did not come in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
