/**
 * SQL for the number that was given to an issue last, whether or not that issue
 * is committed yet: a sequence belongs to no transaction. 0 before the first.
 */
export const LAST_ISSUE_NUMBER =
  '(select case when is_called then last_value else 0 end from issues_number_seq)';
