import { PROBLEM_TYPE, Problem } from './problem-details.ts';

const DESCRIPTIONS = {
  400: 'The request cannot be read, or a field is not as it should be',
  401: 'The access token is missing or not accepted; `code` says why',
  404: 'There is no such thing, or it is somebody else’s',
  413: 'The body is larger than 64 KiB',
  415: 'The body is not JSON',
  422: 'The request is understood and refused; `code` says why',
  429: 'You ask too fast, have too many of these at once, or too many requests from your address had no good token; `code` says which. Try again after `Retry-After` seconds',
  503: 'Queue or database cannot be reached, or too much waits already (`backlog_full`); try again after `Retry-After` seconds',
} as const;

type ProblemStatus = keyof typeof DESCRIPTIONS;

/** The problem answers of a route, for the API's description. */
export function problems<Status extends ProblemStatus>(...statuses: Status[]) {
  return Object.fromEntries(
    statuses.map(status => [
      status,
      { description: DESCRIPTIONS[status], content: { [PROBLEM_TYPE]: { schema: Problem } } },
    ]),
  );
}
