/**
 * Who is signed in. The token is in sessionStorage: it survives a reload, and goes
 * with the tab. Its claims are read for display and to keep users apart; whether
 * they are true only the server knows.
 *
 * @typedef {{ token: string, userId: string }} Session
 */

const STORED_AS = 'issue-intake:token';

/** @returns {Session | undefined} the one of the address, else the one of before */
export function currentSession() {
  const token = takeFromAddress() ?? sessionStorage.getItem(STORED_AS);
  return token ? openSession(token) : undefined;
}

/**
 * @param {string} token
 * @returns {Session | undefined} undefined when it is no token of a user
 */
export function openSession(token) {
  const userId = subjectOf(token);
  if (userId === undefined) return undefined;
  sessionStorage.setItem(STORED_AS, token);
  return { token, userId };
}

export function closeSession() {
  sessionStorage.removeItem(STORED_AS);
}

/** A token must not stay in the address bar or the history. @returns {string | null} */
function takeFromAddress() {
  const url = new URL(location.href);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const token = fragment.get('token') ?? url.searchParams.get('token');
  if (token === null) return null;
  url.searchParams.delete('token');
  url.hash = '';
  history.replaceState(null, '', url);
  return token;
}

/**
 * @param {string} token
 * @returns {string | undefined}
 */
function subjectOf(token) {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), char => char.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof sub === 'string' && sub !== '' ? sub : undefined;
  } catch {
    return undefined;
  }
}
