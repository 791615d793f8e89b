import type { MikroORM } from '@mikro-orm/postgresql';
import { Organization, User, UserProfile } from './entities/index.ts';

/** For a first look at the product, in `npm start` only. The ids are fixed, so that commands can be pasted again. */
export const DEMO_ORGANIZATIONS = [
  { id: '0198c0de-0000-7000-8000-00000000000a', name: 'Acme Water Works', active: true },
  { id: '0198c0de-0000-7000-8000-00000000000b', name: 'Borealis Energy', active: true },
  { id: '0198c0de-0000-7000-8000-00000000000c', name: 'Closed Books Ltd', active: false },
] as const;

export const DEMO_USERS = ['alice', 'bob', 'carol'] as const;

/** Carol may not raise issues: her profile shows what a rejection looks like. */
const SUSPENDED_USER = 'carol';

/** Adds what is missing and changes nothing that is there. */
export async function addDemoData(orm: MikroORM): Promise<void> {
  const em = orm.em.fork();
  const untouched = { onConflictAction: 'ignore' } as const;
  const [acme] = DEMO_ORGANIZATIONS;
  await em.upsertMany(Organization, [...DEMO_ORGANIZATIONS], untouched);
  await em.upsertMany(
    User,
    DEMO_USERS.map(id => ({ id, email: `${id}@example.com` })),
    untouched,
  );
  await em.upsertMany(
    UserProfile,
    [{ userId: SUSPENDED_USER, profileType: 'customer', organizationId: acme.id, status: 'suspended' }],
    { ...untouched, onConflictFields: ['userId', 'profileType'] },
  );
}
