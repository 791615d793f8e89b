/**
 * What is looked at is in the page's address, so that it can be linked to, and the
 * browser's way back leads back.
 *
 * @typedef {{ submission: string } | { search: string } | undefined} Place
 */

/** @returns {Place} */
export function currentPlace() {
  const given = new URLSearchParams(location.hash.slice(1));
  const [submission, search] = [given.get('submission'), given.get('search')];
  if (submission) return { submission };
  return search ? { search } : undefined;
}

/**
 * @param {NonNullable<Place>} place
 * @returns {string}
 */
export function addressOf(place) {
  return `#${new URLSearchParams(place)}`;
}
