// Components that several messages share: the table, the copy button, the download.

import { h } from './dom.js';
import { t } from './texts.js';

/**
 * A table in a frame of its own, which scrolls where the screen is narrow and can be reached by keyboard.
 * @param {string} caption
 * @param {string[]} heads
 * @param {HTMLElement[]} rows
 */
export function table(caption, heads, rows) {
  // Where the screen is too narrow for columns, each value carries its column's name.
  for (const row of rows) Array.from(row.children).forEach((cell, i) => cell.setAttribute('data-label', heads[i]));
  return h('div', { class: 'table', role: 'group', tabindex: '0', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'hidden' }, caption),
      h('thead', {}, h('tr', {}, heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', {}, rows)));
}

/**
 * @param {string} text
 * @param {string} what for people who do not see what stands beside the button
 */
export function copyButton(text, what) {
  const label = h('span', {}, t('copy'));
  return h('button', {
    type: 'button', class: 'button small',
    click: async () => {
      // The clipboard is closed to pages that came over plain HTTP from another machine.
      const copied = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => false) : false;
      label.textContent = t(copied ? 'copied' : 'copy.failed');
      setTimeout(() => { label.textContent = t('copy'); }, 2000);
    },
  }, label, h('span', { class: 'hidden' }, ' ' + what));
}

/**
 * Offers bytes as a file of that name.
 * @param {Blob} blob
 * @param {string} path
 */
export function save(blob, path) {
  const href = URL.createObjectURL(blob);
  const link = h('a', { href, download: path.split('/').at(-1) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 10000);
}
