import { boolean, list, number, object, oneOf, optional, string } from './shape.js';

/**
 * What the API answers a client.
 *
 * @typedef {ReturnType<typeof readBody>} Body
 * @typedef {ReturnType<typeof readIssue>} Issue
 * @typedef {ReturnType<typeof readView>} View
 * @typedef {ReturnType<typeof readProblem>} Problem
 */

const body = {
  organizationId: string,
  title: string,
  description: optional(string),
  priority: oneOf('low', 'normal', 'high', 'urgent'),
  category: optional(string),
};

/** What is sent to raise an issue. */
export const readBody = object(body);

export const readIssue = object({ ...body, id: string, number, acceptedAt: string });

export const readProblem = object({
  code: string,
  detail: string,
  errors: optional(list(object({ pointer: string, detail: string }))),
});

export const readIssues = object({ issues: list(readIssue), nextCursor: optional(string) });

export const readOrganization = object({ id: string, name: string });

export const readSignedIn = object({ token: string });

/** What the page itself is told by its server. */
export const readOptions = object({ demoUsers: list(string), hasDashboard: boolean });

/** What became of a submission. */
export const readView = object({
  status: oneOf('queued', 'processing', 'completed', 'rejected', 'failed'),
  issue: optional(readIssue),
  error: optional(readProblem),
});
