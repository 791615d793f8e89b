import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type RedisServer, startRedis } from './redis-server.ts';
import { waitFor } from './wait-for.ts';

const MASTERS = 3;
const SLOTS = 16_384;

/** A master that does not answer for this long is replaced by its replica, about a second later. */
export const NODE_TIMEOUT_MS = 2000;
const FORMED_WITHIN_MS = 60_000;
const ANSWERS_WITHIN_MS = 5000;

export interface ClusterNode {
  readonly server: RedisServer;
  /** Its name in the cluster. */
  readonly id: string;
  /** Asks this node, on a connection of its own. */
  ask(...command: string[]): Promise<unknown>;
}

/** Three masters, each with a replica, as processes of the caller's own. */
export interface RedisCluster {
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  /** The node that serves a key, as a node that lives sees it; undefined while none is known to. */
  masterOf(key: string): Promise<ClusterNode | undefined>;
  /** Those that replicate it, and live. */
  replicasOf(key: string): Promise<ClusterNode[]>;
  /** Moves a key's slot, with all that is in it, to the node; as an operator does who shares slots out anew. */
  moveSlot(key: string, to: ClusterNode): Promise<void>;
  /** Removes all data. */
  flush(): Promise<void>;
  /** Resolves when every node that lives finds the cluster well, and every replica follows its master. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedisCluster(args: readonly string[] = []): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const stop = async () => {
    // A node that has just become a replica would refuse to end: it is writing its first file.
    await Promise.all(servers.map(server => server.kill()));
    await Promise.all(servers.map(server => server.stop()));
  };
  try {
    await Promise.all(Array.from({ length: 2 * MASTERS }, async () => servers.push(await startNode(args))));
    const nodes = await Promise.all(servers.map(nodeOf));
    await form(nodes);
    const cluster = clusterOf(nodes, stop);
    await cluster.settled();
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startNode(args: readonly string[]): Promise<RedisServer> {
  const identity = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
  const network = ['--cluster-port', String(await portToKeep()), '--cluster-announce-ip', '127.0.0.1'];
  const failover = [
    '--cluster-node-timeout',
    String(NODE_TIMEOUT_MS),
    '--cluster-replica-validity-factor',
    '0',
  ];
  // A replica stays with its master, and has its first copy at once.
  const replicas = ['--cluster-allow-replica-migration', 'no', '--repl-diskless-sync-delay', '0'];
  // What is written survives a kill -9; to survive the machine is not these tests' matter.
  const storage = ['--appendfsync', 'everysec', '--databases', '1'];
  return startRedis({
    port: await portToKeep(),
    appendonly: true,
    args: [...identity, ...network, ...failover, ...replicas, ...storage, ...args],
  });
}

/** A free port that no outgoing connection is ever given, so that a node that was killed finds it free again. */
async function portToKeep(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return port;
    } catch {
      // Somebody has it.
    } finally {
      server.close();
    }
  }
}

async function nodeOf(server: RedisServer): Promise<ClusterNode> {
  const ask = (...command: string[]) => askOnce(server, command);
  return { server, ask, id: String(await ask('CLUSTER', 'MYID')) };
}

async function askOnce({ port }: RedisServer, [name = '', ...args]: string[]): Promise<unknown> {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: () => null,
    // A frozen one takes connections, and never answers.
    commandTimeout: ANSWERS_WITHIN_MS,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
}

async function form(nodes: readonly ClusterNode[]): Promise<void> {
  const [first] = nodes;
  if (first === undefined) throw new RangeError('a cluster has nodes');
  // Each with an epoch of its own, or their first elections would collide.
  await Promise.all(nodes.map((node, n) => node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1))));
  const address = ['127.0.0.1', String(first.server.port), await busPortOf(first)];
  for (const node of nodes.slice(1)) await node.ask('CLUSTER', 'MEET', ...address);
  for (let n = 0; n < MASTERS; n++) {
    const [from, to] = [Math.floor((n * SLOTS) / MASTERS), Math.floor(((n + 1) * SLOTS) / MASTERS) - 1];
    await nodes[n]?.ask('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
  }
  await waitFor(async () => {
    const known = await Promise.all(nodes.map(node => linesOf(node, 'CLUSTER', 'NODES')));
    return known.every(lines => lines.length === nodes.length && !lines.join().includes('handshake'));
  }, FORMED_WITHIN_MS);
  for (const [n, node] of nodes.slice(MASTERS).entries()) {
    await node.ask('CLUSTER', 'REPLICATE', nodes[n]?.id ?? '');
  }
}

