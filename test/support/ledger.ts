import type { Intake } from '../../src/api/intake.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B } from './submissions.ts';
import { untilAccepted } from './until-accepted.ts';

/** What each user was told is accepted, in that order. */
export type Ledger = Map<string, { readonly id: string; readonly organizationId: string }[]>;

const BEGAN_AT = Date.UTC(2026, 0, 2);

/**
 * Every user raises `each` issues, one after the other's acceptance, and all users at once.
 * Every third is for another organization.
 */
export async function raiseAll(
  intake: Intake,
  { users, each }: { users: number; each: number },
): Promise<Ledger> {
  const ledger: Ledger = new Map();
  const raising = Array.from({ length: users }, async (_, n) => {
    const userId = `user-${n}`;
    const accepted: { id: string; organizationId: string }[] = [];
    ledger.set(userId, accepted);
    for (let count = 0; count < each; count++) {
      const organizationId = count % 3 ? ORGANIZATION_A : ORGANIZATION_B;
      const submission = aSubmission({ userId, organizationId, acceptedAt: new Date(BEGAN_AT + count) });
      await untilAccepted(intake, submission);
      accepted.push({ id: submission.id, organizationId: submission.organizationId });
    }
  });
  await Promise.all(raising);
  return ledger;
}
