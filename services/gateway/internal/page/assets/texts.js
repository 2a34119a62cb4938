// The texts of the page, from the catalogue that came with the document, and figures as the language writes them.

const source = document.getElementById('texts');
/** @type {Object<string, string>} */
const texts = JSON.parse(source ? source.textContent || '{}' : '{}');

/** The language of the page, "en" or "fr". */
export const language = document.documentElement.lang;

/**
 * Returns the text of a key, with placeholders filled. A key that is not known is returned as it is.
 * @param {string} key
 * @param {Object<string, string|number>} [values]
 */
export function t(key, values = {}) {
  const text = texts['page.' + key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * @param {string} key
 * @returns {boolean}
 */
export function has(key) {
  return 'page.' + key in texts;
}

/** @param {number} value @param {number} [digits] */
export function number(value, digits = 0) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/**
 * A length of time in milliseconds, in the unit that reads best.
 * @param {number} ms
 */
export function duration(ms) {
  return ms < 1000 ? t('unit.ms', { n: number(ms, ms < 10 ? 1 : 0) }) : t('unit.s', { n: number(ms / 1000, 1) });
}

/** @param {string} iso */
export function clock(iso) {
  return new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' }).format(new Date(iso));
}

/** Date and time. @param {string} iso */
export function moment(iso) {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(iso));
}
