import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { patiently } from '../../src/audit/patiently.ts';
import { openSettings } from '../../src/epoch-records.ts';
import { liveEpochs } from '../../src/epochs.ts';
import { type LaneSet, openLaneSet } from '../../src/lane-set.ts';
import type { Epoch } from '../../src/lanes.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import { unfinishedOn } from '../../src/resize/lane-table.ts';
import { readStanding } from '../../src/resize/resize.ts';
import { auditLedger } from '../chaos/audit/audit-ledger.ts';
import type { AuditReport } from '../chaos/audit/findings.ts';
import { Ledger } from '../chaos/ledger.ts';
import { Load } from '../chaos/load/load.ts';
import { addOrganizations } from '../chaos/load/organizations.ts';
import { lastingPort } from '../chaos/system/ports.ts';
import { pidFileOf, Supervised } from '../chaos/system/supervised.ts';
import { untilSo } from '../chaos/system/until.ts';
import { type ProductProcess, startProduct } from '../support/product-process.ts';
import { reapAfterDeath } from '../support/reaper.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { TOKEN_SECRET } from '../support/tokens.ts';

export type StoreKind = 'redis' | 'postgres';

const PATIENCE_MS = 90_000;

/** Two APIs and two workers as processes, and users who raise all the time. */
export interface LiveSystem {
  readonly apis: readonly Supervised[];
  readonly workers: readonly Supervised[];
  readonly ledger: Ledger;
  /** Starts `npm run lanes` with arguments. */
  command(...args: string[]): ProductProcess;
  /** Resolves when so many more submissions wait than now. */
  untilMoreWait(more: number): Promise<void>;
  /** How many lanes there are, when no change is under way. */
  lanes(): Promise<number | undefined>;
  /** Ends the load, waits until nothing is left to apply, and compares what users were told with what is there. */
  conclude(): Promise<AuditReport>;
  close(): Promise<void>;
}

export interface LiveSystemOptions {
  readonly kind: StoreKind;
  readonly lanes: number;
  readonly seed: number;
  /** More environment of some processes, to break something. */
  readonly broken?: Record<string, string>;
  readonly who?: 'api-1' | 'workers' | undefined;
}

export async function startLiveSystem(options: LiveSystemOptions): Promise<LiveSystem> {
  const { kind, lanes, seed, broken = {}, who } = options;
  const closes: (() => unknown)[] = [];
  const close = async () => {
    for (const each of closes.splice(0).reverse()) await each();
  };
  const database = await freshDatabase({ holdsLanes: kind === 'postgres' });
  closes.push(() => database.drop());
  await addOrganizations(database.url);
  const queueUrl = kind === 'postgres' ? database.url : await freshRedisUrl();
  const stores = { DATABASE_URL: database.url, QUEUE_URL: queueUrl };

  const folder = await makeTempFolder('resize');
  closes.push(() => removeTempFolder(folder));
  closes.push(reapAfterDeath(folder, ['api-1', 'api-2', 'worker-1', 'worker-2'].map(pidFileOf)));
  const environment = {
    ...stores,
    LANES: String(lanes),
    JWT_SECRET: TOKEN_SECRET,
    HOST: '127.0.0.1',
    ALLOW_VOLATILE_QUEUE: '1',
  };
  const start = (name: string, role: 'api' | 'worker', more: Record<string, string> = {}) => {
    const isBroken = name === who || (role === 'worker' && who === 'workers');
    const all = { ...environment, ...more, ...(isBroken ? broken : {}) };
    const supervised = new Supervised({ name, role, folder, environment: all });
    closes.push(() => supervised.close());
    return supervised;
  };
  const ports = [await lastingPort(), await lastingPort()];
  const apis = ports.map((port, index) => start(`api-${index + 1}`, 'api', { PORT: String(port) }));
  const workers = [start('worker-1', 'worker'), start('worker-2', 'worker')];
  const addresses = ports.map(port => `http://127.0.0.1:${port}`);
  await Promise.all(addresses.map(address => untilSo(`${address} is ready`, () => isReady(address))));

  const store = openQueueStore({ url: queueUrl, role: 'worker', log: pino({ level: 'silent' }) });
  closes.push(() => store.close());
  const settings = await openSettings(store);
  const sets = new Map<number, Promise<LaneSet>>();
  const setOf = (epoch: Epoch) => {
    const set = sets.get(epoch.number) ?? openLaneSet(store, epoch);
    sets.set(epoch.number, set);
    return set;
  };
  const unfinished = () =>
    patiently(async () =>
      unfinishedOn(await Promise.all(liveEpochs(await readStanding(settings)).map(setOf))),
    );
  const ledger = new Ledger();
  const load = new Load({ addresses, ledger, users: 60, perSecond: 60, seed });
  closes.push(() => load.stop(1).catch(() => {}));

  return {
    apis,
    workers,
    ledger,
    command: (...args) => startProduct('lanes', stores, { args }),
    async untilMoreWait(more) {
      const least = (await unfinished()) + more;
      await untilSo('submissions wait', async () => (await unfinished()) >= least, PATIENCE_MS);
    },
    async lanes() {
      const [epoch, next] = liveEpochs(await patiently(() => readStanding(settings)));
      return next === undefined ? epoch?.lanes : undefined;
    },
    async conclude() {
      await load.stop(PATIENCE_MS);
      // What is not applied then is for the audit to report.
      await untilSo('nothing waits', async () => (await unfinished()) === 0, PATIENCE_MS).catch(() => {});
      await sleep(1000);
      return auditLedger(ledger, { databaseUrl: database.url, queueUrl, lanes });
    },
    close,
  };
}

async function isReady(address: string): Promise<boolean> {
  const response = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(5000) });
  await response.body?.cancel();
  return response.status === 200;
}
