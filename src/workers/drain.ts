import type { MikroORM } from '@mikro-orm/postgresql';
import { type Epochs, liveEpochs, type Standing } from '../epochs.ts';
import { type LaneSet, openLaneSet } from '../lane-set.ts';
import { type Epoch, laneQueuePattern, lanesOf } from '../lanes.ts';
import type { LaneQueue, QueueStore } from '../queue-store.ts';
import { passUnitsOfWork } from './unit-of-work.ts';

/*
 * Ends the epochs before the last one. Any worker process may do any step, at the
 * same time as others, and stop anywhere: each step leads to what stays true for
 * ever, and says only then that it is (docs/lanes.md).
 */

export interface DrainOptions {
  readonly store: QueueStore;
  readonly orm: MikroORM;
  readonly epochs: Epochs;
}

/** Where a job can be that will have its turn. */
const UNFINISHED = ['waiting', 'active', 'delayed', 'prioritized'] as const;

export class Drain {
  readonly #options: DrainOptions;
  readonly #sets = new Map<string, LaneSet>();

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /**
   * Goes as far as it is possible now.
   *
   * @returns how it stands then
   * @throws when one of the stores does not answer; what was said until then holds
   */
  async goOn(found: Standing): Promise<Standing> {
    const { epochs } = this.#options;
    let standing = found;
    if (liveEpochs(standing).length > 1) standing = await this.#sealAllButLast(standing);
    for (;;) {
      const [oldest, next] = liveEpochs(standing);
      if (oldest === undefined || next === undefined || standing.sealed < oldest.number) return standing;
      if (!(await this.#isOver(oldest))) return standing;
      await epochs.mark('drained', oldest, standing);
      standing = await epochs.look();
    }
  }

  /** Again each time: a store that has lost its last second (a failover) may have lost a seal. */
  async #sealAllButLast(standing: Standing): Promise<Standing> {
    const { store, epochs } = this.#options;
    for (const epoch of liveEpochs(standing).slice(0, -1)) {
      await store.seal(epoch);
      if (epoch.number > standing.sealed) await epochs.mark('sealed', epoch, standing);
    }
    return epochs.look();
  }

  /** Of a sealed epoch: what is empty stays so, and whoever was in the middle of a unit of work has ended it. */
  async #isOver(epoch: Epoch): Promise<boolean> {
    const { queues } = await this.#lanes(epoch);
    if (!(await areEmpty(queues))) return false;
    await passUnitsOfWork(this.#options.orm, lanesOf(epoch));
    return true;
  }

  async #lanes(epoch: Epoch): Promise<LaneSet> {
    const name = laneQueuePattern(epoch);
    const set = this.#sets.get(name) ?? (await openLaneSet(this.#options.store, epoch));
    this.#sets.set(name, set);
    return set;
  }
}

/** Each in one moment: a job that goes from one state to another is seen. */
async function areEmpty(queues: readonly LaneQueue[]): Promise<boolean> {
  // On PostgreSQL what waits on a paused lane does not count as waiting.
  const isAnyPaused = async () => (await Promise.all(queues.map(queue => queue.isPaused()))).includes(true);
  if (await isAnyPaused()) return false;
  const counts = await Promise.all(queues.map(queue => queue.getJobCountByTypes(...UNFINISHED)));
  return counts.every(count => count === 0) && !(await isAnyPaused());
}
