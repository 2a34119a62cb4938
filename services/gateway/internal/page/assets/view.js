// One message of the conversation as nodes: who speaks, and what.

import { h } from './dom.js';
import { confirmCard, questionCard } from './cards.js';
import { manifestParts } from './manifest.js';
import { clock, duration, has, number, t } from './texts.js';
import { copyButton, table } from './widgets.js';

/**
 * @typedef {import('./transcript.js').Message} Message
 * @typedef {{
 *   language: string,
 *   answer: (answers: {id: string, text: string}[]) => Promise<void>,
 *   confirm: (text: string) => Promise<void>,
 *   bundle: () => Promise<void>,
 * }} Actions
 */

/** @type {Object<string, (m: any, a: Actions) => (HTMLElement|string)[]>} */
const parts = {
  said: (m, a) => m.texts.map((/** @type {string} */ text) => h('p', { class: 'said', lang: a.language }, text)),
  notices: (m, a) => [
    h('ul', { class: 'banner', lang: a.language }, m.notices.map((/** @type {string} */ n) => h('li', {}, n))),
  ],
  step: stepParts,
  clarifying: questionCard,
  confirming: confirmCard,
  reply: replyParts,
  manifest: manifestParts,
  ended: endedParts,
};

/**
 * @param {Message} message
 * @param {Actions} actions
 * @returns {HTMLElement}
 */
export function messageNode(message, actions) {
  const { agent, kind, at } = message;
  const name = t('agent.' + agent);
  return h('article', { class: `message from-${agent} is-${kind}`, 'data-agent': agent, 'data-kind': kind },
    h('span', { class: 'avatar', 'aria-hidden': 'true' }, name.charAt(0)),
    h('div', { class: 'body' },
      h('header', { class: 'byline' },
        h('h3', { class: 'agent' }, name),
        has('agent.role.' + agent) && h('span', { class: 'role' }, t('agent.role.' + agent)),
        at && h('time', { datetime: at }, clock(at))),
      parts[kind](message, actions)));
}

const MARKS = { running: '…', done: '✓', failed: '✕', again: '↻', stopped: '–' };

/** @param {any} m @param {Actions} a */
function stepParts(m, a) {
  const state = /** @type {keyof typeof MARKS} */ (m.state);
  const nodes = [
    h('p', { class: 'step is-' + state },
      h('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[state]),
      h('span', {}, t('step.' + m.step)),
      h('span', { class: 'chip small' }, t('step.state.' + state)),
      m.ms !== undefined && h('span', { class: 'figure' }, duration(m.ms)),
      m.iterations && h('span', { class: 'figure' }, t('step.iterations', { n: m.iterations }))),
  ];
  if (m.lines.length > 0) {
    nodes.push(h('ul', { class: 'lines', lang: a.language }, m.lines.map((/** @type {string} */ line) => h('li', {}, line))));
  }
  if (m.summary) nodes.push(h('p', { lang: a.language }, m.summary));
  if (m.unknown && m.unknown.length > 0) {
    nodes.push(h('details', { class: 'card' },
      h('summary', {}, h('h4', {}, t('unknown.title', { n: number(m.unknown.length) }))),
      h('ul', { class: 'lines', lang: a.language }, m.unknown.map((/** @type {string} */ line) => h('li', {}, line)))));
  }
  if (m.problem) nodes.push(h('p', { class: 'banner warning', lang: a.language }, m.problem));
  for (const decision of m.placement || []) nodes.push(placement(decision, a));
  const stages = m.proof ? m.proof.stages : m.stages;
  if (stages.length > 0) nodes.push(proof(stages, m.proof && m.proof.status, a));
  return nodes;
}

/** @param {any} decision @param {Actions} a */
function placement(decision, a) {
  return h('section', { class: 'card' },
    h('h4', {}, t('placement.title', { guest: decision.guest, node: decision.node })),
    h('p', { lang: a.language }, decision.reason),
    table(t('placement.nodes', { guest: decision.guest }),
      [t('placement.node'), t('placement.outcome'), t('placement.load'), t('placement.memory'), t('placement.reason')],
      decision.nodes.map((/** @type {any} */ n) => h('tr', { class: 'is-' + n.outcome },
        h('th', { scope: 'row' }, n.node),
        h('td', {}, h('span', { class: 'chip small is-' + n.outcome }, t('placement.' + n.outcome))),
        h('td', { class: 'figure' }, t('unit.percent', { n: number(n.load_percent) })),
        h('td', { class: 'figure' }, t('unit.gib', { n: number(n.memory_free_mib / 1024, 1) })),
        h('td', { lang: a.language }, n.reason)))));
}

/** @param {any[]} stages @param {string} status @param {Actions} a */
function proof(stages, status, a) {
  const passed = stages.filter((s) => s.status === 'passed').length;
  return h('details', { class: 'card', open: status === 'failed' },
    h('summary', {}, h('h4', {}, t('proof.title')),
      status && h('span', { class: 'chip small is-' + status }, t('proof.' + status)),
      h('span', { class: 'figure' }, t('proof.count', { passed: number(passed), all: number(stages.length) }))),
    table(t('proof.title'), [t('proof.stage'), t('proof.status'), t('proof.duration'), t('proof.seen')],
      stages.map((s) => h('tr', { class: 'is-' + s.status },
        h('th', { scope: 'row' }, has('stage.' + s.name) ? t('stage.' + s.name) : s.name),
        h('td', {}, h('span', { class: 'chip small is-' + s.status }, t('proof.' + s.status))),
        h('td', { class: 'figure' }, s.status === 'skipped' ? '–' : duration(s.duration_ms)),
        h('td', { lang: a.language }, s.summary, findings(s.findings || []))))));
}

/** @param {any[]} found */
function findings(found) {
  return found.length > 0 && h('ul', { class: 'findings' }, found.map((f) => h('li', {},
    h('span', { class: 'chip small is-' + f.severity }, f.rule), ' ', f.message, f.address && h('code', {}, ' ' + f.address), f.fix && h('p', {}, f.fix))));
}

/** @param {any} m @param {Actions} a */
function replyParts(m, a) {
  const { text, rows = [], commands = [] } = m.reply;
  const nodes = [h('p', { lang: a.language }, text)];
  if (rows.length > 0) {
    nodes.push(table(t('reply.figures'), [t('reply.what'), t('reply.value'), t('reply.reason')],
      rows.map((/** @type {any} */ r) => h('tr', { lang: a.language }, h('th', { scope: 'row' }, r.label), h('td', {}, r.value), h('td', {}, r.reason)))));
  }
  if (commands.length > 0) {
    nodes.push(h('section', { class: 'card' }, h('h4', {}, t('reply.commands')), h('p', {}, t('reply.commands.text')),
      commands.map((/** @type {string} */ c) => h('div', { class: 'row command' }, h('code', {}, c), copyButton(c, t('reply.command'))))));
  }
  return nodes;
}

/** @param {any} m @param {Actions} a */
function endedParts(m, a) {
  const tone = m.state === 'delivered' ? 'good' : m.state === 'cancelled' ? '' : 'bad';
  const said = m.reply ? t('ended.answered') : m.proof && m.state === 'delivered' ? t('ended.delivered.' + m.proof) : t('ended.' + m.state);
  return [h('p', { class: 'banner ' + tone }, h('strong', {}, said)), m.reason ? h('p', { lang: a.language }, m.reason) : ''];
}
