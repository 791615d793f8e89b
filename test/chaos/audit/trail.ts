import { differingTrail } from '../../support/trail.ts';
import type { Finding } from './findings.ts';

/** Of users with whom nothing else is wrong: an issue that is lost, or out of order, has told already. */
export async function trailFindings(databaseUrl: string, others: readonly Finding[]): Promise<Finding[]> {
  const told = new Set(others.map(({ userId }) => userId));
  const differing = (await differingTrail(databaseUrl)).filter(({ user_id }) => !told.has(user_id));
  return differing.map(({ user_id: userId, issue_id, issues, trail }) => ({
    kind: 'trail',
    userId,
    ...(issue_id === null ? {} : { submissionId: issue_id }),
    detail: `by the issues it went from ${issues}, by the trail from ${trail}`,
  }));
}
