/**
 * The element of this id.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} with the id ${id}`);
  return found;
}

/**
 * Has a screen reader say something.
 *
 * @param {string} text
 */
export function announce(text) {
  const line = document.createElement('span');
  line.textContent = text;
  // A new element is read also when the last one said the same.
  element('announcements', HTMLElement).replaceChildren(line);
}
