import { type FleetOptions, WORKER_NODE_NAME } from '../../src/workers/fleet.ts';

/** A process as the store shows it to the others. */
export type Node = Awaited<ReturnType<FleetOptions['relay']['getNodes']>>[number];

export function node(id: string, { name = WORKER_NODE_NAME, dead = false } = {}): Node {
  const state = { registeredAt: 0, leaseUntil: 0, backlog: 0, dropped: 0, subscriptions: 0 };
  return { id, info: { name }, ...state, ...(dead ? {} : { lastHeartbeat: 1_700_000_000_000 }) };
}

/** What the processes tell each other; the store forgets it in time, which here is `forget`. */
export function relayNews() {
  const topics = new Set<string>();
  const news: Pick<FleetOptions['relay'], 'getRetained' | 'publish'> & { forget(): void } = {
    getRetained: async () =>
      [...topics].map(topic => ({ topic, mid: '1', ts: 0, data: 'null', expiresAt: 0 })),
    publish: async topic => {
      topics.add(topic);
      return { mid: '1', nodes: 0, endpoints: 0 };
    },
    forget: () => topics.clear(),
  };
  return news;
}
