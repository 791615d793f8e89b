import { randomUUID } from 'node:crypto';
import type { Lane } from '../../src/lanes.ts';
import type { Submission } from '../../src/submission.ts';
import type { OwnedLane } from '../../src/workers/unit-of-work.ts';

export const ORGANIZATION_A = '00000000-0000-4000-8000-00000000000a';
export const ORGANIZATION_B = '00000000-0000-4000-8000-00000000000b';

/** A lane for a unit of work on its own. */
export const LANE = { index: 0, of: 1 };

/** A lane that no other process can have. */
export function owned(lane: Lane = LANE): OwnedLane {
  return { lane, confirm: async () => {} };
}

/** A submission of `u1` for organization A, except for what is given. */
export function aSubmission(facts: Partial<Submission> = {}): Submission {
  return {
    id: randomUUID(),
    userId: 'u1',
    organizationId: ORGANIZATION_A,
    title: 'The printer is on fire',
    acceptedAt: new Date('2026-01-02T03:04:05.678Z'),
    attempt: 0,
    ...facts,
  };
}
