import { readBody, readIssue, readProblem } from './answers.js';
import { number, object, oneOf, optional, string } from './shape.js';

/**
 * Entries as this browser keeps them. What an older page left, or somebody else
 * wrote, is no entry when it does not look like one.
 *
 * @typedef {ReturnType<typeof readEntry>} Entry
 * @typedef {Entry['status']} Status
 */

export const PREFIX = 'issue-intake:entry:';

const readEntry = object({
  /** The Idempotency-Key, the same each time it is sent. */
  key: string,
  userId: string,
  body: readBody,
  /** Milliseconds since 1970, as the next. */
  createdAt: number,
  /** `waiting` to be sent; all others are known to the server, or refused by it. */
  status: oneOf('waiting', 'queued', 'processing', 'applied', 'rejected', 'failed'),
  /** That have failed. */
  attempts: number,
  nextTryAt: number,
  /** The code of the last failure that passes. */
  trouble: optional(string),
  submissionId: optional(string),
  /** Why it was refused. */
  error: optional(readProblem),
  /** What it became. */
  issue: optional(readIssue),
});

/** @returns {Entry[]} of all users */
export function storedEntries() {
  return Object.keys(localStorage)
    .filter(key => key.startsWith(PREFIX))
    .flatMap(key => parseEntry(localStorage.getItem(key) ?? '') ?? []);
}

/**
 * @param {string} text
 * @returns {Entry | undefined}
 */
export function parseEntry(text) {
  try {
    return readEntry(JSON.parse(text));
  } catch {
    return undefined;
  }
}
