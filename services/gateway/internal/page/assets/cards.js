// What waits for the requester: questions with options, and the interpretation to confirm. Both stay readable once answered.

import { h } from './dom.js';
import { moment, t } from './texts.js';
import { table } from './widgets.js';

/** @typedef {import('./view.js').Actions} Actions */

/** @param {any} m @param {Actions} a */
export function questionCard(m, a) {
  if (!m.open) {
    return [h('ul', { class: 'asked', lang: a.language }, m.questions.map((/** @type {any} */ q) => h('li', {}, q.text)))];
  }
  const prefix = 'q-' + m.key;
  const error = h('p', { class: 'error', id: prefix + '-error', role: 'alert' });
  const form = /** @type {HTMLFormElement} */ (h('form', {
    class: 'card waiting-card', id: 'waiting-card', tabindex: '-1', novalidate: true,
    submit: async (/** @type {Event} */ event) => {
      event.preventDefault();
      const answers = m.questions.map((/** @type {any} */ q, /** @type {number} */ i) => ({ id: q.id, text: answerOf(form, prefix + i) }));
      const missing = m.questions.findIndex((/** @type {any} */ q, /** @type {number} */ i) => q.required && !answers[i].text);
      if (missing >= 0 || !answers.some((/** @type {any} */ x) => x.text)) {
        error.textContent = t('question.missing', { question: m.questions[Math.max(missing, 0)].text });
        /** @type {HTMLElement} */ (form.querySelector(`[name="${prefix + Math.max(missing, 0)}"], #${prefix + Math.max(missing, 0)}-own`)).focus();
        return;
      }
      await once(form, error, () => a.answer(answers.filter((/** @type {any} */ x) => x.text)));
    },
  },
  m.questions.map((/** @type {any} */ q, /** @type {number} */ i) => question(q, prefix + i, prefix, a)),
  expiry(m.questions),
  h('div', { class: 'row' }, h('button', { class: 'button primary' }, t('question.submit'))),
  error));
  return [form];
}

/** @param {any} q @param {string} name @param {string} prefix @param {Actions} a */
function question(q, name, prefix, a) {
  const own = h('input', { class: 'field', id: name + '-own', type: 'text', maxlength: '4096', autocomplete: 'off', 'aria-describedby': prefix + '-error' });
  return h('fieldset', { class: 'question' },
    h('legend', { lang: a.language }, q.text, !q.required && h('span', { class: 'hint' }, ' ' + t('question.optional'))),
    h('div', { class: 'options' }, q.options.map((/** @type {any} */ o) => h('label', { class: 'option', lang: a.language },
      h('input', { type: 'radio', name, value: o.value, change: () => { /** @type {HTMLInputElement} */ (own).value = ''; } }),
      h('span', {}, o.label || o.value)))),
    h('label', { class: 'own', for: name + '-own' }, t(q.options.length > 0 ? 'question.own' : 'question.answer')), own);
}

/** What a person wrote wins over what they chose. @param {HTMLFormElement} form @param {string} name */
function answerOf(form, name) {
  const own = /** @type {HTMLInputElement} */ (form.querySelector(`#${name}-own`)).value.trim();
  const chosen = /** @type {HTMLInputElement|null} */ (form.querySelector(`input[name="${name}"]:checked`));
  return own || (chosen ? chosen.value : '');
}

/** @param {any[]} questions */
function expiry(questions) {
  const expires = questions.map((q) => q.expires_at).filter(Boolean).sort()[0];
  return expires && h('p', { class: 'hint' }, t('question.expires', { time: moment(expires) }));
}

/** @param {any} m @param {Actions} a */
export function confirmCard(m, a) {
  const rows = m.interpretation.map((/** @type {any} */ r) => h('tr', { class: 'is-' + r.origin },
    h('th', { scope: 'row', lang: a.language }, r.label),
    h('td', { lang: a.language }, r.value),
    h('td', {}, h('span', { class: 'chip small is-' + r.origin }, t('origin.' + r.origin))),
    h('td', { lang: a.language }, r.reason)));
  const nodes = [
    h('p', {}, t('confirm.text')),
    table(t('confirm.table'), [t('confirm.what'), t('confirm.value'), t('confirm.origin'), t('confirm.reason')], rows),
  ];
  if (!m.open) return nodes;
  const error = h('p', { class: 'error', id: m.key + '-error', role: 'alert' });
  const words = /** @type {HTMLInputElement} */ (h('input', {
    class: 'field', id: m.key + '-words', type: 'text', maxlength: '4096', autocomplete: 'off',
    placeholder: t('confirm.words.placeholder'), 'aria-describedby': m.key + '-error',
  }));
  /** @param {string} text */
  const send = (text) => once(form, error, () => a.confirm(text));
  const form = h('form', {
    class: 'card waiting-card', id: 'waiting-card', tabindex: '-1', novalidate: true, 'aria-label': t('confirm.question'),
    submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      if (words.value.trim()) send(words.value.trim());
      else {
        error.textContent = t('confirm.missing');
        words.focus();
      }
    },
  },
  m.questions.map((/** @type {any} */ q) => h('p', { lang: a.language }, h('strong', {}, q.text))),
  h('div', { class: 'row' },
    h('button', { type: 'button', class: 'button primary', 'data-answer': 'yes', click: () => send(t('confirm.yes')) }, t('confirm.yes')),
    h('button', { type: 'button', class: 'button', 'data-answer': 'no', click: () => send(t('confirm.no')) }, t('confirm.no'))),
  h('label', { class: 'own', for: m.key + '-words' }, t('confirm.words')),
  h('div', { class: 'row' }, words, h('button', { class: 'button' }, t('confirm.correct'))),
  expiry(m.questions), error);
  return [...nodes, form];
}

/**
 * Sends a card's answer once: its controls are off until the run goes on, or on again with the reason why not.
 * @param {HTMLElement} form
 * @param {HTMLElement} error
 * @param {() => Promise<void>} send
 */
async function once(form, error, send) {
  const controls = /** @type {NodeListOf<HTMLButtonElement|HTMLInputElement>} */ (form.querySelectorAll('button, input'));
  error.textContent = '';
  for (const c of controls) c.disabled = true;
  try {
    await send();
  } catch (err) {
    for (const c of controls) c.disabled = false;
    error.textContent = err instanceof Error ? err.message : String(err);
  }
}
