// The manifest's files: coloured, numbered, to copy and to take away.

import { h } from './dom.js';
import { number, t } from './texts.js';
import { copyButton, save } from './widgets.js';

/** @typedef {import('./view.js').Actions} Actions */

/** @param {any} m @param {Actions} a */
export function manifestParts(m, a) {
  const first = m.files.findIndex((/** @type {any} */ f) => f.path === 'main.tf');
  return [
    h('p', {}, t('manifest.text', { n: number(m.files.length) })),
    h('div', { class: 'row' }, h('button', { type: 'button', class: 'button primary', 'data-bundle': true, click: a.bundle }, t('manifest.bundle'))),
    h('div', { class: 'files' }, m.files.map((/** @type {any} */ f, /** @type {number} */ i) => file(f, i === Math.max(first, 0)))),
    m.notes.length > 0 ? h('section', { class: 'card' }, h('h4', {}, t('manifest.notes')),
      h('ul', { lang: a.language }, m.notes.map((/** @type {string} */ n) => h('li', {}, n)))) : '',
  ];
}

/** @param {{path: string, content: string, sha256: string}} f @param {boolean} open */
function file(f, open) {
  const code = h('code', {});
  const details = h('details', { class: 'file', open, 'data-path': f.path },
    h('summary', {}, h('span', { class: 'path' }, f.path), h('span', { class: 'figure' }, t('unit.bytes', { n: number(new Blob([f.content]).size) }))),
    h('div', { class: 'row' },
      copyButton(f.content, f.path),
      h('button', { type: 'button', class: 'button small', click: () => save(new Blob([f.content], { type: 'text/plain' }), f.path) },
        t('download'), h('span', { class: 'hidden' }, ' ' + f.path)),
      h('span', { class: 'hint checksum' }, 'SHA-256 ' + f.sha256)),
    h('pre', { tabindex: '0', role: 'group', 'aria-label': f.path }, code));
  code.append(...lines(f.path, f.content));
  return details;
}

// Comments, strings, numbers, words before "=" and words that open a block: enough to find one's way in Terraform and YAML.
const TOKENS = /(#.*|\/\/.*)|("(?:[^"\\]|\\.)*")|\b(\d+(?:\.\d+)?|true|false|null)\b|^(\s*[\w.-]+)(?=\s*[=:]\s)|^(\s*[a-z_]+)(?=\s+["{])/g;
const CLASSES = ['', 'comment', 'string', 'value', 'name', 'block'];

/** @param {string} path @param {string} content */
function lines(path, content) {
  const coloured = /\.(tf|tfvars|hcl|ya?ml|example)$/.test(path);
  return content.replace(/\n$/, '').split('\n').map((text) => {
    const line = h('span', { class: 'line' });
    let end = 0;
    for (const found of coloured ? text.matchAll(TOKENS) : []) {
      line.append(text.slice(end, found.index));
      line.append(h('span', { class: 'tok-' + CLASSES[found.findIndex((g, i) => i > 0 && g !== undefined)] }, found[0]));
      end = found.index + found[0].length;
    }
    line.append(text.slice(end) + '\n');
    return line;
  });
}
