/**
 * SQL for what a sequence gave last, whether or not that is committed yet: a sequence
 * belongs to no transaction. Of the function, because the sequence's row cannot be
 * trusted: once in 32 numbers, while it goes into the log, it shows one that is 32 too high.
 */
export function lastOf(sequence: string): string {
  // One that has not been called since it was set names what comes next.
  return `coalesce(pg_sequence_last_value('${sequence}'), (select last_value - 1 from ${sequence}))`;
}

/** SQL for the number that was given to an issue last; 0 before the first. */
export const LAST_ISSUE_NUMBER = lastOf('issues_number_seq');
