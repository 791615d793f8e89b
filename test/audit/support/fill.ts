import type pg from 'pg';

/** Adds that many issues, ten for each user, to five organizations; every hundredth submission is refused. Nothing is wrong with them. */
export async function fill(client: pg.Client, { issues }: { issues: number }): Promise<void> {
  const statements = [
    `insert into organizations (id, name)
       select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'organization ' || n from generate_series(1, 5) n
     on conflict do nothing`,
    `create temporary table fresh on commit drop as
       select 'user-' || (select count(*) from users) + n as user_id, gen_random_uuid() as profile_id
         from generate_series(1, ${issues} / 10) n`,
    'insert into users (id) select user_id from fresh',
    `insert into user_profiles (id, user_id, profile_type, organization_id)
       select profile_id, user_id, 'customer', '00000000-0000-4000-8000-000000000001' from fresh`,
    `insert into customers (user_id, organization_id, user_profile_id)
       select f.user_id, o.id, f.profile_id from fresh f cross join organizations o`,
    `insert into issues (id, customer_id, organization_id, title, accepted_at)
       select gen_random_uuid(), c.id, c.organization_id, 'filled in', now() + n * interval '1 second'
         from generate_series(1, 2) n
         join (customers c join fresh f using (user_id)) on true
        order by n, c.organization_id desc`,
    `insert into primary_organization_changes (user_id, user_profile_id, from_organization_id, to_organization_id, issue_id)
       select user_id, profile_id, comes_from, organization_id, id
         from (select f.*, i.*, lag(i.organization_id) over (partition by f.user_id order by i.number) as comes_from
                 from fresh f join customers c using (user_id) join issues i on i.customer_id = c.id) steps
        where comes_from <> organization_id
        order by number`,
    `insert into refusals (id, user_id, organization_id, status, code, detail, attempt, submission, accepted_at, refused_at)
       select gen_random_uuid(), 'user-1', 'nowhere', 'rejected', 'organization_not_found', '', 0, '{}', now(), now()
         from generate_series(1, ${issues} / 100)`,
  ];
  await client.query('begin');
  for (const statement of statements) await client.query(statement);
  await client.query('commit');
  await client.query('analyze');
}
