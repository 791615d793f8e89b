import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { applyBatch } from '../../src/workers/apply-batch.ts';
import { thrownBy } from '../support/fault.ts';
import { aSubmission, owned } from '../support/submissions.ts';
import { type StoreKind, type System, startSystem } from '../support/system.ts';

/* The statements of docs/scaling.md, as they stand there, on a system in use. */

const document = await readFile('docs/scaling.md', 'utf8');

/** The statements under a mark of the document. */
function statements(mark: string): string[] {
  const block = document.split(`<!-- test: ${mark} -->\n\`\`\`sql\n`)[1]?.split('```')[0];
  if (block === undefined) throw new Error(`docs/scaling.md has no statements marked ${mark}`);
  return block.split(/;\n/).filter(statement => statement.trim() !== '');
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function partition(client: pg.Client): Promise<void> {
  // One by one: `create index concurrently` takes no other statement beside it.
  for (const statement of [...statements('prepare'), ...statements('switch')]) await client.query(statement);
}

async function openSystem(
  kind: StoreKind,
): Promise<{ system: System; client: pg.Client; organization: string }> {
  const system = await startSystem(kind, { lanes: 2 });
  onTestFinished(() => system.close());
  return { system, client: await connect(system.databaseUrl), organization: await system.addOrganization() };
}

const issueOf = ({ body }: { body: Record<string, unknown> }) => Object(body.issue);

it('goes on beneath a system at work: numbers rise, and older issues are found', async () => {
  const { system, client, organization } = await openSystem('redis');
  const before = await system.raise('ann', organization, {}, { 'idempotency-key': 'k-1' });

  const [, ...meanwhile] = await Promise.all([
    partition(client),
    ...Array.from({ length: 20 }, (_, n) => system.raise(`user-${n}`, organization)),
  ]);
  const after = await system.raise('ann', organization);
  const repeated = await system.raise('ann', organization, {}, { 'idempotency-key': 'k-1' });

  expect([before, after, ...meanwhile].map(({ status }) => status)).toEqual(Array(22).fill(201));
  expect(issueOf(after).number).toBeGreaterThan(issueOf(before).number);
  expect(issueOf(repeated)).toEqual(issueOf(before));
  const mine = await system.send('ann', 'GET', '/api/client/issues');
  expect(mine.body.issues).toMatchObject([{ id: issueOf(after).id }, { id: issueOf(before).id }]);
  const { rows } = await client.query(
    'select tableoid::regclass::text as name, count(*)::int from issues group by 1',
  );
  expect(rows).toEqual([{ name: 'issues_before_2030', count: 22 }]);
});

it('applies a submission once, whether it comes again with its time or with another', async () => {
  const { system, client, organization } = await openSystem('redis');
  const [one, other] = [1, 2].map(() => aSubmission({ organizationId: organization }));
  if (one === undefined || other === undefined) throw new RangeError('two were made');
  await applyBatch(system.orm, owned(), [one]);
  await partition(client);
  await applyBatch(system.orm, owned(), [other]);

  const acceptedAt = new Date('2030-07-01');
  const outcomes = await applyBatch(system.orm, owned(), [one, other, { ...one, acceptedAt }]);

  expect(outcomes).toMatchObject([{ again: true }, { again: true }, { again: true }]);
  expect((await client.query('select id from issues order by number')).rows).toEqual([
    { id: one.id },
    { id: other.id },
  ]);
});

it('puts each issue into the partition of the time at which it was accepted, and none is lost', async () => {
  const { client, system, organization } = await openSystem('redis');
  await system.raise('ann', organization);
  await partition(client);
  const copyTo = (time: string) =>
    client.query(
      `insert into issues (id, customer_id, organization_id, title, accepted_at)
       select gen_random_uuid(), customer_id, organization_id, title, $1 from issues limit 1 returning number`,
      [time],
    );

  const numbers = [];
  for (const time of ['2030-05-01', '2031-05-01', '2029-12-31'])
    numbers.push((await copyTo(time)).rows[0].number);

  const { rows } = await client.query('select tableoid::regclass::text as name from issues order by number');
  const names = ['issues_before_2030', 'issues_2030', 'issues_others', 'issues_before_2030'];
  expect(rows.map(({ name }) => name)).toEqual(names);
  expect(numbers).toEqual(['2', '3', '4']);
});

it('still refuses an issue that comes twice with the same time, and an organization that there is not', async () => {
  const { client, system, organization } = await openSystem('redis');
  await system.raise('ann', organization);
  await partition(client);
  const again = (changes: string) =>
    thrownBy(
      client.query(
        `insert into issues (id, customer_id, organization_id, title, accepted_at) select ${changes} from issues`,
      ),
    );

  expect(await again('id, customer_id, organization_id, title, accepted_at')).toMatchObject({
    code: '23505',
  });
  expect(await again('gen_random_uuid(), customer_id, gen_random_uuid(), title, accepted_at')).toMatchObject({
    code: '23503',
  });
  expect(await again(`gen_random_uuid(), customer_id, organization_id, '', accepted_at`)).toMatchObject({
    code: '23514',
  });
});
