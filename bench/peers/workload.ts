import { randomUUID, randomUUIDv7 } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Organization } from '../../src/entities/index.ts';
import type { Submission } from '../../src/submission.ts';

const ORGANIZATIONS = 20;
const SUBMISSIONS_PER_USER = 4;

/** Makes the organizations that submissions are about. */
export async function addOrganizations(orm: MikroORM): Promise<string[]> {
  const rows = Array.from({ length: ORGANIZATIONS }, (_, index) => ({
    id: randomUUIDv7(),
    name: `Organization ${index}`,
  }));
  await orm.em.fork().insertMany(Organization, rows);
  return rows.map(({ id }) => id);
}

/**
 * Submissions of many new users in a random order, four each on average, each
 * for a random organization.
 */
export function makeSubmissions(count: number, organizations: readonly string[]): Submission[] {
  const users = Math.ceil(count / SUBMISSIONS_PER_USER);
  return Array.from({ length: count }, (_, index) => ({
    id: randomUUID(),
    userId: `user-${Math.floor(Math.random() * users)}`,
    organizationId: organizations[Math.floor(Math.random() * organizations.length)] ?? '',
    title: `Issue ${index}`,
    description: 'The lamp in the hall flickers since the storm on Tuesday, and the switch feels warm.',
    acceptedAt: new Date(),
  }));
}
