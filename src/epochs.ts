import { randomUUID } from 'node:crypto';
import {
  type Mark,
  markName,
  type Records,
  readRecords,
  type Settings,
  writeLanes,
  writeMark,
  writeStore,
} from './epoch-records.ts';
import { CannotRunError } from './errors.ts';
import type { Epoch } from './lanes.ts';

/** What the store says about its lanes. */
export interface Standing {
  /** The store's id. */
  readonly store: string;
  /** All there have been, in order; the last is the one that takes submissions. */
  readonly epochs: readonly Epoch[];
  /** Of the epochs up to this number nobody can add to a lane any more. */
  readonly sealed: number;
  /** The epochs up to this number are over: sealed, and nothing is left of them. */
  readonly drained: number;
}

/** LANES is a number that the store has never been in use with. */
export class LaneCountMismatchError extends CannotRunError {
  readonly ours: number;
  readonly theirs: number;

  constructor(ours: number, theirs: number) {
    super(
      `LANES is ${ours}, but this queue store is in use with ${theirs} lanes; ` +
        `set LANES=${theirs}, or change the number of lanes with npm run lanes -- resize ${ours}`,
    );
    this.ours = ours;
    this.theirs = theirs;
  }
}

/** The epochs that are not over, the oldest first. Only lanes of the first of them may be taken from. */
export function liveEpochs({ epochs, drained }: Standing): readonly Epoch[] {
  return epochs.slice(drained);
}

/** Undefined in a store that nobody has used. */
export function standingOf({ store = '', lanes, names }: Records): Standing | undefined {
  const epochs: Epoch[] = [];
  for (let count = lanes.get(1); count !== undefined; count = lanes.get(epochs.length + 1))
    epochs.push({ number: epochs.length + 1, lanes: count });
  if (epochs.length === 0) return undefined;
  const is = (mark: Mark, epoch: number) => names.has(markName(mark, epoch, store));
  let drained = 0;
  while (drained + 1 < epochs.length && is('drained', drained + 1)) drained++;
  let sealed = drained;
  while (sealed + 1 < epochs.length && is('sealed', sealed + 1)) sealed++;
  return { store, epochs, sealed, drained };
}

/** What one process knows of the epochs, and what it tells a store that has forgotten them. */
export class Epochs {
  readonly #settings: Settings;
  #standing: Standing;
  #looking: Promise<Standing> | undefined;

  private constructor(settings: Settings, standing: Standing) {
    this.#settings = settings;
    this.#standing = standing;
  }

  /**
   * @param lanes what a new store begins with
   * @throws LaneCountMismatchError when the store has never been in use with as many
   */
  static async open(settings: Settings, lanes: number): Promise<Epochs> {
    const before = standingOf(await readRecords(settings));
    if (before === undefined) await writeLanes(settings, 1, lanes);
    const { epochs } = await readOrRestore(settings, []);
    const last = epochs.at(-1)?.lanes ?? lanes;
    if (!epochs.some(epoch => epoch.lanes === lanes)) throw new LaneCountMismatchError(lanes, last);
    return new Epochs(settings, await readOrRestore(settings, epochs));
  }

  /** As it stood at the last look. */
  get standing(): Standing {
    return this.#standing;
  }

  /**
   * Looks at the store, and reminds it of what it has forgotten (FLUSHALL, a failover).
   *
   * @throws LaneCountMismatchError when it has been told of another number since then
   */
  look(): Promise<Standing> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Says that something is true of an epoch for ever, if the store is still the one of `found`. */
  async mark(mark: Mark, epoch: Epoch, found: Standing): Promise<void> {
    await writeMark(this.#settings, mark, epoch.number, found.store);
  }

  async #look(): Promise<Standing> {
    this.#standing = await readOrRestore(this.#settings, this.#standing.epochs);
    return this.#standing;
  }
}

async function readOrRestore(settings: Settings, known: readonly Epoch[]): Promise<Standing> {
  let records = await readRecords(settings);
  const isForgotten = records.store === undefined || known.some(({ number }) => !records.lanes.has(number));
  if (isForgotten) {
    for (const { number, lanes } of known) await writeLanes(settings, number, lanes);
    await writeStore(settings, randomUUID());
    records = await readRecords(settings);
  }
  const standing = standingOf(records);
  if (standing === undefined || records.store === undefined)
    throw new Error('the queue store forgets its lanes');
  const [ours, theirs] = [known.at(-1), standing.epochs[known.length - 1]];
  if (ours !== undefined && ours.lanes !== theirs?.lanes)
    throw new LaneCountMismatchError(ours.lanes, theirs?.lanes ?? 0);
  return standing;
}
