import { boolean, list, number, object, oneOf, optional, string } from './shape.js';

/**
 * What the page reads by itself: its own options, the demonstration's sign-in, and
 * what this browser has kept. All else comes from the client library.
 *
 * @typedef {ReturnType<typeof readBody>} Body
 * @typedef {ReturnType<typeof readIssue>} Issue
 */

/** As the form offers it. */
export const readPriority = oneOf('low', 'normal', 'high', 'urgent');

const body = {
  organizationId: string,
  title: string,
  description: optional(string),
  priority: optional(readPriority),
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

export const readSignedIn = object({ token: string });

/** What the page itself is told by its server. */
export const readOptions = object({ demoUsers: list(string), hasDashboard: boolean });
