import type { Message } from './send.ts';

/** The outcome of a delivery, with its issue, as the database has it. Times are its texts. */
export interface MessageRow {
  readonly id: string;
  readonly submission_id: string;
  readonly organization_id: string;
  readonly user_id: string;
  readonly status: 'applied' | 'rejected' | 'failed';
  readonly code: string | null;
  readonly detail: string | null;
  readonly decided_at: string;
  readonly number: string | null;
  readonly title: string | null;
  readonly description: string | null;
  readonly priority: string | null;
  readonly category: string | null;
  readonly issue_status: string | null;
  readonly accepted_at: string | null;
  readonly created_at: string | null;
}

const TYPES = {
  applied: 'issue.applied',
  rejected: 'submission.rejected',
  failed: 'submission.failed',
};

/**
 * What an endpoint is told, after Standard Webhooks 1.0. The same on every try: it
 * is made of rows that do not change.
 *
 * @returns undefined when the issue that it would tell of is gone
 */
export function messageFor(row: MessageRow): Message | undefined {
  const part = row.status === 'applied' ? issueOf(row) : errorOf(row);
  if (part === undefined) return undefined;
  const { id, submission_id: submissionId, organization_id: organizationId, user_id: userId } = row;
  const body = JSON.stringify({
    type: TYPES[row.status],
    timestamp: iso(row.decided_at),
    data: { submissionId, organizationId, userId, ...part },
  });
  return { id, body };
}

/** As the API shows it; the organization is named beside it. */
function issueOf(row: MessageRow): { issue: object } | undefined {
  const { submission_id: id, number, title, description, priority, category, issue_status: status } = row;
  if (number === null || row.accepted_at === null || row.created_at === null) return undefined;
  return {
    issue: {
      id,
      number: Number(number),
      title,
      description,
      priority,
      ...(category === null ? {} : { category }),
      status,
      acceptedAt: iso(row.accepted_at),
      createdAt: iso(row.created_at),
    },
  };
}

function errorOf({ code, detail }: MessageRow): { error: object } {
  return { error: { code, detail } };
}

function iso(time: string): string {
  return new Date(time).toISOString();
}
