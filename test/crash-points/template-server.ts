import { startEmbeddedPostgres } from '../../src/embedded-postgres.ts';
import { reapAfterDeath } from '../support/reaper.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { makeTemplate } from '../support/template-database.ts';

/** Only processes die here, and never this server: nothing has to reach the disk. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '500',
  shared_buffers: '128MB',
};

/** A PostgreSQL for all fleets, with the migrated template. */
export async function startTemplateServer(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = await makeTempFolder('crash-points-postgres');
  const endWatch = reapAfterDeath(folder, ['data/cluster/postmaster.pid']);
  const server = await startEmbeddedPostgres({ dataDir: `${folder}/data`, settings: SETTINGS });
  await makeTemplate(server.url);
  return {
    url: server.url,
    async stop() {
      await server.stop();
      endWatch();
      await removeTempFolder(folder);
    },
  };
}
