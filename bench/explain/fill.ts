import type pg from 'pg';

/** Has 100,000 of the issues, with three organizations. */
export const BUSY_USER = 'busy';

export interface Filled {
  readonly organizationIds: readonly string[];
  /** One of the busy user's. */
  readonly issueId: string;
}

export function userName(n: number): string {
  return `user-${n}`;
}

/**
 * 1,000 organizations, 200,001 users, 400,003 customers, 1,000,000 issues and 50,000
 * refusals. As in life the issues of all users lie among one another, and their ids
 * are random.
 */
export async function fill(client: pg.Client): Promise<Filled> {
  for (const statement of STATEMENTS) await client.query(statement);
  const { rows: active } = await client.query<{ id: string }>('select id from organizations where active');
  const { rows } = await client.query<{ id: string }>(
    `select i.id from issues i join customers c on c.id = i.customer_id
      where c.user_id = '${BUSY_USER}' order by i.number offset 50000 limit 1`,
  );
  return { organizationIds: active.map(({ id }) => id), issueId: rows[0]?.id ?? '' };
}

const STATEMENTS = [
  `insert into organizations (name, active)
   select 'Organization ' || n, n % 10 <> 0 from generate_series(1, 1000) n`,
  'create temporary table place as select id, row_number() over (order by name) - 1 as n from organizations',
  `insert into users (id) select '${BUSY_USER}' union all select 'user-' || n from generate_series(0, 199999) n`,
  `insert into user_profiles (user_id, profile_type, organization_id)
   select id, 'customer', (select id from place where n = 0) from users`,
  `insert into user_profiles (user_id, profile_type, organization_id)
   select id, 'vendor', (select id from place where n = 1) from users limit 1000`,
  // Three of the busy user's, and two of each other user's.
  `insert into customers (user_id, organization_id, user_profile_id)
   select u.user_id, p.id, u.id
     from user_profiles u
    cross join generate_series(0, 2) k
     join place p on p.n = (abs(hashtext(u.user_id)::bigint) + k) % 1000
    where u.profile_type = 'customer' and (k < 2 or u.user_id = '${BUSY_USER}')`,
  `create temporary table customer_place as
   select id, organization_id, row_number() over (order by user_id = '${BUSY_USER}' desc, id) - 1 as n from customers`,
  `insert into issues (id, customer_id, organization_id, title, description)
   select gen_random_uuid(), c.id, c.organization_id, 'Issue ' || i, repeat('x', 200)
     from generate_series(1, 1000000) i
     join customer_place c on c.n = case when i % 10 = 0 then i / 10 % 3 else 3 + i * 7 % 400000 end
    order by i`,
  `insert into refusals (id, user_id, organization_id, status, code, detail, attempt, submission, accepted_at)
   select gen_random_uuid(), 'user-' || i * 7 % 200000, p.id, 'rejected', 'organization_inactive',
          'The organization is not active.', 0, '{}', now()
     from generate_series(1, 50000) i
     join place p on p.n = 9`,
  'vacuum analyze',
];
