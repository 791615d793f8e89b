import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { StoreRelay } from '../queue-store.ts';
import { shareOut } from './share-out.ts';

/*
 * A busy worker process always takes its lane's next job, so one that joins
 * later would get nothing. The processes therefore share the lanes out. This
 * only balances the load: safety is the lanes' global concurrency, whatever two
 * processes believe. A process that cannot see the others keeps what it has; one
 * that cannot reach the database says so, and the others take its lanes.
 */

const LOOK_EVERY_MS = 300;

/** How long the others go without us after we last said that we are unwell. */
const UNWELL_FOR_MS = 2000;

/** The name by which worker processes know each other among all that share the store. */
export const WORKER_NODE_NAME = 'worker';

const UNWELL_TOPIC = 'unwell';

export interface FleetOptions {
  readonly relay: Pick<StoreRelay, 'getNodes' | 'getRetained' | 'publish' | 'nodeId'>;
  readonly lanes: number;
  readonly log: Logger;
  /** Whether this process can apply anything. */
  readonly isWell: () => boolean;
  /** Told which lanes this process is to run, whenever that changes. */
  readonly onShare: (lanes: ReadonlySet<number>) => void;
}

/** Follows which worker processes are alive and well, and what this one's share is. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #timer: NodeJS.Timeout;
  #share: ReadonlySet<number> | undefined;
  #closed = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  /** Looks once. Never throws: a store that does not answer changes nothing. */
  async look(): Promise<void> {
    const { relay, lanes, isWell, log } = this.#options;
    try {
      if (!isWell()) await relay.publish(`${UNWELL_TOPIC}.${relay.nodeId}`, null, { retain: UNWELL_FOR_MS });
      this.#take(shareOut(lanes, await this.#fitWorkers()));
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'cannot see the other workers; keeping the lanes');
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  /** Those that are well; all, when none is: somebody has to be there when the database comes back. */
  async #fitWorkers(): Promise<string[]> {
    const [nodes, retained] = await Promise.all([
      this.#options.relay.getNodes(),
      this.#options.relay.getRetained(),
    ]);
    const unwell = new Set(retained.map(({ topic }) => topic));
    // The store forgets the heartbeat of a node whose lease has run out, by its own clock and not ours.
    const alive = nodes.filter(node => node.info?.name === WORKER_NODE_NAME && Boolean(node.lastHeartbeat));
    // A store that has forgotten us (FLUSHALL) will know us again in a moment.
    const ids = [...new Set([...alive.map(node => node.id), this.#options.relay.nodeId])].sort();
    const well = ids.filter(id => !unwell.has(`${UNWELL_TOPIC}.${id}`));
    return well.length > 0 ? well : ids;
  }

  #take(owners: readonly string[]): void {
    if (this.#closed) return;
    const { relay, onShare, log } = this.#options;
    const share = new Set(owners.flatMap((owner, lane) => (owner === relay.nodeId ? [lane] : [])));
    if (this.#share !== undefined && share.symmetricDifference(this.#share).size === 0) return;
    log.info({ lanes: [...share] }, 'running these lanes');
    this.#share = share;
    onShare(share);
  }
}
