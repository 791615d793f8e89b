import type { Cluster, Redis } from 'ioredis';
import type { RedisFacts } from './durability.ts';
import { messageOf } from './errors.ts';

const SETTINGS = ['appendonly', 'appendfsync', 'maxmemory-policy', 'maxmemory', 'save'] as const;

/**
 * What each master says of itself. Services that run Redis for others forbid
 * CONFIG; INFO says some of it, too.
 *
 * @throws when one does not answer
 */
export async function readRedisFacts(
  connection: Redis | Cluster,
  replicasAwaited: number,
): Promise<RedisFacts[]> {
  const masters = 'nodes' in connection ? connection.nodes('master') : [connection];
  return Promise.all(masters.map(master => factsOf(master, replicasAwaited)));
}

async function factsOf(redis: Redis, replicasAwaited: number): Promise<RedisFacts> {
  const [info, ...settings] = await Promise.all([
    unlessForbidden(redis.info()),
    ...SETTINGS.map(name => unlessForbidden(redis.config('GET', name))),
  ]);
  const [appendonly, appendfsync, policy, maxmemory, save] = settings.map(settingOf);
  const said = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(String(info ?? ''))?.[1];
  const { host, port } = redis.options;
  return {
    address: `${host}:${port}`,
    // A service without a file of its own may keep what it has by other means.
    appendonly: appendonly === undefined ? said('aof_enabled') === '1' || undefined : appendonly === 'yes',
    appendfsync,
    maxmemoryPolicy: policy ?? said('maxmemory_policy'),
    maxmemoryBytes: numberOf(maxmemory ?? said('maxmemory')),
    save,
    replicas: numberOf(said('connected_slaves')),
    replicasAwaited,
  };
}

/** @throws what has other reasons: the server is away, or still loading */
async function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (/NOPERM|unknown (sub)?command/i.test(messageOf(error))) return undefined;
    throw error;
  }
}

/** CONFIG GET answers with name and value. */
function settingOf(answer: unknown): string | undefined {
  return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
