import type { Cluster, Redis } from 'ioredis';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/*
 * Redis answers a write before its replicas have it. A master that dies in
 * between takes the write along, answered or not. The barrier holds an answer
 * back until replicas have the job, too.
 *
 * It asks on a connection of its own, where WAIT holds up nobody else. So it may
 * speak with another master than the one that took the job: a replica promoted
 * in between. Therefore it first asks there whether the job exists, and writes
 * something itself; WAIT then covers that write and all before it.
 */

/** Those of the keys that are there. The write is refused by any node but the slot's master. */
const LOOK_AND_WRITE = `
  redis.call('SET', KEYS[1], '', 'PX', 60000)
  local found = {}
  for i = 2, #KEYS do
    if redis.call('EXISTS', KEYS[i]) == 1 then found[#found + 1] = KEYS[i] end
  end
  return found
`;

/** A replica that takes longer is away. */
const REPLICA_TIMEOUT_MS = 500;

const Found = Type.Array(Type.String());

/** Fewer replicas than asked for are known to have the job. Whether it arrived is not known. */
export class TooFewReplicasError extends Error {
  override readonly name = 'TooFewReplicasError';
}

interface Crossing {
  readonly keys: Set<string>;
  /** The keys that are safe. */
  readonly safe: Promise<ReadonlySet<string>>;
}

export class ReplicaBarrier {
  readonly #connection: Redis | Cluster;
  readonly #replicas: number;
  /** Per mark, those who gather behind the crossing that is under way. */
  readonly #gathering = new Map<string, Crossing>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  /** @param replicas how many must have a job */
  constructor(connection: Redis | Cluster, replicas: number) {
    this.#connection = connection;
    this.#replicas = replicas;
  }

  /**
   * Resolves when the replicas have the job. Those who ask meanwhile cross
   * together: one at a time for each mark.
   *
   * @param mark a key that the barrier may write, in the slot of the job's key
   * @throws TooFewReplicasError, or the store's error
   */
  async cross(mark: string, jobKey: string): Promise<void> {
    const crossing = this.#gathering.get(mark) ?? this.#gather(mark);
    crossing.keys.add(jobKey);
    const safe = await crossing.safe;
    if (!safe.has(jobKey)) throw new TooFewReplicasError('the job is gone');
  }

  #gather(mark: string): Crossing {
    const keys = new Set<string>();
    const before = this.#underWay.get(mark) ?? Promise.resolve();
    const safe = before
      .catch(() => {})
      .then(() => {
        this.#gathering.delete(mark);
        return this.#lead(mark, [...keys]);
      });
    const crossing = { keys, safe };
    this.#gathering.set(mark, crossing);
    this.#underWay.set(mark, safe);
    return crossing;
  }

  async #lead(mark: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    const answers = await this.#connection
      .pipeline()
      .eval(LOOK_AND_WRITE, 1 + keys.length, mark, ...keys)
      .wait(this.#replicas, REPLICA_TIMEOUT_MS)
      .exec();
    const [[refused, found] = [], [, replicas] = []] = answers ?? [];
    if (refused) {
      // A pipeline does not follow a slot to its new master; a command alone does, and the next pipeline with it.
      this.#connection.exists(mark).catch(() => {});
      throw refused;
    }
    if (typeof replicas !== 'number' || replicas < this.#replicas) {
      throw new TooFewReplicasError(`${replicas ?? 'no'} of ${this.#replicas} replicas have it`);
    }
    return new Set(Value.Parse(Found, found));
  }
}
