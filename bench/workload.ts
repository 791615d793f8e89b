import { randomUUIDv7 } from 'node:crypto';
import type { Submission } from '../src/submission.ts';

/*
 * What is submitted, the same for every system under test: users in a fixed
 * shuffled order, each with two organizations of which one has three quarters.
 */

export const ORGANIZATIONS = 20;

/** What a person writes: two sentences. */
const DESCRIPTION =
  'Since this morning the water in the kitchen comes out brown and smells of iron. ' +
  'The neighbours on the second floor say the same; the shop next door has clear water.';

export function userName(user: number): string {
  return `bench-user-${user}`;
}

export function organizationId(index: number): string {
  return `0199b000-0000-7000-8000-${(index % ORGANIZATIONS).toString(16).padStart(12, '0')}`;
}

/** The organization of a user's `nth` submission. */
export function organizationOf(user: number, nth: number): string {
  return organizationId(user + (nth % 4 === 0 ? 1 : 0));
}

/** What goes into the body of the `nth` request of a run. */
export function contentOf(user: number, nth: number) {
  return {
    organizationId: organizationOf(user, nth),
    title: `Brown water in the kitchen #${nth}`,
    description: DESCRIPTION,
    priority: 'high' as const,
    category: 'water quality',
  };
}

/** Numbers 0 to `below` - 1 that look random and are the same in every run. */
export function shuffled(below: number): () => number {
  let state = 12_345;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Submissions of `users` users, in the order in which they are queued; their number is in their title. */
export function* submissions(count: number, users: number, first = 0): Generator<Submission, void> {
  const next = shuffled(users);
  for (let nth = first; nth < first + count; nth++) {
    const user = next();
    yield {
      id: randomUUIDv7(),
      userId: userName(user),
      acceptedAt: new Date(),
      attempt: 0,
      ...contentOf(user, nth),
    };
  }
}
