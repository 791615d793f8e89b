import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { StoreRelay } from '../queue-store.ts';
import { shareOut } from './share-out.ts';

/*
 * A busy worker process always takes its lane's next job, so one that joins
 * later would get nothing. The processes therefore share the lanes out. This
 * only balances the load: safety is the lanes' global concurrency, whatever two
 * processes believe. A process that cannot see the others keeps what it has.
 */

const LOOK_EVERY_MS = 300;

/** The name by which worker processes know each other among all that share the store. */
export const WORKER_NODE_NAME = 'worker';

export interface FleetOptions {
  readonly relay: Pick<StoreRelay, 'getNodes' | 'nodeId'>;
  readonly lanes: number;
  readonly log: Logger;
  /** Told which lanes this process is to run, whenever that changes. */
  readonly onShare: (lanes: ReadonlySet<number>) => void;
}

/** Follows which worker processes are alive, and what this one's share is. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #timer: NodeJS.Timeout;
  #share: ReadonlySet<number> | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  /** Looks once. Never throws: a store that does not answer changes nothing. */
  async look(): Promise<void> {
    try {
      this.#take(shareOut(this.#options.lanes, await this.#liveWorkers()));
    } catch (error) {
      this.#options.log.warn({ reason: messageOf(error) }, 'cannot see the other workers; keeping the lanes');
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #liveWorkers(): Promise<string[]> {
    const nodes = await this.#options.relay.getNodes();
    // The store forgets the heartbeat of a node whose lease has run out, by its own clock and not ours.
    const alive = nodes.filter(node => node.info.name === WORKER_NODE_NAME && Boolean(node.lastHeartbeat));
    return alive.map(node => node.id).sort();
  }

  #take(owners: readonly string[]): void {
    const { relay, onShare, log } = this.#options;
    const share = new Set(owners.flatMap((owner, lane) => (owner === relay.nodeId ? [lane] : [])));
    if (this.#share !== undefined && share.symmetricDifference(this.#share).size === 0) return;
    log.info({ lanes: [...share] }, 'running these lanes');
    this.#share = share;
    onShare(share);
  }
}
