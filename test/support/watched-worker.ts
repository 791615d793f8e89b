import { openDatabase } from '../../src/database.ts';
import { openLog } from '../../src/log.ts';
import { runWorker } from '../../src/run-worker.ts';
import { Shutdown } from '../../src/shutdown.ts';

/*
 * The worker as `src/main.ts` runs it, with a watchdog that is quicker to judge.
 */

const { DATABASE_URL = '', QUEUE_URL = '', LANES = '1' } = process.env;

const log = openLog({ level: 'info', pretty: false });
const shutdown = new Shutdown(log);
shutdown.listen(code => process.exit(code));
const orm = openDatabase(DATABASE_URL);
shutdown.add(() => orm.close());
await runWorker({
  refuseVolatile: false,
  queueUrl: QUEUE_URL,
  orm,
  lanes: Number(LANES),
  readAhead: 16,
  log,
  shutdown,
  watchdogBounds: { lookEveryMs: 500, looks: 10 },
});
