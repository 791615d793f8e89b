import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from './support/services.ts';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';
const NOBODY = '00000000-0000-4000-8000-0000000000ff';

let database: Promise<FreshDatabase> | undefined;

/** User u1, a customer of organization A with one issue, in a transaction that is never committed. */
async function setup() {
  database ??= freshDatabase();
  const client = new pg.Client({ connectionString: (await database).url });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`
    begin;
    insert into organizations (id, name) values ('${A}', 'A'), ('${B}', 'B');
    insert into users (id) values ('u1');
    insert into user_profiles (id, user_id, profile_type, organization_id)
    values ('${A}', 'u1', 'customer', '${A}');
    insert into customers (id, user_id, organization_id, user_profile_id) values ('${A}', 'u1', '${A}', '${A}');
    insert into issues (id, customer_id, organization_id, title) values ('${A}', '${A}', '${A}', 'T')`);
  return { client };
}

const issue = (columns: string, values: string) =>
  `insert into issues (id, customer_id, organization_id, title${columns}) values ('${B}', ${values})`;
const profile = (values: string) =>
  `insert into user_profiles (user_id, profile_type, organization_id, status) values (${values})`;
const customer = (values: string) =>
  `insert into customers (user_id, organization_id, user_profile_id) values (${values})`;
const refusal = (status: string) =>
  `insert into refusals (id, user_id, organization_id, status, code, detail, attempt, submission, accepted_at)
   values ('${A}', 'nobody', 'nowhere', '${status}', 'c', 'd', 0, '{}', now())`;

const change = `insert into primary_organization_changes
    (user_id, user_profile_id, from_organization_id, to_organization_id, issue_id)
  values ('u1', '${A}', '${B}', '${A}', '${A}')`;
const endpoint = (organizationId: string) =>
  `insert into webhook_endpoints (id, organization_id, url, secret) values ('${A}', '${organizationId}', 'https://a.test', 's')`;
const delivery = (status: string) =>
  `insert into webhook_deliveries (endpoint_id, position, entry, place, submission_id, status, user_id, decided_at)
   values ('${A}', 1, 1, 1, '${A}', '${status}', 'u1', now())`;

const refusals: [string, string][] = [
  ['users_pkey', `insert into users (id) values ('u1')`],
  ['users_id_length', `insert into users (id) values ('')`],
  ['users_id_length', `insert into users (id) values (repeat('x', 129))`],
  ['organizations_pkey', `insert into organizations (id, name) values ('${A}', 'A')`],
  ['user_profiles_user_id_profile_type_key', profile(`'u1', 'customer', '${B}', 'active'`)],
  ['user_profiles_profile_type_check', profile(`'u1', 'boss', '${A}', 'active'`)],
  ['user_profiles_status_check', profile(`'u1', 'vendor', '${A}', 'asleep'`)],
  ['user_profiles_user_id_fkey', profile(`'nobody', 'vendor', '${A}', 'active'`)],
  ['user_profiles_organization_id_fkey', profile(`'u1', 'vendor', '${NOBODY}', 'active'`)],
  ['customers_user_id_organization_id_key', customer(`'u1', '${A}', '${A}'`)],
  ['customers_user_id_fkey', customer(`'nobody', '${B}', '${A}'`)],
  ['customers_organization_id_fkey', customer(`'u1', '${NOBODY}', '${A}'`)],
  ['customers_user_profile_id_fkey', customer(`'u1', '${B}', '${NOBODY}'`)],
  [
    'issues_pkey',
    `insert into issues (id, customer_id, organization_id, title) select '${A}', '${A}', '${A}', 'T'`,
  ],
  ['issues_customer_id_fkey', issue('', `'${NOBODY}', '${A}', 'T'`)],
  ['issues_organization_id_fkey', issue('', `'${A}', '${NOBODY}', 'T'`)],
  ['issues_title_length', issue('', `'${A}', '${A}', ''`)],
  ['issues_title_length', issue('', `'${A}', '${A}', repeat('x', 201)`)],
  ['issues_priority_check', issue(', priority', `'${A}', '${A}', 'T', 'panic'`)],
  ['issues_status_check', issue(', status', `'${A}', '${A}', 'T', 'lost'`)],
  ['refusals_pkey', `${refusal('rejected')}; ${refusal('failed')}`],
  ['refusals_status_check', refusal('applied')],
  ['primary_organization_changes_issue_id_key', `${change}; ${change}`],
  ['webhook_endpoints_pkey', `${endpoint(A)}; ${endpoint(B)}`],
  ['webhook_endpoints_organization_id_fkey', endpoint(NOBODY)],
  ['webhook_deliveries_endpoint_id_fkey', delivery('applied')],
  ['webhook_deliveries_pkey', `${endpoint(A)}; ${delivery('applied')}; ${delivery('failed')}`],
  ['webhook_deliveries_status_check', `${endpoint(A)}; ${delivery('queued')}`],
  ['user_profiles_organization_id_fkey', `delete from organizations where id = '${A}'`],
  ['customers_user_profile_id_fkey', 'delete from user_profiles'],
];

test.each(refusals)('%s refuses: %s', async (constraint, sql) => {
  const { client } = await setup();

  await expect(client.query(sql)).rejects.toMatchObject({
    code: expect.stringMatching(/^23/),
    constraint,
  });
});

test('a number is unique', async () => {
  const { client } = await setup();
  const given = `insert into issues (id, customer_id, organization_id, title, number) overriding system value
                 select '${B}', customer_id, organization_id, title, number from issues`;

  await expect(client.query(given)).rejects.toMatchObject({ constraint: 'issues_number_key' });
});

test('the database alone gives numbers', async () => {
  const { client } = await setup();

  await expect(client.query(issue(', number', `'${A}', '${A}', 'T', 7`))).rejects.toThrow(
    'non-DEFAULT value',
  );
});

test('what an endpoint was to be told goes with it', async () => {
  const { client } = await setup();
  await client.query(`${endpoint(A)}; ${delivery('applied')}`);

  await client.query('delete from webhook_endpoints');

  expect((await client.query('select from webhook_deliveries')).rowCount).toBe(0);
});

test('the longest user id and title have room, counted in characters', async () => {
  const { client } = await setup();

  await client.query(`insert into users (id) values (repeat('😀', 128))`);
  await client.query(issue('', `'${A}', '${A}', repeat('😀', 200)`));
});

test('every constraint of the tables is tested here', async () => {
  const { client } = await setup();
  const { rows } = await client.query<{ conname: string }>(`
    select conname from pg_constraint
     where connamespace = 'public'::regnamespace and contype in ('u', 'f', 'c') and conrelid::regclass::text <> 'intake_migrations'`);

  const tested = new Set([...refusals.map(([name]) => name), 'issues_number_key']);
  expect(rows.map(({ conname }) => conname).filter(name => !tested.has(name))).toEqual([]);
});
