// Building and updating nodes. Text from the server only ever becomes text nodes and plain attributes: there is no way from
// here to innerHTML.

/** @typedef {Node|string|number|null|undefined|false} Child */

/**
 * Makes an element. Attributes: a function is a listener, true is an empty attribute, false and undefined leave it out.
 * @param {string} name
 * @param {Object<string, any>} [attributes]
 * @param {...(Child|Child[])} children
 * @returns {HTMLElement}
 */
export function h(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(key, value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value !== undefined && value !== null && value !== '') node.setAttribute(key, String(value));
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/**
 * Makes a container's children those of a list, in order. A node whose item is unchanged is left alone, so that what a person
 * is typing, has opened or has selected in it stays.
 * @template {{key: string}} T
 * @param {HTMLElement} container
 * @param {T[]} items
 * @param {(item: T) => HTMLElement} render
 */
export function reconcile(container, items, render) {
  const old = new Map(Array.from(container.children, (c) => [/** @type {HTMLElement} */ (c).dataset.key, c]));
  let place = container.firstElementChild;
  for (const item of items) {
    const version = JSON.stringify(item);
    let node = /** @type {HTMLElement|undefined} */ (old.get(item.key));
    if (!node || versions.get(node) !== version) {
      const fresh = render(item);
      fresh.dataset.key = item.key;
      versions.set(fresh, version);
      if (node) {
        if (place === node) place = node.nextElementSibling;
        node.remove();
      }
      node = fresh;
    }
    old.delete(item.key);
    if (place === node) place = node.nextElementSibling;
    else container.insertBefore(node, place);
  }
  for (const left of old.values()) left.remove();
}

/** @type {WeakMap<Element, string>} */
const versions = new WeakMap();

/**
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error('no element ' + id);
  return node;
}
