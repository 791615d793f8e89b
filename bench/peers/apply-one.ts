import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Customer, Issue, Organization, User, UserProfile } from '../../src/entities/index.ts';
import type { Submission } from '../../src/submission.ts';
import { retryConflicts } from '../../src/workers/retry-conflicts.ts';

/**
 * The handler that every peer runs: the design's five rules for one submission,
 * in one MikroORM unit of work, as a user would write it. A unique violation is
 * tried again at once on a fresh fork.
 *
 * @throws Error with a rejection's code; the benchmark's submissions are never rejected
 */
export async function applyOne(orm: MikroORM, submission: Submission): Promise<void> {
  await retryConflicts(() => orm.em.fork().transactional(em => apply(em, submission)));
}

async function apply(em: EntityManager, submission: Submission): Promise<void> {
  const { id, userId, organizationId } = submission;
  if ((await em.findOne(Issue, { id })) !== null) return;
  const organization = await em.findOne(Organization, { id: organizationId });
  if (organization === null) throw new Error('organization_not_found');
  if (!organization.active) throw new Error('organization_inactive');

  const profile = (await findProfile(em, userId)) ?? (await addProfile(em, submission));
  if (profile.status === 'suspended') throw new Error('profile_suspended');
  if (profile.organizationId !== organizationId) profile.organizationId = organizationId;

  const customer =
    (await em.findOne(Customer, { userId, organizationId })) ??
    em.create(Customer, { userId, organizationId, userProfileId: profile.id });
  em.create(Issue, {
    id,
    customerId: customer.id,
    organizationId,
    title: submission.title,
    description: submission.description ?? '',
    acceptedAt: submission.acceptedAt,
  });
}

function findProfile(em: EntityManager, userId: string): Promise<UserProfile | null> {
  return em.findOne(UserProfile, { userId, profileType: 'customer' });
}

async function addProfile(em: EntityManager, submission: Submission): Promise<UserProfile> {
  const { userId, organizationId } = submission;
  if ((await em.findOne(User, { id: userId })) === null) em.create(User, { id: userId });
  return em.create(UserProfile, { userId, organizationId, profileType: 'customer' });
}
