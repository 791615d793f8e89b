import type { MikroORM } from '@mikro-orm/postgresql';
import {
  type EndedRow,
  endedById,
  endedByKey,
  issuesOfOrganizations,
  issuesOfUser,
  type OrganizationRow,
  organizationsLike,
  refusalsOfOrganizations,
  refusalsOfUser,
} from './ended-reads.ts';
import type { Meanings } from './search-words.ts';

/** Issues, and refusals, on one page of the answer. */
export const PAGE = 50;
/** With how many of the newest submissions a key is tried that came without its user. */
const NEWEST_FOR_KEY = 20_000;
/** Organizations whose submissions are looked for; a word may be in thousands of names. */
const MOST_ORGANIZATIONS = 10;

const BEYOND_EVERY_NUMBER = '9223372036854775807';

export interface InDatabase {
  readonly rows: readonly EndedRow[];
  /** Where the next page of issues begins. */
  readonly nextBefore: string | undefined;
  /** What was not looked through to its end, for people. */
  readonly cut: readonly string[];
}

/** Organizations that a text names. */
export interface Named {
  readonly organizations: readonly OrganizationRow[];
  /** Whether there are more. */
  readonly isCut: boolean;
}

/** @throws DatabaseUnavailableError */
export async function organizationsNamed(orm: MikroORM, { text }: Meanings): Promise<Named> {
  const found = await organizationsLike(orm, [text, text, MOST_ORGANIZATIONS + 1]);
  return {
    organizations: found.slice(0, MOST_ORGANIZATIONS),
    isCut: found.length > MOST_ORGANIZATIONS,
  };
}

/**
 * @param before issues with a lower number only; then nothing else is looked for
 * @throws DatabaseUnavailableError
 */
export async function searchDatabase(
  orm: MikroORM,
  { text, ids }: Meanings,
  { organizations, isCut }: Named,
  before?: string,
): Promise<InDatabase> {
  const organizationIds = JSON.stringify(organizations.map(({ id }) => id));
  const from = before ?? BEYOND_EVERY_NUMBER;
  const issues = await inOrder([
    issuesOfUser(orm, [from, PAGE + 1, text, PAGE + 1]),
    issuesOfOrganizations(orm, [organizationIds, from, PAGE + 1, PAGE + 1]),
  ]);
  const page = issues.slice(0, PAGE);
  const nextBefore = issues.length > PAGE ? (page.at(-1)?.number ?? undefined) : undefined;
  if (before !== undefined) return { rows: page, nextBefore, cut: [] };

  const named = JSON.stringify(ids);
  const [refusals, others] = await Promise.all([
    Promise.all([
      refusalsOfUser(orm, [text, PAGE + 1]),
      refusalsOfOrganizations(orm, [organizationIds, PAGE + 1, PAGE + 1]),
    ]),
    Promise.all([
      endedById(orm, [named, named]),
      endedByKey(orm, [NEWEST_FOR_KEY, text, NEWEST_FOR_KEY, text]),
    ]),
  ]);
  const cut = [
    ...(isCut ? [`organizations: the first ${MOST_ORGANIZATIONS} of this name`] : []),
    ...(refusals.some(rows => rows.length > PAGE) ? [`refusals: the newest ${PAGE}`] : []),
  ];
  const rows = [...others.flat(), ...page, ...refusals.flatMap(each => each.slice(0, PAGE))];
  return { rows, nextBefore, cut };
}

/** Of several lists of issues one, the highest number first. */
async function inOrder(reads: readonly Promise<EndedRow[]>[]): Promise<EndedRow[]> {
  const rows = (await Promise.all(reads)).flat();
  const each = new Map(rows.map(row => [row.id, row]));
  return [...each.values()].sort((a, b) => Number(b.number) - Number(a.number));
}
