/**
 * A process that owns an embedded PostgreSQL, for tests that kill it. Prints the
 * server's URL when it runs; on SIGINT it still needs the server, then stops it.
 * Usage: node postgres-owner.ts <data folder> [<shared folder>]
 */
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';

const [dataDir = '', sharedFolder] = process.argv.slice(2);

async function own(): Promise<void> {
  const shared = sharedFolder === undefined ? {} : { sharedFolder };
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' }, ...shared });
  process.once('SIGINT', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.end();
    await postgres.stop();
    console.log('stopped in order');
    clearInterval(alive);
  });
  const alive = setInterval(() => {}, 60_000);
  console.log(postgres.url);
}

own().catch(error => {
  console.log(String(error));
  process.exitCode = 1;
});
