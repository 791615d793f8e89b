import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Entrance } from '../../../src/entrance.ts';
import { openSettings } from '../../../src/epoch-records.ts';
import { Epochs } from '../../../src/epochs.ts';
import { queueOf } from '../../../src/lane-set.ts';
import { openQueueStore } from '../../../src/queue-store.ts';
import type { Ledger } from '../ledger.ts';
import { untilWorks } from '../system/until.ts';
import { ACTIVE_ORGANIZATIONS } from './organizations.ts';

const EVERY_MS = 2000;
/** The database takes 200 characters. */
const TOO_LONG = 300;

export interface PoisonOptions {
  readonly queueUrl: string;
  readonly lanes: number;
  readonly ledger: Ledger;
}

export interface Poisoner {
  /** How many were put on lanes: submissions that cannot be stored, and jobs that hold no submission. */
  readonly counts: { unstorable: number; stray: number };
  stop(): Promise<void>;
}

/**
 * Puts on a lane, every 2 s, a submission that the database refuses, and a job that
 * holds no submission at all: what the API lets nobody do.
 */
export function poison({ queueUrl, lanes, ledger }: PoisonOptions): Poisoner {
  const store = openQueueStore({ url: queueUrl, role: 'producer', log: pino({ level: 'silent' }) });
  const counts = { unstorable: 0, stray: 0 };
  const over = new AbortController();

  const addUnstorable = async (entrance: Entrance, userId: string) => {
    const [organizationId = ''] = ACTIVE_ORGANIZATIONS;
    const title = `${userId} `.padEnd(TOO_LONG, 'x');
    const id = randomUUID();
    const raise = ledger.begin(userId, { key: id, organizationId, title });
    const at = Date.now();
    try {
      await entrance.add({ id, userId, organizationId, title, acceptedAt: new Date(), attempt: 0 });
      ledger.answered(userId, raise, at, { status: 202, submissionId: id });
      counts.unstorable++;
    } catch {
      ledger.unanswered(raise, at);
    }
  };
  const addStray = async ({ sets }: Entrance, userId: string) => {
    const [newest] = sets.slice(-1);
    const stray: object = { holds: 'no submission' };
    try {
      if (newest !== undefined)
        await Reflect.apply(queueOf(newest, userId).add, queueOf(newest, userId), [
          'raise',
          stray,
          { jobId: `stray-${randomUUID()}` },
        ]);
      counts.stray++;
    } catch {
      // The lane is away, or sealed by now.
    }
  };
  const running = (async () => {
    const entrance = await untilWorks(async () =>
      Entrance.open(store, await Epochs.open(await openSettings(store), lanes)),
    );
    for (let n = 0; !over.signal.aborted; n++) {
      await entrance.look().catch(() => {});
      await Promise.all([addUnstorable(entrance, `poisoner-${n}`), addStray(entrance, `poisoner-${n}`)]);
      await sleep(EVERY_MS, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  return {
    counts,
    async stop() {
      over.abort();
      await running;
      await store.close();
    },
  };
}
