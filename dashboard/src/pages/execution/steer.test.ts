import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Execution } from '../../api/types';
import { steer } from './steer';

/** A server with one execution, whose version moves on before each request as long as `moves` says so. */
let server: { status: string; priority: number; version: number; moves: number; becomes?: Partial<{ status: string; priority: number }> };
let patched: unknown[];

beforeEach(() => {
  server = { status: 'RUNNING', priority: 0, version: 10, moves: 0 };
  patched = [];
  vi.stubGlobal('fetch', async (_path: string, { method, headers, body }: { method: string; headers: Record<string, string>; body?: string }) => {
    if (server.moves > 0 && method === 'PATCH') {
      server.moves--;
      server.version++;
      Object.assign(server, server.becomes);
    }
    if (method === 'PATCH' && headers['If-Match'] !== `"${server.version}"`)
      return new Response(JSON.stringify({ code: 'version_mismatch', title: '', detail: 'not the version' }), { status: 412 });
    if (method === 'PATCH') patched.push(JSON.parse(body ?? ''));
    return new Response(JSON.stringify(server));
  });
});
afterEach(() => vi.unstubAllGlobals());

const seen = { execution_id: 'e', status: 'RUNNING', priority: 0, version: 10 } as unknown as Execution;

describe('steering', () => {
  test('an execution whose agents report meanwhile is done all the same', async () => {
    server.moves = 3;
    await steer(seen, { status: 'PAUSED' });
    expect(patched).toEqual([{ status: 'PAUSED' }]);
  });

  test('one that is in another state than its user saw changes nothing and says so', async () => {
    server.moves = 1;
    server.becomes = { status: 'PAUSED' };
    await expect(steer(seen, { status: 'CANCELLED' })).rejects.toThrow('it is paused now, not running');
    expect(patched).toEqual([]);
  });

  test('a priority that somebody else has set meanwhile is not overwritten', async () => {
    server.moves = 1;
    server.becomes = { priority: 7 };
    await expect(steer(seen, { priority: 3 })).rejects.toThrow('priority to 7');
    expect(patched).toEqual([]);
  });

  test('gives up in words where it moves too fast', async () => {
    server.moves = 1_000;
    await expect(steer(seen, { status: 'PAUSED' })).rejects.toThrow('moves too fast');
    expect(patched).toEqual([]);
  });
});
