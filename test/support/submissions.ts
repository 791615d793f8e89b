import { randomUUID } from 'node:crypto';
import type { Submission } from '../../src/submission.ts';

export const ORGANIZATION_A = '00000000-0000-4000-8000-00000000000a';
export const ORGANIZATION_B = '00000000-0000-4000-8000-00000000000b';

/** A submission of `u1` for organization A, except for what is given. */
export function aSubmission(facts: Partial<Submission> = {}): Submission {
  return {
    id: randomUUID(),
    userId: 'u1',
    organizationId: ORGANIZATION_A,
    title: 'The printer is on fire',
    acceptedAt: new Date('2026-01-02T03:04:05.678Z'),
    ...facts,
  };
}
