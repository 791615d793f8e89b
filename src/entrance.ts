import { type Epochs, liveEpochs } from './epochs.ts';
import { findOfUser, type LaneSet, openLaneSet, queueOf } from './lane-set.ts';
import { LanesSealedError } from './lanes-sealed-error.ts';
import { JOB_NAME, type LaneJob, type LaneQueue, type QueueStore } from './queue-store.ts';
import { RememberedEpochs } from './remembered-epochs.ts';
import { dataOf, type Submission } from './submission.ts';

/*
 * Where submissions go in, through any change of the number of lanes. A
 * submission is added to its user's lane of the oldest epoch whose lane takes it.
 * One that takes nothing any more is sealed, in the store and for ever: whoever
 * goes on to the next epoch's lane knows that nobody will ever add to the last
 * one again. So a user's later submission is never on an older lane than an
 * earlier one, whatever this process or another has heard (docs/lanes.md).
 */

/** Longer than from one look to the next, and shorter than a failover takes. */
const KNOWS_FOR_MS = 2000;

export class Entrance {
  readonly #store: QueueStore;
  readonly #epochs: Epochs;
  /** Those that may hold what is not applied yet, the oldest first. Another array when it changes. */
  #sets: readonly LaneSet[] = [];
  /** Found so; a seal is never broken. */
  readonly #sealed = new WeakSet<LaneQueue>();
  /** Of the epochs up to this number all lanes are. It never falls, whatever the store has forgotten. */
  #sealedEpochs = 0;
  readonly #remembered = new RememberedEpochs();
  /** When the last look began that has ended; also one that had no answer, as nobody can have written a mark then. */
  #lookedAt = performance.now();

  private constructor(store: QueueStore, epochs: Epochs) {
    this.#store = store;
    this.#epochs = epochs;
  }

  /** @throws when the store does not answer */
  static async open(store: QueueStore, epochs: Epochs): Promise<Entrance> {
    const entrance = new Entrance(store, epochs);
    await entrance.#follow();
    return entrance;
  }

  /** The lanes of all epochs that are not over, the oldest first. The same array until they change. */
  get sets(): readonly LaneSet[] {
    return this.#sets;
  }

  /** Follows the store's epochs. @throws when it does not answer */
  async look(): Promise<void> {
    const began = performance.now();
    try {
      await this.#epochs.look();
      await this.#follow();
    } finally {
      this.#lookedAt = Math.max(this.#lookedAt, began);
    }
  }

  /** Hears of whatever the store knew when this was called. @throws when it does not answer */
  async lookAnew(): Promise<void> {
    // Twice: the first may be one that had begun before.
    await this.look();
    await this.look();
  }

  /**
   * Puts a submission on its user's lane, unless one of the user's lanes has it.
   *
   * @throws LanesSealedError, or the store's error
   */
  async add(submission: Submission): Promise<void> {
    const queue = (await this.#addTo(this.#sets, submission)) ?? (await this.#addAfterLook(submission));
    await this.#store.acknowledged(queue, submission.id);
    if (performance.now() - this.#lookedAt > KNOWS_FOR_MS) await this.#lookAfter(queue, submission);
  }

  /** A submission of a user, also on a lane of which only others have heard. @throws the store's error */
  async find(userId: string, id: string): Promise<LaneJob | undefined> {
    const known = this.#sets;
    const found = await findOfUser(known, userId, id);
    if (found !== undefined) return found;
    await this.lookAnew();
    return findOfUser(
      this.#sets.filter(set => !known.includes(set)),
      userId,
      id,
    );
  }

  /** Somebody has sealed the lanes that this process knows: there are others. */
  async #addAfterLook(submission: Submission): Promise<LaneQueue> {
    await this.look();
    return foundOn(await this.#addTo(this.#sets, submission));
  }

  /** This process has slept, and may know of nothing since before a failover that lost a seal: nobody looks there any more. */
  async #lookAfter(queue: LaneQueue, submission: Submission): Promise<void> {
    await this.lookAnew();
    const live = this.#sets.filter(({ epoch }) => epoch.number > this.#epochs.standing.drained);
    if (live.some(({ queues }) => queues.includes(queue))) return;
    const stray = await queue.getJob(submission.id);
    // It was there before, under the same Idempotency-Key, and has ended.
    if (stray?.finishedOn !== undefined) return;
    await stray?.remove();
    await this.#store.acknowledged(foundOn(await this.#addTo(live, submission)), submission.id);
  }

  /** @returns the lane that has it now; undefined when all are sealed */
  async #addTo(sets: readonly LaneSet[], submission: Submission): Promise<LaneQueue | undefined> {
    const { id, userId, acceptedAt } = submission;
    for (const set of sets) {
      const queue = queueOf(set, userId);
      try {
        if (!this.#isSealed(set, queue)) {
          await queue.add(JOB_NAME, dataOf(submission), { jobId: id, timestamp: acceptedAt.getTime() });
          return queue;
        }
      } catch (error) {
        if (!this.#store.isSealed(error)) throw error;
        this.#sealed.add(queue);
      }
      // It may have been added before, under the same Idempotency-Key. Nobody can add it any more.
      if ((await queue.getJob(id)) !== undefined) return queue;
    }
    return undefined;
  }

  #isSealed({ epoch }: LaneSet, queue: LaneQueue): boolean {
    return epoch.number <= this.#sealedEpochs || this.#sealed.has(queue);
  }

  async #follow(): Promise<void> {
    const { standing } = this.#epochs;
    this.#sealedEpochs = Math.max(this.#sealedEpochs, standing.sealed);
    const open = new Set(this.#sets.map(({ epoch }) => epoch.number));
    const known = this.#sets.filter(({ epoch }) => this.#remembered.has(epoch, standing));
    const fresh = liveEpochs(standing).filter(({ number }) => !open.has(number));
    if (fresh.length === 0 && known.length === this.#sets.length) return;
    const opened = await Promise.all(fresh.map(epoch => openLaneSet(this.#store, epoch)));
    this.#sets = [...known, ...opened].toSorted((one, other) => one.epoch.number - other.epoch.number);
  }
}

function foundOn(queue: LaneQueue | undefined): LaneQueue {
  if (queue === undefined) throw new LanesSealedError('all lanes are sealed, and there are no others');
  return queue;
}
