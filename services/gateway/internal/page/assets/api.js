// The gateway's HTTP interface, as docs/architecture/http.md describes it.

import { language, t } from './texts.js';

const TOKEN = 'proviso.token';

/** An answer that is not a success: what to tell the person. */
export class Problem extends Error {
  /** @param {number} status @param {string} code @param {string} detail */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null;
}

/** @param {string|null} token null forgets it */
export function setToken(token) {
  if (token === null) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, token);
}

/** A new random id of letters and digits. crypto.randomUUID is missing where the page comes over plain HTTP. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: any, key?: string, headers?: Object<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<Response>}
 */
async function call(method, path, { body, key, headers = {}, signal } = {}) {
  headers = { 'Accept-Language': language, 'Proviso-Door': 'page', ...headers };
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.Authorization = 'Bearer ' + token;
  if (key) headers['Idempotency-Key'] = key;
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, { method, headers, body, signal, cache: 'no-store' });
  } catch (err) {
    if (signal && signal.aborted) throw err;
    throw new Problem(0, 'unreachable', t('error.unreachable'));
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, problem.code || 'internal', problem.detail || t('error.unreachable'));
}

/** @param {string} id */
const runPath = (id) => '/v1/runs/' + encodeURIComponent(id);

/** @param {string} prompt @param {string} session @param {string} key @returns {Promise<string>} the run's id */
export async function begin(prompt, session, key) {
  const answer = await call('POST', '/v1/runs', { body: { prompt, session_id: session }, key });
  return (await answer.json()).run_id;
}

/** Asks for nothing but whether this person may come in. */
export async function knock() {
  await call('GET', '/v1/runs?limit=1');
}

/** @param {string} id */
export async function readRun(id) {
  return (await call('GET', runPath(id))).json();
}

/** @param {string} id */
export async function readManifest(id) {
  return (await call('GET', runPath(id) + '/manifest')).json();
}

/** @param {string} id @returns {Promise<Blob>} */
export async function readBundle(id) {
  return (await call('GET', runPath(id) + '/bundle.zip')).blob();
}

/** @param {string} id @param {{id: string, text: string}[]} answers @param {string} key */
export async function answer(id, answers, key) {
  await call('POST', runPath(id) + '/answers', { body: { answers }, key });
}

/** @param {string} id @param {string} text @param {string} key */
export async function confirm(id, text, key) {
  await call('POST', runPath(id) + '/confirm', { body: { answer: text }, key });
}

/** @param {string} id */
export async function cancel(id) {
  await call('POST', runPath(id) + '/cancel', { body: {} });
}

/**
 * Follows a run's events until its end, over as many connections as it takes. EventSource could not send the token.
 * @param {string} id
 * @param {(kind: string, data: any) => boolean} apply says whether that was the end
 * @param {(connected: boolean) => void} connection
 */
export async function follow(id, apply, connection) {
  let last = 0;
  for (let pause = 500; ; pause = Math.min(pause * 2, 10000)) {
    try {
      /** @type {Object<string, string>} */
      const headers = last > 0 ? { 'Last-Event-ID': String(last) } : {};
      const response = await call('GET', runPath(id) + '/events', { headers });
      if (response.status === 204 || !response.body) return;
      connection(true);
      pause = 500;
      for await (const event of parse(response.body)) {
        if (event.id > 0 && event.id <= last) continue; // replayed
        last = Math.max(last, event.id);
        if (apply(event.kind, JSON.parse(event.data))) return;
      }
    } catch (err) {
      if (err instanceof Problem && err.status >= 400 && err.status < 500 && err.status !== 429) throw err;
    }
    connection(false);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/**
 * Splits a stream of bytes into server-sent events.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{id: number, kind: string, data: string}>}
 */
async function* parse(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const event = { id: 0, kind: 'message', data: '' };
      for (const line of rest.slice(0, end).split('\n')) {
        if (line.startsWith('id: ')) event.id = Number(line.slice(4));
        else if (line.startsWith('event: ')) event.kind = line.slice(7);
        else if (line.startsWith('data: ')) event.data += (event.data && '\n') + line.slice(6);
      }
      rest = rest.slice(end + 2);
      if (event.data) yield event;
    }
  }
}
