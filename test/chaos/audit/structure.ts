import type { Audit } from '../../../src/audit/audit.ts';
import type { Look } from '../../../src/audit/looks.ts';
import type { Finding, FindingKind } from './findings.ts';

/**
 * What the operator's audit checks and the ledger cannot. The rest is compared
 * with the ledger, which knows better: its order does not depend on clocks.
 */
const KINDS: Record<string, FindingKind | 'left to the ledger'> = {
  one_profile: 'profile',
  primary_organization: 'profile',
  one_customer: 'customer',
  customer_profile: 'customer',
  issue_customer: 'customer',
  one_issue: 'doubled',
  failed_recorded: 'refusal',
  lane_count: 'lane',
  one_at_work: 'lane',
  own_lane: 'lane',
  old_lanes_empty: 'lost',
  order: 'left to the ledger',
  one_end: 'left to the ledger',
  redriven_issue: 'left to the ledger',
  trail_chain: 'left to the ledger',
  trail_issue: 'left to the ledger',
  completed_applied: 'left to the ledger',
};

/** @throws for a check that is not in the table above */
export function structuralFindings({ checks }: Audit): Finding[] {
  return checks.flatMap(check => {
    const kind = KINDS[check.name];
    if (kind === undefined) throw new Error(`the ledger's audit does not know the check ${check.name}`);
    return kind === 'left to the ledger' ? [] : findingsOf(check, kind);
  });
}

function findingsOf({ suspects, title }: Look, kind: FindingKind): Finding[] {
  return suspects.map(({ userId, id, lane, what }) => ({
    kind,
    ...(userId === undefined ? {} : { userId }),
    ...(id === undefined ? {} : { submissionId: id }),
    detail: `${lane === undefined ? '' : `${lane}: `}${what} (${title})`,
  }));
}
