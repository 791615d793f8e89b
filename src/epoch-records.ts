import type { Queue } from 'bullmq';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { QueueStore } from './queue-store.ts';
import { openReadyQueues } from './ready-queues.ts';

/*
 * What the processes agree on about the lanes lies in the store, as the jobs of a
 * queue that nobody serves. Adding a job whose id exists changes nothing, so on
 * any store each record is written once, whoever comes first, and never changes:
 *
 * - `lanes`, `lanes-2`, `lanes-3`, ...: how many lanes each epoch has;
 * - `store`: a random id, another one when the store has forgotten everything;
 * - `sealed-1-<id>`: nobody can add to a lane of epoch 1 any more;
 * - `drained-1-<id>`: nothing of epoch 1 is left to apply, nor being applied.
 *
 * The last two hold for the store with that id: one that was emptied since they
 * became true knows nothing of seals.
 */

/** Nobody serves it. */
const SETTINGS_QUEUE = '{settings}';
const STORE = 'store';

const Lanes = Type.Object({ lanes: Type.Integer({ minimum: 1 }) });
const Store = Type.Object({ id: Type.String() });

export type Settings = Queue;

export interface Records {
  /** Undefined in one that is empty, or from before there were epochs. */
  readonly store: string | undefined;
  /** The number of lanes, by the number of the epoch. */
  readonly lanes: ReadonlyMap<number, number>;
  /** The names of all records, the marks among them. */
  readonly names: ReadonlySet<string>;
}

export type Mark = 'sealed' | 'drained';

/** Opens the queue that holds the store's settings. @throws when the store does not answer; try again */
export async function openSettings(store: QueueStore): Promise<Settings> {
  const [settings] = await openReadyQueues(store, [SETTINGS_QUEUE]);
  if (settings === undefined) throw new RangeError('one queue is none');
  return settings;
}

/** All records, as they stood in one moment. */
export async function readRecords(settings: Settings): Promise<Records> {
  const names = await settings.getRanges(['waiting'], 0, -1, true);
  const read = await Promise.all(
    names.flatMap(name => {
      const number = epochOf(name);
      return number === undefined ? [] : [readLanes(settings, name, number)];
    }),
  );
  const store = names.includes(STORE) ? await settings.getJob(STORE) : undefined;
  return {
    // Gone since its name was read: the store has just been emptied.
    store: store === undefined ? undefined : Value.Parse(Store, store.data).id,
    lanes: new Map(read.flatMap(each => (each === undefined ? [] : [each]))),
    names: new Set(names),
  };
}

/** Says how many lanes an epoch has, unless somebody has said so. */
export async function writeLanes(settings: Settings, epoch: number, lanes: number): Promise<void> {
  await write(settings, lanesName(epoch), { lanes });
}

/** Gives the store an id, unless it has one. */
export async function writeStore(settings: Settings, id: string): Promise<void> {
  await write(settings, STORE, { id });
}

/** @param store the id of the one of which it was found to be so */
export async function writeMark(settings: Settings, mark: Mark, epoch: number, store: string): Promise<void> {
  await write(settings, markName(mark, epoch, store), {});
}

export function markName(mark: Mark, epoch: number, store: string): string {
  return `${mark}-${epoch}-${store}`;
}

async function write(settings: Settings, name: string, data: object): Promise<void> {
  await settings.add(name, data, { jobId: name });
}

function lanesName(epoch: number): string {
  return epoch === 1 ? 'lanes' : `lanes-${epoch}`;
}

function epochOf(name: string): number | undefined {
  const { number = '1' } = /^lanes(?:-(?<number>\d+))?$/.exec(name)?.groups ?? { number: '' };
  return number === '' ? undefined : Number(number);
}

async function readLanes(
  settings: Settings,
  name: string,
  number: number,
): Promise<[number, number] | undefined> {
  const job = await settings.getJob(name);
  return job === undefined ? undefined : [number, Value.Parse(Lanes, job.data).lanes];
}
