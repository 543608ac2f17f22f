// A client whose every exchange is judged by the document that the server itself gives out.
import assert from 'node:assert/strict';
import { request as http_request } from 'node:http';

import { Contract } from './checker.mjs';

/** {status, headers, type, body, json}: json where the body is some. */
export function exchange(port, method, target, { body, type = 'application/json', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const described = body === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
    const sent = http_request({ host: '127.0.0.1', port, method, path: target, headers: { ...headers, ...described } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const found = (answer.headers['content-type'] ?? '').split(';')[0];
        resolve({ status: answer.statusCode, headers: answer.headers, type: found, body: text, json: /[/+]json$/.test(found) ? JSON.parse(text) : undefined });
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
