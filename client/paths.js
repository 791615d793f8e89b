/** Where the API has what. */

export const API = 'api/client';

/**
 * @param {string} submissionId
 * @returns {string}
 */
export function pathOf(submissionId) {
  return `${API}/issues/submissions/${encodeURIComponent(submissionId)}`;
}

/**
 * @param {Record<string, string | number | undefined>} parameters
 * @returns {string} with those that are given
 */
export function query(parameters) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return `?${search}`;
}
