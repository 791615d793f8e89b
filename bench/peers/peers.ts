import type { Peer } from './peer.ts';

/** The adapters, loaded one at a time: a worker process must not pay for the others. */
const ADAPTERS: Readonly<Record<string, () => Promise<Peer>>> = {
  'issue-intake': async () => (await import('./adapters/ours.ts')).ours,
  bullmq: async () => (await import('./adapters/bullmq.ts')).bullmq,
  groupmq: async () => (await import('./adapters/groupmq.ts')).groupmq,
  'pg-boss': async () => (await import('./adapters/pg-boss.ts')).pgBoss,
  'graphile-worker': async () => (await import('./adapters/graphile-worker.ts')).graphileWorker,
};

export const PEER_NAMES: readonly string[] = Object.keys(ADAPTERS);

/** @throws RangeError for a name that is none of {@link PEER_NAMES} */
export function loadPeer(name: string): Promise<Peer> {
  const load = ADAPTERS[name];
  if (load === undefined) throw new RangeError(`no peer "${name}"; there are ${PEER_NAMES.join(', ')}`);
  return load();
}
