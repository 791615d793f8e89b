import type pg from 'pg';
import { dataOf } from '../../src/submission.ts';
import type { Change, Model, World } from './model.ts';

/** All that the domain's tables say, without the ids that a database makes up. */
export interface Tables {
  readonly users: readonly unknown[];
  readonly profiles: readonly unknown[];
  readonly customers: readonly unknown[];
  /** In the order of their numbers. */
  readonly issues: readonly unknown[];
  /** By id. */
  readonly refusals: readonly unknown[];
  /** In the order in which they were made. */
  readonly moves: readonly unknown[];
}

const TABLES = [
  'primary_organization_changes',
  'refusals',
  'issues',
  'customers',
  'user_profiles',
  'organizations',
  'users',
];

/** Empties the tables and puts `world` into them. */
export async function resetTables(client: pg.Client, world: World): Promise<void> {
  // For a few rows this is several times faster than to truncate.
  for (const table of TABLES) await client.query(`delete from ${table}`);
  await insert(client, 'users (id, email)', 'id text, email text', world.users);
  const organizations = world.organizations.map(each => ({ ...each, name: `Organization ${each.id}` }));
  await insert(
    client,
    'organizations (id, active, name)',
    'id uuid, active boolean, name text',
    organizations,
  );
  await insert(
    client,
    'user_profiles (user_id, profile_type, organization_id, status)',
    '"userId" text, "profileType" text, "organizationId" uuid, status text',
    world.profiles,
  );
  await client.query(
    `insert into customers (user_id, organization_id, user_profile_id)
     select c."userId", c."organizationId", p.id
       from json_to_recordset($1) as c("userId" text, "organizationId" uuid)
       join user_profiles p on p.user_id = c."userId" and p.profile_type = 'customer'`,
    [JSON.stringify(world.customers)],
  );
}

async function insert(
  client: pg.Client,
  into: string,
  columns: string,
  rows: readonly object[],
): Promise<void> {
  if (rows.length === 0) return;
  await client.query(`insert into ${into} select * from json_to_recordset($1) as r(${columns})`, [
    JSON.stringify(rows),
  ]);
}

/** Does what an administrator does. */
export async function changeTables(client: pg.Client, change: Change): Promise<void> {
  if ('redrive' in change) {
    await client.query('update refusals set attempt = -1 where id = $1 and applied_at is null', [
      change.redrive,
    ]);
  } else if ('active' in change) {
    await client.query('update organizations set active = $2 where id = $1', [
      change.organizationId,
      change.active,
    ]);
  } else if ('movesTo' in change) {
    await client.query(
      `update user_profiles set organization_id = $2 where user_id = $1 and profile_type = 'customer'`,
      [change.userId, change.movesTo],
    );
  } else {
    await client.query(
      `update user_profiles set status = $2 where user_id = $1 and profile_type = 'customer'`,
      [change.userId, change.status],
    );
  }
}

export async function readTables(client: pg.Client): Promise<Tables> {
  const read = async (sql: string): Promise<unknown[]> => (await client.query(sql)).rows;
  return {
    users: await read('select id, email from users order by id collate "C"'),
    profiles: await read(
      `select user_id "userId", profile_type "profileType", organization_id "organizationId", status
         from user_profiles order by user_id collate "C", profile_type collate "C"`,
    ),
    customers: await read(
      `select c.user_id "userId", c.organization_id "organizationId", p.user_id || ' ' || p.profile_type profile
         from customers c left join user_profiles p on p.id = c.user_profile_id
        order by c.user_id collate "C", c.organization_id`,
    ),
    issues: await read(
      `select i.id, c.user_id "userId", c.organization_id "customerOf", i.organization_id "organizationId", title,
              description, priority, category, i.status, accepted_at "acceptedAt"
         from issues i left join customers c on c.id = i.customer_id order by i.number`,
    ),
    refusals: await read(
      `select id, user_id "userId", organization_id "organizationId", status, code, attempt, submission,
              accepted_at "acceptedAt", applied_at is null "inForce"
         from refusals order by id`,
    ),
    moves: await read(
      `select c.user_id "userId", p.user_id || ' ' || p.profile_type profile, from_organization_id "from",
              to_organization_id "to", issue_id "issueId"
         from primary_organization_changes c left join user_profiles p on p.id = c.user_profile_id
        order by c.id`,
    ),
  };
}

/** What the tables should say, if `model` is right. */
export function tablesOf(model: Model): Tables {
  return {
    users: [...model.users].map(([id, email]) => ({ id, email })).sort(by(each => each.id)),
    profiles: model.profiles.toSorted(by(each => `${each.userId} ${each.profileType}`)),
    customers: model.customers
      .map(each => ({ ...each, profile: `${each.userId} customer` }))
      .sort(by(each => `${each.userId} ${each.organizationId}`)),
    issues: model.issues.map(({ email: _email, attempt: _attempt, ...submission }) => ({
      description: '',
      priority: 'normal',
      category: null,
      ...submission,
      customerOf: submission.organizationId,
      status: 'open',
    })),
    refusals: [...model.refusals.values()]
      .map(({ submission, ...refusal }) => ({
        id: submission.id,
        userId: submission.userId,
        organizationId: submission.organizationId,
        status: 'rejected',
        ...refusal,
        submission: dataOf(submission),
        acceptedAt: submission.acceptedAt,
      }))
      .sort(by(each => each.id)),
    moves: model.moves.map(move => ({ ...move, profile: `${move.userId} customer` })),
  };
}

/** By the bytes of a text, as the "C" collation does. */
function by<T>(text: (each: T) => string): (a: T, b: T) => number {
  return (a, b) => Buffer.compare(Buffer.from(text(a)), Buffer.from(text(b)));
}
