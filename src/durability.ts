/*
 * What a 202 means: what an accepted submission survives on this queue store, as
 * it is set up. Facts go in, a promise and complaints come out; nothing is asked
 * here.
 */

/**
 * From weak to strong. `nothing`: it lives as long as the queue store's process.
 * `process`: it survives a crash of any process, the queue store's included.
 * `machine`: also a crash of the queue store's machine. `node`: also the loss of
 * that machine with its disks. `unknown`: the queue store does not say.
 */
export const SURVIVALS = ['nothing', 'unknown', 'process', 'machine', 'node'] as const;
export type Survival = (typeof SURVIVALS)[number];

export interface Durability {
  readonly survives: Survival;
  /** The rest of the truth, in one sentence. */
  readonly detail: string;
  /** Each says in one line what is wrong with the store and how to mend it. */
  readonly complaints: readonly string[];
}

/** What a Redis says of itself. Undefined: it does not say. */
export interface RedisFacts {
  /** For people, who may have several. */
  readonly address: string;
  readonly appendonly: boolean | undefined;
  readonly appendfsync: string | undefined;
  readonly maxmemoryPolicy: string | undefined;
  readonly maxmemoryBytes: number | undefined;
  /** Points at which it saves a snapshot, as in its configuration; empty for none. */
  readonly save: string | undefined;
  readonly replicas: number | undefined;
  /** How many of them have each submission before it is answered for. */
  readonly replicasAwaited: number;
}

/** What a PostgreSQL says of itself, in its own words. */
export interface PostgresFacts {
  readonly fsync: string;
  readonly synchronousCommit: string;
  /** Empty for none. */
  readonly synchronousStandbys: string;
}

/** That of a Redis, or of all masters of a Redis Cluster: as much as the weakest promises. */
export function redisDurability(masters: readonly RedisFacts[]): Durability {
  const promises = masters.map(master => ({ ...promiseOf(master), complaints: complaintsOf(master) }));
  const [weakest] = promises.toSorted((a, b) => rank(a.survives) - rank(b.survives));
  if (weakest === undefined) return { survives: 'unknown', detail: 'no master answered', complaints: [] };
  return { ...weakest, complaints: promises.flatMap(({ complaints }) => complaints) };
}

type Promised = Omit<Durability, 'complaints'>;

function promiseOf(facts: RedisFacts): Promised {
  const { appendonly, save } = facts;
  if (evicts(facts)) return { survives: 'nothing', detail: 'Redis may evict it to make room' };
  if (appendonly === false) return { survives: 'nothing', detail: snapshotsOnly(save) };
  if (facts.replicasAwaited > 0) {
    return { survives: 'node', detail: `${facts.replicasAwaited} replicas have it before the answer` };
  }
  if (appendonly === undefined) {
    return { survives: 'unknown', detail: `Redis does not say whether it keeps a file${replicasOf(facts)}` };
  }
  return filePromise(facts);
}

function filePromise(facts: RedisFacts): Promised {
  const others = replicasOf(facts);
  switch (facts.appendfsync) {
    case 'always':
      return { survives: 'machine', detail: `it is on the disk before the answer${others}` };
    case 'everysec':
      return { survives: 'process', detail: `a crash of the machine can lose the last second${others}` };
    case 'no':
      return { survives: 'process', detail: `a crash of the machine can lose the last half minute${others}` };
    default:
      return {
        survives: 'process',
        detail: `Redis does not say how soon its file is on the disk${others}`,
      };
  }
}

function snapshotsOnly(save: string | undefined): string {
  const end = 'when Redis ends, what came since is lost';
  return save ? `Redis saves a snapshot now and then; ${end}` : `Redis keeps it in memory only; ${end}`;
}

function replicasOf({ replicas = 0 }: RedisFacts): string {
  return replicas === 0 ? '' : `; ${replicas} replicas follow, and are not waited for`;
}

function complaintsOf(facts: RedisFacts): string[] {
  const { address, appendonly, maxmemoryPolicy } = facts;
  const complaints: string[] = [];
  if (evicts(facts)) {
    complaints.push(
      `Redis at ${address} may evict accepted submissions (maxmemory-policy is ${maxmemoryPolicy}); ` +
        'set "maxmemory-policy noeviction" in its configuration',
    );
  }
  if (appendonly === false) {
    complaints.push(
      `Redis at ${address} loses accepted submissions when it ends (appendonly is no); ` +
        'set "appendonly yes" in its configuration',
    );
  }
  return complaints;
}

/** Also where no limit is set now: one may be set while it runs. */
function evicts({ maxmemoryPolicy }: RedisFacts): boolean {
  return maxmemoryPolicy !== undefined && maxmemoryPolicy !== 'noeviction';
}

export function postgresDurability(facts: PostgresFacts): Durability {
  const complaints: string[] = [];
  if (facts.fsync === 'off') {
    complaints.push(
      'a crash of its machine can destroy the PostgreSQL of the queue (fsync is off); set "fsync = on"',
    );
  }
  if (facts.synchronousCommit === 'off') {
    complaints.push(
      'PostgreSQL answers for submissions that it has not written (synchronous_commit is off); set "synchronous_commit = on"',
    );
  }
  return { ...postgresPromise(facts), complaints };
}

function postgresPromise({ fsync, synchronousCommit, synchronousStandbys }: PostgresFacts): Promised {
  if (synchronousCommit === 'off') {
    return { survives: 'nothing', detail: 'a crash of PostgreSQL can lose the last second' };
  }
  if (synchronousStandbys !== '' && synchronousCommit !== 'local') {
    return { survives: 'node', detail: 'a synchronous standby has it before the answer' };
  }
  return fsync === 'off'
    ? { survives: 'process', detail: 'a crash of the machine can lose everything' }
    : { survives: 'machine', detail: 'it is on the disk before the answer' };
}

function rank(survival: Survival): number {
  return SURVIVALS.indexOf(survival);
}
