import { IntakeError, ProblemError, TokenError } from '../../client/index.js';
import { ONCE, requests } from '../service.js';
import { boolean, dictionary, list, nullable, number, object, oneOf, optional, string } from '../shape.js';

/**
 * What the API answers the administrator.
 *
 * @typedef {ReturnType<typeof readHistory>} History
 * @typedef {History['points'][number]} Point
 * @typedef {History['lanes'][number]} Lane
 * @typedef {History['processes'][number]} Process
 * @typedef {History['totals']} Totals
 * @typedef {ReturnType<typeof readSearch>} Search
 * @typedef {Search['submissions'][number]} Found
 * @typedef {ReturnType<typeof readLife>} Life
 * @typedef {ReturnType<typeof readRedriven>} Redriven
 * @typedef {ReturnType<typeof readEndpoints>['endpoints'][number]} Endpoint
 */

/**
 * An answer, or in words why there is none, and whether there may be one later.
 *
 * @template T
 * @typedef {{ value: T } | { trouble: string, passes: boolean }} Asked
 */

const counts = dictionary(number);

export const readHistory = object({
  everyMs: number,
  points: list(
    object({
      at: number,
      accepted: number,
      applied: number,
      rejected: counts,
      failed: counts,
      retries: counts,
      p50Ms: nullable(number),
      p99Ms: nullable(number),
      backlog: number,
    }),
  ),
  lanes: list(object({ lane: string, waiting: number, oldestMs: nullable(number), owner: nullable(string) })),
  processes: list(
    object({ id: string, name: string, host: string, pid: number, lanes: list(string), startedAt: number }),
  ),
  totals: object({ since: number, accepted: number, applied: number, rejected: counts, failed: counts }),
});

const status = oneOf('queued', 'processing', 'applied', 'rejected', 'failed');

export const readSearch = object({
  submissions: list(
    object({
      submissionId: string,
      userId: string,
      organizationId: string,
      lane: string,
      status,
      code: optional(string),
      number: optional(number),
      title: optional(string),
      acceptedAt: string,
      endedAt: optional(string),
    }),
  ),
  organizations: list(object({ id: string, name: string, active: boolean })),
  cut: list(string),
  away: list(string),
  nextBefore: optional(string),
});

const named = object({ id: string, name: optional(string) });

export const readLife = object({
  submissionId: string,
  userId: string,
  organization: object({ id: string, name: optional(string), active: optional(boolean) }),
  lane: string,
  status,
  keyed: boolean,
  requestId: optional(string),
  acceptedAt: string,
  place: optional(number),
  waiting: optional(number),
  takenAt: optional(string),
  waitingFor: optional(string),
  attempts: number,
  refusal: optional(
    object({
      status: oneOf('rejected', 'failed'),
      code: string,
      detail: string,
      refusedAt: optional(string),
      inForce: boolean,
      released: boolean,
    }),
  ),
  issue: optional(
    object({
      number,
      appliedAt: string,
      acceptToCommitMs: number,
      batch: object({ size: number, first: number, last: number }),
      moved: optional(object({ from: named, to: named })),
    }),
  ),
  title: optional(string),
  description: optional(string),
  jobUrl: optional(string),
  canRedrive: boolean,
  away: list(string),
});

export const readRedriven = object({ deed: string, detail: string });

export const readEndpoints = object({
  endpoints: list(
    object({
      organizationId: string,
      url: string,
      ordered: boolean,
      active: boolean,
      undelivered: number,
      givenUp: number,
      lastFailure: optional(string),
    }),
  ),
  nextCursor: optional(string),
});

/**
 * @template T
 * @param {string} path below /admin/
 * @param {(body: unknown) => T} read
 * @param {{ body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<Asked<T>>}
 */
export async function ask(path, read, options = {}) {
  const { body, ...signal } = options;
  const sent = body === undefined ? {} : { json: JSON.stringify(body) };
  const answer = await requests.send(`admin/${path}`, sent, { ...ONCE, ...signal }).catch(error => ({
    trouble: troubleOf(error),
    passes: error instanceof IntakeError && error.passes,
  }));
  return 'trouble' in answer ? answer : { value: read(answer.body) };
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function troubleOf(error) {
  if (error instanceof TokenError) return 'You are no longer signed in. Load this page again.';
  return error instanceof ProblemError ? sentence(error.message) : 'The service does not answer.';
}

/**
 * @param {string} text
 * @returns {string}
 */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
