// The page's life: who is logged in, which runs the conversation holds, what is being sent.

import * as api from './api.js';
import { byId, h, reconcile } from './dom.js';
import { has, t } from './texts.js';
import { ENDS, isWaiting, remembered, transcript } from './transcript.js';
import { messageNode } from './view.js';
import { save } from './widgets.js';

// A tab is one dialogue: "the same again with 2 more" means the run above.
const SESSION = 'proviso.session';
const RUNS = 'proviso.runs';
const MAX_RUNS = 10;

const log = byId('transcript');
const status = byId('status');

/** @type {Conversation[]} */
const conversations = [];

/** One run and its part of the transcript. */
class Conversation {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
    /** @type {any} */
    this.run = null;
    /** @type {any} */
    this.manifest = null;
    /** @type {import('./transcript.js').RunEvent[]} */
    this.events = [];
    this.node = h('section', { class: 'run', 'data-run': id });
    this.drawing = false;
    this.stale = false;
    this.reading = false;
    this.said = '';
    /** @type {import('./view.js').Actions} */
    this.actions = {
      language: '',
      answer: (answers) => this.send((key) => api.answer(id, answers, key)),
      confirm: (text) => this.send((key) => api.confirm(id, text, key)),
      bundle: async () => save(await api.readBundle(id), `proviso-${id}.zip`),
    };
  }

  get ended() {
    return this.run !== null && ENDS.includes(this.run.state) && this.events.some((e) => e.kind === 'ended');
  }

  async live() {
    await this.read();
    await api.follow(this.id, (kind, data) => {
      if (kind === 'snapshot') {
        this.run = data;
        this.events = remembered(data);
      } else {
        this.events.push({ kind, data });
      }
      // What events do not carry (answers, notices, the reply) is in the run, which is stored before it is told of.
      if (kind === 'state' || kind === 'ended') this.read().catch(report);
      this.draw();
      return this.events.some((e) => e.kind === 'ended');
    }, (connected) => { byId('offline').hidden = connected || this.ended; });
    await this.read();
  }

  /** Reads the run, once at a time and once more if it changed meanwhile. */
  async read() {
    if (this.reading) {
      this.stale = true;
      return;
    }
    this.reading = true;
    try {
      do {
        this.stale = false;
        this.run = await api.readRun(this.id);
        if (this.run.manifest && this.run.state === 'delivered' && this.manifest === null) {
          this.manifest = await api.readManifest(this.id).catch((err) => {
            report(err);
            return err instanceof api.Problem && err.status === 410 ? false : null;
          });
        }
        this.draw();
      } while (this.stale);
    } finally {
      this.reading = false;
    }
  }

  /** @param {(key: string) => Promise<void>} deliver */
  async send(deliver) {
    await deliver(api.randomId());
    byId('composer-text').focus();
  }

  /** Draws once a frame at most, however many events come. */
  draw() {
    if (this.drawing || !this.run) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;
      this.actions.language = this.run.language;
      const messages = transcript(this.run, this.events, this.manifest);
      if (this.node.childElementCount === 0) this.node.append(h('h2', { class: 'hidden' }, t('run.title')), h('div', { class: 'messages' }));
      const list = /** @type {HTMLElement} */ (this.node.lastElementChild);
      reconcile(list, messages, (m) => messageNode(/** @type {any} */ (m), this.actions));
      log.setAttribute('aria-busy', String(!this.ended && !isWaiting(this.run.state)));
      this.announce(messages);
      drawComposer();
      if (atEnd) window.scrollTo(0, document.documentElement.scrollHeight);
    });
  }

  /** Says the coarse steps to who does not see them. @param {import('./transcript.js').Message[]} messages */
  announce(messages) {
    const last = messages.at(-1);
    if (!last || conversations.at(-1) !== this || last.key + last.kind === this.said) return;
    this.said = last.key + last.kind;
    const key = 'status.' + (last.kind === 'step' ? last.step : last.kind === 'ended' ? last.state : last.kind);
    if (has(key)) status.textContent = t(key);
  }
}

function current() {
  return conversations.at(-1);
}

function drawComposer() {
  const conversation = current();
  const run = conversation && conversation.run;
  const active = Boolean(run) && !ENDS.includes(run.state);
  byId('cancel').hidden = !active;
  byId('new').hidden = !run;
  byId('welcome').hidden = Boolean(conversation);
  byId('waiting').hidden = !run || !isWaiting(run.state);
  byId('composer-text').placeholder = t(run && run.state === 'confirming' ? 'composer.confirming' : 'composer.placeholder');
  if (run && isWaiting(run.state)) byId('waiting-text').textContent = t('waiting.' + run.state);
}

