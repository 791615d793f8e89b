import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { migrate, openDatabase } from '../../src/database.ts';
import { LANES_CLASS } from '../../src/lanes.ts';
import { Watermark } from '../../src/webhooks/watermark.ts';
import { setup } from '../support/embedded-postgres.ts';
import { rows } from '../support/rows.ts';
import { waitFor } from '../support/wait-for.ts';

/** What nobody has asked to be on the disk is not there for so long: kill -9 loses it, as a power cut would. */
const settings = { fsync: 'off', wal_writer_delay: '10s' };

/** As much of a unit of work as has drawn a number, and then hangs. */
const HALF_A_UNIT = `
  begin;
  select pg_advisory_xact_lock(${LANES_CLASS}, 1);
  insert into outbox (follows, outcomes, endpoints) values (0, '[]', '{}');
  select nextval('issues_number_seq')`;

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

test('what PostgreSQL gives after a crash is above what the mark was before', async () => {
  const { dataDir, start } = await setup();
  const postgres = await start({ settings });
  await migrate(postgres.url);
  const orm = openDatabase(postgres.url);
  onTestFinished(() => orm.close());
  const watermark = new Watermark(orm);

  const unit = await connect(postgres.url);
  await unit.query(HALF_A_UNIT);
  await watermark.aim();
  const pid = await readFile(path.join(dataDir, 'cluster', 'postmaster.pid'), 'utf8');
  process.kill(Number.parseInt(pid, 10), 'SIGKILL');
  await postgres.stop();
  const { url } = await start({ settings, port: postgres.port });
  await waitFor(() =>
    watermark.rise().then(
      () => true,
      () => false,
    ),
  );

  const { position, entry } = watermark.mark;
  const [isAbove] = await rows(
    url,
    `select nextval('issues_number_seq') > ${position} as position, nextval('outbox_id_seq') > ${entry} as entry`,
  );
  expect({ position, entry }).toEqual({ position: '1', entry: '1' });
  expect(isAbove).toEqual({ position: true, entry: true });
});
