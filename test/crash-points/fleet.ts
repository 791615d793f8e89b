import { Ledger } from '../chaos/ledger.ts';
import { lastingPort } from '../chaos/system/ports.ts';
import { untilSo } from '../chaos/system/until.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { TOKEN_SECRET } from '../support/tokens.ts';
import { ArmedProcess, type ProcessPlace } from './armed-process.ts';
import { type DomainDatabase, makeDomainDatabase } from './domain-database.ts';
import { type LaneStore, openPostgresLanes, openRedisLanes } from './lane-store.ts';
import type { FleetKind } from './plan.ts';

/** Few, so that a batch holds submissions of several users. */
export const LANES = 2;
/** Few, so that a lane needs several units of work. */
const READ_AHEAD = 5;

const QUIET_WITHIN_MS = 120_000;
const MOST_FAILED_STARTS = 5;

type Role = ProcessPlace['role'];

interface Opened {
  readonly kind: FleetKind;
  readonly database: DomainDatabase;
  readonly lanes: LaneStore;
  readonly folder: string;
  readonly port: number;
  readonly environment: Record<string, string>;
}

export interface FleetOptions {
  readonly kind: FleetKind;
  /** A PostgreSQL with the migrated template. */
  readonly postgresUrl: string;
  /** For every process. */
  readonly environment?: Record<string, string>;
}

/** One API and one or two workers, on stores of their own, and all that their users were told. */
export class Fleet {
  readonly kind: FleetKind;
  readonly database: DomainDatabase;
  readonly lanes: LaneStore;
  /** Of all runs on this fleet: what an earlier crash did may show later. */
  readonly ledger = new Ledger();
  /** How many poisoned submissions are in it. */
  poisoned = 0;
  /** How often a process ended while it started, and was started again. */
  startedAgain = 0;
  readonly address: string;
  readonly #places: Record<Role, ProcessPlace>;
  readonly #folder: string;
  readonly #processes: Record<Role, ArmedProcess[]> = { api: [], worker: [] };
  readonly #starting: Promise<ArmedProcess>[] = [];

  static async open({ kind, postgresUrl, environment = {} }: FleetOptions): Promise<Fleet> {
    const folder = await makeTempFolder('crash-points');
    const database = await makeDomainDatabase(postgresUrl);
    const lanes = await (kind.store === 'redis' ? openRedisLanes() : openPostgresLanes(postgresUrl));
    const fleet = new Fleet({ kind, database, lanes, folder, port: await lastingPort(), environment });
    try {
      const workers = Array.from({ length: kind.workers }, () => fleet.start('worker'));
      await Promise.all([fleet.start('api'), ...workers]);
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  private constructor(opened: Opened) {
    const { kind, database, lanes, folder, port, environment } = opened;
    this.kind = kind;
    this.database = database;
    this.lanes = lanes;
    this.#folder = folder;
    this.address = `http://127.0.0.1:${port}`;
    const stores = { DATABASE_URL: database.url, QUEUE_URL: lanes.url };
    const common = { LANES: String(LANES), METRICS_PORT: '0', RATE_LIMIT: 'off', ...stores, ...environment };
    const api = { ...common, PORT: String(port), JWT_SECRET: TOKEN_SECRET };
    const worker = { ...common, READ_AHEAD: String(READ_AHEAD) };
    this.#places = {
      api: { role: 'api', folder, environment: api },
      worker: { role: 'worker', folder, environment: worker },
    };
  }

  /** Starts one more process. Resolves when it works. */
  async start(role: Role): Promise<void> {
    const starting = this.#untilStarted(role);
    this.#starting.push(starting);
    this.#processes[role].push(await starting);
  }

  /** As a supervisor does: one that cannot start, because a store is slow to answer, ends and is started again. */
  async #untilStarted(role: Role): Promise<ArmedProcess> {
    for (let failures = 0; ; failures++) {
      try {
        return await ArmedProcess.start(this.#places[role]);
      } catch (error) {
        if (failures === MOST_FAILED_STARTS) throw error;
        this.startedAgain++;
      }
    }
  }

  /** The oldest process of this role; it is no longer looked after. @throws when there is none */
  take(role: Role): ArmedProcess {
    const oldest = this.#processes[role].shift();
    if (oldest === undefined) throw new Error(`the fleet has no ${role}`);
    return oldest;
  }

  /** What `take` took, back again. */
  giveBack(role: Role, process: ArmedProcess): void {
    this.#processes[role].push(process);
  }

  /** The ends of the logs of processes that nobody told to die. */
  get deadLogs(): string[] {
    const { api, worker } = this.#processes;
    return [...api, ...worker].filter(each => each.isDead).map(each => each.log);
  }

  /** Resolves when nothing waits on the lanes, and nothing is being applied. */
  async quiet(): Promise<void> {
    await untilSo('nothing waits on the lanes', () => this.isQuiet(), QUIET_WITHIN_MS);
  }

  async isQuiet(): Promise<boolean> {
    return (await this.lanes.backlog(LANES)) === 0;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#processes.api, ...this.#processes.worker].map(each => each.stop()));
    await this.lanes.close();
    await this.database.drop();
    await removeTempFolder(this.#folder);
  }
}
