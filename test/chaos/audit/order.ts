import type { Finding } from './findings.ts';
import type { Matched } from './matched.ts';

/*
 * Invariant 2: a user's issues are numbered in the order in which they were
 * accepted. Not meant are those that were redriven (their place is at the end),
 * and those refused at the door that are there all the same: their user went on.
 */

/** Each issue of one user that was applied before one that was accepted earlier. */
export function* reordered(raises: readonly Matched[]): Generator<Finding> {
  let latest: { readonly place: number; readonly number: number } | undefined;
  for (const [index, { userId, raise, id, issue, redriven }] of raises.entries()) {
    if (issue === undefined || redriven || raise.outcome === 'refused') continue;
    if (latest === undefined || issue.number > latest.number) {
      latest = { place: index + 1, number: issue.number };
      continue;
    }
    yield {
      kind: 'reordered',
      userId,
      ...(id === undefined ? {} : { submissionId: id }),
      detail: `applied as number ${issue.number}, before raise ${latest.place} (number ${latest.number})`,
    };
  }
}
