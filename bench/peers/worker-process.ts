/** A worker process: `node worker-process.ts <peer>`. It connects, says it is ready, and begins when it is told to. */
import { once } from 'node:events';
import { openDatabase } from '../../src/database.ts';
import { Issue } from '../../src/entities/index.ts';
import type { Submission } from '../../src/submission.ts';
import { applyOne } from './apply-one.ts';
import { isChosen } from './chosen.ts';
import { CONCURRENCY, type Peer, type WorkerContext } from './peer.ts';
import { loadPeer } from './peers.ts';
import { injectTransientFaults } from './transient-faults.ts';
import { parseTask, type Report } from './worker-protocol.ts';

const REPORT_EVERY_MS = 50;

const { peer: name, services, withFailures } = parseTask(process.argv[2]);
const peer = await loadPeer(name);
const orm = openDatabase(services.databaseUrl, { poolSize: CONCURRENCY });

function report(message: Report): void {
  process.send?.(message);
}

/** The handler, failing a chosen submission's first attempt before its transaction where that is asked for. */
function handlerOf({ failsIn }: Peer): WorkerContext['handle'] {
  const apply = (submission: Submission) => applyOne(orm, submission);
  if (!withFailures || failsIn === 'database') return apply;
  return async (submission, attempt) => {
    if (attempt === 1 && isChosen(submission.id)) {
      report({ failed: 1 });
      throw new Error('a transient failure of the benchmark');
    }
    await apply(submission);
  };
}

if (withFailures && peer.failsIn === 'database') injectTransientFaults(failed => report({ failed }));
await orm.em.fork().count(Issue);
const started = once(process, 'message');
report({ ready: true });
await started;
const worker = await peer.startWorker({ services, orm, handle: handlerOf(peer) });

const before = process.cpuUsage();
setInterval(() => {
  const { user, system } = process.cpuUsage(before);
  report({ cpuMicros: user + system });
}, REPORT_EVERY_MS);

process.once('SIGTERM', async () => {
  await worker.close();
  await orm.close();
  process.exit();
});
process.once('disconnect', () => process.exit(1));