/** The port on which nodes talk to one another. */
async function busPortOf(node: ClusterNode): Promise<string> {
  const [myself = ''] = await linesOf(node, 'CLUSTER', 'NODES');
  return /@(?<port>\d+)/.exec(myself)?.groups?.port ?? '';
}

function clusterOf(nodes: readonly ClusterNode[], stop: () => Promise<void>): RedisCluster {
  const nodeNamed = (id: string) => nodes.find(node => node.id === id);
  const viewOf = async (key: string) => {
    const alive = await anyAlive(nodes);
    const slot = Number(await alive.ask('CLUSTER', 'KEYSLOT', key));
    const view = (await linesOf(alive, 'CLUSTER', 'NODES')).map(seenAs).filter(({ failed }) => !failed);
    return {
      slot,
      view,
      owner: view.find(({ ranges }) => ranges.some(([from, to]) => from <= slot && slot <= to)),
    };
  };
  return {
    url: `redis+cluster://${nodes.map(({ server }) => `127.0.0.1:${server.port}`).join(',')}`,
    nodes,
    async masterOf(key) {
      const { owner } = await viewOf(key);
      return owner && nodeNamed(owner.id);
    },
    async replicasOf(key) {
      const { view, owner } = await viewOf(key);
      return view.flatMap(({ id, of }) => (of === owner?.id ? (nodeNamed(id) ?? []) : []));
    },
    async moveSlot(key, to) {
      const { slot, owner } = await viewOf(key);
      const from = owner && nodeNamed(owner.id);
      if (from === undefined) throw new Error(`no master serves ${key}`);
      await moveSlot(String(slot), from, to);
    },
    async flush() {
      // A replica refuses; it follows its master.
      await Promise.allSettled(nodes.map(node => node.ask('FLUSHALL')));
    },
    async settled() {
      await waitFor(async () => {
        const states = await Promise.all(nodes.map(isSettled));
        return states.every(state => state !== false);
      }, FORMED_WITHIN_MS);
    },
    stop,
  };
}

async function moveSlot(slot: string, from: ClusterNode, to: ClusterNode): Promise<void> {
  await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
  await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
  for (;;) {
    const keys = Value.Parse(Keys, await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, '10'));
    if (keys.length === 0) break;
    await from.ask('MIGRATE', '127.0.0.1', String(to.server.port), '', '0', '5000', 'KEYS', ...keys);
  }
  for (const node of [to, from]) await node.ask('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
}

const Keys = Type.Array(Type.String());

async function anyAlive(nodes: readonly ClusterNode[]): Promise<ClusterNode> {
  return Promise.any(
    nodes.map(async node => {
      await node.ask('PING');
      return node;
    }),
  );
}

interface Seen {
  readonly id: string;
  /** The node that it replicates. */
  readonly of: string;
  readonly failed: boolean;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

/** A line of CLUSTER NODES: id, address, flags, master, four times and numbers, then its slots. */
function seenAs(line: string): Seen {
  const [id = '', , flags = '', of = '', , , , , ...slots] = line.split(' ');
  const ranges = slots
    // One that is being moved is in brackets, and still its source's.
    .filter(range => !range.startsWith('['))
    .map(range => {
      const [from = -1, to = from] = range.split('-').map(Number);
      return [from, to] as const;
    });
  return { id, of, failed: flags.split(',').includes('fail'), ranges };
}

/** Undefined for one that does not live. */
async function isSettled(node: ClusterNode): Promise<boolean | undefined> {
  try {
    const info = [
      ...(await linesOf(node, 'CLUSTER', 'INFO')),
      ...(await linesOf(node, 'INFO', 'replication')),
    ];
    const follows = info.includes('role:master') || info.includes('master_link_status:up');
    return info.includes('cluster_state:ok') && info.includes('cluster_slots_fail:0') && follows;
  } catch {
    return undefined;
  }
}

async function linesOf(node: ClusterNode, ...command: string[]): Promise<string[]> {
  return String(await node.ask(...command))
    .split(/\r?\n/)
    .filter(line => line !== '');
}
