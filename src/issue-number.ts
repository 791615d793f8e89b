/** SQL for what a sequence gave last, whether or not that is committed yet: a sequence belongs to no transaction. */
export function lastOf(sequence: string): string {
  // One that has not been called since it was set names what comes next.
  return `(select case when is_called then last_value else last_value - 1 end from ${sequence})`;
}

/** SQL for the number that was given to an issue last; 0 before the first. */
export const LAST_ISSUE_NUMBER = lastOf('issues_number_seq');
