import { type Figures, LATENCY_BOUNDS } from '../figures/figures.ts';
import { quantile } from '../figures/histogram.ts';
import { labelsOf, ownerOf, presentOf } from '../figures/owners.ts';
import { readFigures, SHARE_EVERY_MS } from '../figures/share-figures.ts';
import type { Snapshot } from '../figures/snapshot.ts';
import { addCounts, type Counts, noCounts, Tally } from '../figures/tally.ts';
import type { WaitingLane } from '../metrics/lane-metrics.ts';
import type { StoreRelay } from '../queue-store.ts';
import type { History, LaneNow, Point, ProcessNow } from './history-view.ts';

/*
 * The last hour of all processes, in the memory of this one: a point for every
 * 2 s, made of how far each process's counts have risen. A reading that fails
 * loses nothing, as the next has risen further.
 */

const MOST_POINTS = (60 * 60 * 1000) / SHARE_EVERY_MS;

export interface FleetHistoryOptions {
  readonly relay: Pick<StoreRelay, 'getRetained'>;
  /** Of this process. */
  readonly figures: Figures;
  /** What waits on each lane now. */
  readonly lanes: () => readonly WaitingLane[];
}

export class FleetHistory {
  readonly #options: FleetHistoryOptions;
  readonly #tally: Tally;
  readonly #points: Point[] = [];
  readonly #totals = noCounts();
  readonly #since = Date.now();
  readonly #began = performance.now();
  /** Processes that are there; the newest news last. */
  #present: readonly Snapshot[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: FleetHistoryOptions) {
    this.#options = options;
    this.#tally = new Tally(options.figures.id);
  }

  /** Looks once, and then every 2 s. Never throws. */
  async follow(): Promise<void> {
    const began = performance.now();
    await this.#look();
    if (this.#closed) return;
    const pause = Math.max(0, SHARE_EVERY_MS - (performance.now() - began));
    this.#timer = setTimeout(() => void this.follow(), pause).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** @param since leaves out the points until then, in ms since 1970 */
  read(since: number): History {
    return {
      everyMs: SHARE_EVERY_MS,
      points: this.#points.filter(({ at }) => at > since),
      lanes: this.#lanes(),
      processes: this.#present.map(processOf).sort((one, other) => one.startedAt - other.startedAt),
      totals: { since: this.#since, ...withoutRest(this.#totals) },
    };
  }

  async #look(): Promise<void> {
    const snapshots = await readFigures(this.#options.relay).catch(() => undefined);
    const counts = this.#tally.take(snapshots ?? [], performance.now() - this.#began);
    if (snapshots !== undefined) this.#present = presentOf(snapshots);
    addCounts(this.#totals, counts);
    this.#points.push(this.#pointOf(counts));
    if (this.#points.length > MOST_POINTS) this.#points.shift();
  }

  #pointOf({ latency, ...counts }: Counts): Point {
    const ms = (share: number) => {
      const seconds = quantile(share, LATENCY_BOUNDS, latency);
      return seconds === undefined ? null : Math.round(seconds * 10_000) / 10;
    };
    const backlog = this.#options.lanes().reduce((sum, { waiting }) => sum + waiting, 0);
    return { at: Date.now(), ...counts, p50Ms: ms(0.5), p99Ms: ms(0.99), backlog };
  }

  #lanes(): LaneNow[] {
    return this.#options
      .lanes()
      .map(each => ({ ...each, owner: ownerOf(each.lane, this.#present)?.id ?? null }));
  }
}

function processOf(snapshot: Snapshot): ProcessNow {
  const { id, name, host, pid, startedAt } = snapshot;
  return { id, name, host, pid, lanes: labelsOf(snapshot), startedAt };
}

function withoutRest({ accepted, applied, rejected, failed }: Counts) {
  return { accepted, applied, rejected, failed };
}