/** @param {unknown} err */
function report(err) {
  if (err instanceof api.Problem && err.status === 401) {
    showLogin(api.hasToken() ? err.message : '');
    return;
  }
  byId('composer-error').textContent = err instanceof Error ? err.message : String(err);
}

/** @param {string} message */
function showLogin(message) {
  byId('login').hidden = false;
  byId('welcome').hidden = true;
  byId('composer-bar').hidden = true;
  byId('logout').hidden = true;
  byId('login-error').textContent = message;
  byId('token').focus();
}

/** @param {string} id */
function open(id) {
  const conversation = new Conversation(id);
  conversations.push(conversation);
  log.append(conversation.node);
  conversation.live().catch(report);
}

function remember() {
  sessionStorage.setItem(RUNS, JSON.stringify(conversations.map((c) => c.id).slice(-MAX_RUNS)));
}

function session() {
  let id = sessionStorage.getItem(SESSION);
  if (!id) {
    id = 'page-' + api.randomId();
    sessionStorage.setItem(SESSION, id);
  }
  return id;
}

/** The runs that the address and this tab speak of, oldest first. */
function knownRuns() {
  const [, asked] = location.pathname.match(/^\/runs\/([A-Za-z0-9_-]{1,64})$/) || [];
  if (!asked) return [];
  /** @type {string[]} */
  const runs = JSON.parse(sessionStorage.getItem(RUNS) || '[]');
  return runs.includes(asked) ? runs.slice(0, runs.indexOf(asked) + 1) : [asked];
}

async function start() {
  try {
    await api.knock();
  } catch (err) {
    report(err);
    if (err instanceof api.Problem && err.status === 401) return;
  }
  byId('login').hidden = true;
  byId('logout').hidden = !api.hasToken();
  byId('composer-bar').hidden = false;
  if (conversations.length > 0) {
    location.reload(); // the token ended in the middle: what is on the page may have missed something
    return;
  }
  for (const id of knownRuns()) open(id);
  drawComposer();
  if (conversations.length === 0) byId('composer-text').focus();
}

// The key stays until the request is taken in: sending the same words again after a lost answer begins no second run.
let key = '';
let keyed = '';

byId('composer').addEventListener('submit', async (/** @type {Event} */ event) => {
  event.preventDefault();
  const field = byId('composer-text');
  const error = byId('composer-error');
  const text = field.value.trim();
  const conversation = current();
  error.textContent = '';
  if (!text) {
    error.textContent = t('composer.empty');
    field.focus();
    return;
  }
  try {
    if (conversation && conversation.run && conversation.run.state === 'confirming') {
      await conversation.actions.confirm(text);
    } else if (conversation && !(conversation.run && ENDS.includes(conversation.run.state))) {
      error.textContent = t('composer.busy');
      return;
    } else {
      if (text !== keyed) [key, keyed] = [api.randomId(), text];
      const id = await api.begin(text, session(), key);
      keyed = '';
      open(id);
      remember();
      history.replaceState(null, '', '/runs/' + id);
      byId('language').setAttribute('href', `/runs/${id}?lang=${byId('language').hreflang}`);
      drawComposer();
    }
    field.value = '';
    field.focus();
    window.scrollTo(0, document.documentElement.scrollHeight);
  } catch (err) {
    report(err);
  }
});

byId('composer-text').addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId('composer').requestSubmit();
});

byId('cancel').addEventListener('click', () => {
  const conversation = current();
  if (conversation) api.cancel(conversation.id).catch(report);
});

byId('new').addEventListener('click', () => {
  sessionStorage.removeItem(SESSION);
  sessionStorage.removeItem(RUNS);
  location.assign('/');
});

byId('login-form').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  api.setToken(byId('token').value.trim());
  byId('token').value = '';
  start();
});

byId('logout').addEventListener('click', () => {
  api.setToken(null);
  location.reload();
});

byId('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  document.cookie = `proviso_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
});

for (const example of document.querySelectorAll('[data-example]')) {
  example.addEventListener('click', () => {
    byId('composer-text').value = example.textContent;
    byId('composer-text').focus();
  });
}

start();
