import { buildApp } from '../../src/api/app.ts';
import type { Intake } from '../../src/api/intake.ts';
import { readApiConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/database.ts';
import { openLog } from '../../src/log.ts';

/** Serves our own API, with another way to accept submissions. */
export async function serve(accept: Intake['accept'], close: () => Promise<void>): Promise<void> {
  const { databaseUrl, tokens, host, port, logLevel } = readApiConfig(process.env);
  const log = openLog({ level: logLevel, pretty: false });
  const orm = openDatabase(databaseUrl);
  const app = await buildApp({ intake: intakeOf(accept), orm, log, tokens });
  await app.listen({ host, port });
  process.once('SIGTERM', async () => {
    await app.close();
    await orm.close();
    await close();
  });
}

function intakeOf(accept: Intake['accept']): Intake {
  const notMeasured = async () => {
    throw new Error('only accepting is measured');
  };
  return {
    accept,
    acceptAndWait: notMeasured,
    follow: notMeasured,
    find: notMeasured,
    ping: async () => {},
    close: async () => {},
  };
}
