import { pino } from 'pino';
import { openIntake } from '../../../src/api/open-intake.ts';
import { Figures } from '../../../src/figures/figures.ts';
import { openQueueStore } from '../../../src/queue-store.ts';
import { startWorkers } from '../../../src/workers/start-workers.ts';
import { productVersion } from '../package-version.ts';
import type { Fate, Peer, Producer, Services, WorkerContext } from '../peer.ts';

const LANES = 16;
const READ_AHEAD = 128;
/** What an API process may have in flight at once; more would be refused with 503 by its time limit. */
const IN_FLIGHT = 500;

const log = pino({ level: process.env.PEERS_LOG ?? 'silent' }, pino.destination(2));

/** This project, by the doors its own API and worker processes use. */
export const ours: Peer = {
  name: 'issue-intake',
  how: 'lanes on BullMQ, reading ahead, one unit of work for a batch',
  version: productVersion(),
  options: { LANES, READ_AHEAD },
  failsIn: 'database',
  openProducer,
  startWorker: ({ services, orm }: WorkerContext) =>
    startWorkers({
      store: openQueueStore({ url: services.redisUrl, role: 'worker', log }),
      orm,
      log,
      lanes: LANES,
      readAhead: READ_AHEAD,
      figures: new Figures('worker'),
      sharesFigures: true,
      onStuck: () => log.fatal('a lane is stuck'),
    }),
};

async function openProducer({ redisUrl }: Services): Promise<Producer> {
  const store = openQueueStore({ url: redisUrl, role: 'producer', log });
  const intake = await openIntake({ store, lanes: LANES, log });
  return {
    add: submission => intake.accept(submission),
    async addMany(submissions) {
      for (let from = 0; from < submissions.length; from += IN_FLIGHT) {
        await Promise.all(submissions.slice(from, from + IN_FLIGHT).map(each => intake.accept(each)));
      }
    },
    async fateOf({ userId, id }): Promise<Fate> {
      const status = (await intake.find(userId, id))?.state.status;
      if (status === 'queued' || status === 'processing') return 'held';
      return status === 'rejected' || status === 'failed' ? 'failed' : 'gone';
    },
    async close() {
      await intake.close();
      await store.close();
    },
  };
}
