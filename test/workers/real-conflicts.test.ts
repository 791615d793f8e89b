import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openIntake } from '../../src/api/open-intake.ts';
import { openDatabase } from '../../src/database.ts';
import { Figures } from '../../src/figures/figures.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { startWorkers } from '../../src/workers/start-workers.ts';
import { type ForeignWriter, openForeignWriter } from '../support/foreign-writer.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B } from '../support/submissions.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * Conflicts as PostgreSQL itself reports them to a worker, between real sessions:
 * the batch is rolled back, applied once and in order, and counted by its kind.
 */

const log = pino({ level: 'silent' });
const ORGANIZATION_C = '00000000-0000-4000-8000-00000000000c';

/** All that belongs to the database, whoever connects to it from then on. */
const SERIALIZABLE = `do $$ begin
  execute format('alter database %I set default_transaction_isolation = serializable', current_database());
end $$`;

/**
 * Even a unit of work that reads what is committed is told of a serialization failure
 * when the row that it waits for has gone to another partition.
 */
const PARTITIONED = `
  drop table user_profiles cascade;
  create table user_profiles (
    id uuid not null default gen_random_uuid(), user_id text not null, profile_type text not null,
    organization_id uuid not null, status text not null default 'active'
  ) partition by list (organization_id);
  create table user_profiles_a partition of user_profiles for values in ('${ORGANIZATION_A}');
  create table user_profiles_others partition of user_profiles default`;

/** Two customers of organization A, who have each sent something for B and then for A, and no worker yet. */
async function place(schema: string) {
  const { url } = await freshDatabase();
  await rows(url, `${SERIALIZABLE}; ${schema}`);
  await rows(
    url,
    `insert into organizations (id, name)
       values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B'), ('${ORGANIZATION_C}', 'C');
     insert into users (id) values ('u1'), ('u2');
     insert into user_profiles (user_id, profile_type, organization_id)
       values ('u1', 'customer', '${ORGANIZATION_A}'), ('u2', 'customer', '${ORGANIZATION_A}')`,
  );
  const foreign = await openForeignWriter(url);
  const orm = openDatabase(url);
  const store = openQueueStore({ url: await freshRedisUrl(), role: 'worker', log });
  const intake = await openIntake({ store, lanes: 1, log });
  const sent = ['u1', 'u2', 'u1', 'u2'].map((userId, n) =>
    aSubmission({ userId, title: `number ${n}`, organizationId: n < 2 ? ORGANIZATION_A : ORGANIZATION_B }),
  );
  for (const submission of sent) await intake.accept(submission);
  onTestFinished(async () => {
    await intake.close();
    await store.close();
    await orm.close();
  });
  const figures = new Figures('worker');
  const startWorker = async () => {
    const options = { readAhead: 16, sharesFigures: false, onStuck: () => {}, figures };
    const workers = await startWorkers({ store, orm, log, lanes: 1, ...options });
    onTestFinished(() => workers.close());
  };
  const applied = async () =>
    (await foreign.query('select id from issues order by number')).map(({ id }) => id);
  return { foreign, figures, startWorker, applied, sent: sent.map(({ id }) => id) };
}

const CONFLICTS: {
  readonly kind: string;
  readonly schema: string;
  /** What the foreign writer does before, and while the worker waits for it. */
  readonly before: (foreign: ForeignWriter) => Promise<unknown>;
  readonly meanwhile: (foreign: ForeignWriter) => Promise<unknown>;
}[] = [
  {
    kind: 'serialization_failure',
    schema: PARTITIONED,
    before: foreign =>
      foreign.query(`update user_profiles set organization_id = '${ORGANIZATION_C}' where user_id = 'u1'`),
    meanwhile: async () => {},
  },
  {
    kind: 'deadlock_detected',
    schema: 'select 1',
    // The victim is who looks for the deadlock first: that is the worker, after 1 s.
    before: async foreign => {
      await foreign.query(`set local deadlock_timeout = '15s'`);
      await foreign.query(`select 1 from user_profiles where user_id = 'u2' for no key update`);
    },
    meanwhile: foreign => foreign.query(`select 1 from user_profiles where user_id = 'u1' for no key update`),
  },
];

test.for(CONFLICTS)(
  '$kind: the batch is applied once, in order, and the retry is counted',
  async conflict => {
    const { foreign, figures, startWorker, applied, sent } = await place(conflict.schema);
    await foreign.query('begin');
    const [isolation] = await foreign.query('show transaction_isolation');
    await conflict.before(foreign);

    await startWorker();
    await foreign.isWaitedFor();
    await conflict.meanwhile(foreign);
    await foreign.query('commit');
    await waitFor(async () => (await applied()).length >= sent.length);

    expect(isolation).toEqual({ transaction_isolation: 'serializable' });
    expect(await applied()).toEqual(sent);
    expect(figures.retries).toEqual({ [conflict.kind]: 1 });
    expect(figures.applied).toBe(sent.length);
    expect(await foreign.query('select distinct organization_id as id from user_profiles')).toEqual([
      { id: ORGANIZATION_B },
    ]);
  },
);
