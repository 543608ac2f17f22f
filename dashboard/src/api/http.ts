// Asking the server over HTTP. Every call ends in a value or in a Refusal, which says why in words for people.
import { signal } from '@preact/signals';
import type { Problem } from './types';

/** What the server did not do, and why. `status` is 0 when it could not be reached. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
  get status(): number {
    return this.problem.status;
  }
  get code(): string {
    return this.problem.code;
  }
}

const key_place = 'planexe-ax.key';

/** The key that this tab was given; kept for as long as the tab lives. Empty: none. */
export const key = signal(read_key());
/** The server has said 401: a key is needed, or another one. */
export const needs_key = signal(false);

function read_key(): string {
  try {
    return sessionStorage.getItem(key_place) ?? '';
  } catch {
    return '';
  }
}

export function use_key(value: string): void {
  key.value = value;
  needs_key.value = false;
  try {
    sessionStorage.setItem(key_place, value);
  } catch {
    // A browser without storage forgets the key with the page; no more than that.
  }
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: { content: Blob; type: string };
  /** The version that the caller has seen, for If-Match. */
  version?: number;
  signal?: AbortSignal;
}

export interface Answer<T> {
  value: T;
  /** The address of the next page of a list. */
  next?: string;
}

/** Asks for `path`, as in '/api/executions'. Every POST carries an Idempotency-Key of its own. */
export async function ask<T>(path: string, call: Call = {}): Promise<Answer<T>> {
  const response = await send_for(path, call);
  const text = await response.text();
  const answer: Answer<T> = { value: (text ? JSON.parse(text) : undefined) as T };
  const next = next_of(response);
  return next ? { ...answer, next } : answer;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(path, signal ? { signal } : {})).value;
}

export async function post<T>(path: string, body: unknown = {}, version?: number): Promise<T> {
  return (await ask<T>(path, version === undefined ? { method: 'POST', body } : { method: 'POST', body, version })).value;
}

export async function patch<T>(path: string, body: unknown, version?: number): Promise<T> {
  return (await ask<T>(path, version === undefined ? { method: 'PATCH', body } : { method: 'PATCH', body, version })).value;
}

/** All pages of a list, `most` entries at most. */
export async function list<T>(path: string, most = 5_000, signal?: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  for (let next: string | undefined = path; next && found.length < most; ) {
    const page: Answer<T[]> = await ask<T[]>(next, signal ? { signal } : {});
    found.push(...page.value);
    next = page.next;
  }
  return found;
}

/** The address of the page after this one. */
export const next_of = (response: Response): string | undefined => /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('Link') ?? '')?.[1];

/** The answer itself, where it is no refusal. */
export async function send_for(path: string, call: Call = {}): Promise<Response> {
  const response = await send(path, call);
  if (!response.ok) throw new Refusal(problem_of(response, await response.text()));
  return response;
}

async function send(path: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (key.value) headers['Authorization'] = 'Bearer ' + key.value;
  if (call.method === 'POST') headers['Idempotency-Key'] = fresh_key();
  if (call.version !== undefined) headers['If-Match'] = `"${call.version}"`;
  const request: RequestInit = { method: call.method ?? 'GET', headers, cache: 'no-store' };
  if (call.raw) {
    headers['Content-Type'] = call.raw.type;
    request.body = call.raw.content;
  } else if (call.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    request.body = JSON.stringify(call.body);
  }
  if (call.signal) request.signal = call.signal;
  try {
    const response = await fetch(path, request);
    if (response.status === 401) needs_key.value = true;
    return response;
  } catch (failure) {
    if (call.signal?.aborted) throw failure;
    throw new Refusal({ status: 0, code: 'unreachable', title: 'No answer', detail: 'The server cannot be reached.' });
  }
}

/** For one attempt to do something, however often it is sent. */
export function fresh_key(): string {
  // crypto.randomUUID is there on secure pages alone; a server on a plain address has none.
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16).padStart(8, '0')).join('');
}

function problem_of(response: Response, text: string): Problem {
  try {
    const told = JSON.parse(text) as Problem;
    if (typeof told.detail === 'string') return { ...told, status: response.status };
  } catch {
    // Not the server's own words: something between it and the browser answered.
  }
  return { status: response.status, code: 'unknown', title: response.statusText, detail: `The server answered ${response.status}.` };
}
