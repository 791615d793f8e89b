import pg from 'pg';
import { untilWorks } from '../system/until.ts';
import { type Fault, type Heal, NOTHING_TO_HEAL } from './fault.ts';

const target = 'postgres';

/** How often others are thrown out, so that the suite has all connections in the end. */
const GRABS = 3;
const TOO_MANY_CONNECTIONS = '53300';
/** Far longer than it takes, also on a machine that is busy with other things. */
const CONNECT_WITHIN_MS = 30_000;

export const POSTGRES_FAULTS: readonly Fault[] = [
  {
    name: 'postgres-crash',
    title: 'immediate shutdown of PostgreSQL',
    target,
    durationMs: 0,
    leastMs: 0,
    async inject({ system }) {
      await untilWorks(() => system.postgres.crash());
      return NOTHING_TO_HEAL;
    },
  },
  {
    name: 'postgres-connections',
    title: 'PostgreSQL out of connections',
    target,
    durationMs: 8000,
    leastMs: 2000,
    async inject({ system }) {
      const held: pg.Client[] = [];
      const letGo: Heal = async () =>
        void (await Promise.all(held.map(client => client.end().catch(() => {}))));
      try {
        const { url } = system.postgres;
        held.push(await untilWorks(() => connect(url)));
        for (let grab = 0; grab < GRABS; grab++) {
          await held[0]?.query(OTHERS_OUT, [await backendsOf(held)]);
          await takeAll(url, held);
        }
      } catch (error) {
        await letGo();
        throw error;
      }
      return letGo;
    },
  },
  {
    name: 'postgres-disk-full',
    title: 'the disk under PostgreSQL full',
    target,
    durationMs: 8000,
    leastMs: 2000,
    unavailable: ({ postgres }) =>
      postgres.disk.fill === undefined ? 'no disk may be mounted here' : undefined,
    async inject({ system }) {
      const { disk } = system.postgres;
      await disk.fill?.();
      return () => disk.free();
    },
  },
  {
    name: 'postgres-terminate',
    title: 'all backends of PostgreSQL terminated',
    target,
    durationMs: 0,
    leastMs: 0,
    async inject({ system }) {
      await untilWorks(() => withClient(system.postgres.url, client => client.query(OTHERS_OUT, [[]])));
      return NOTHING_TO_HEAL;
    },
  },
  {
    name: 'postgres-lock',
    title: '`user_profiles` locked by somebody',
    target,
    durationMs: 20_000,
    leastMs: 3000,
    async inject({ system }) {
      const client = await untilWorks(() => connect(system.postgres.url));
      try {
        await client.query('begin');
        await client.query('lock table user_profiles in access exclusive mode');
      } catch (error) {
        await client.end();
        throw error;
      }
      return () => client.end();
    },
  },
];

const OTHERS_OUT = `select pg_terminate_backend(pid) from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid() and pid <> all ($1::int[])`;

async function takeAll(url: string, held: pg.Client[]): Promise<void> {
  for (;;) {
    try {
      held.push(await connect(url));
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === TOO_MANY_CONNECTIONS) return;
      throw error;
    }
  }
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = await connect(url);
  try {
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

async function backendsOf(clients: readonly pg.Client[]): Promise<number[]> {
  const asked = clients.map(client => client.query<{ pid: number }>('select pg_backend_pid() as pid'));
  return (await Promise.all(asked)).flatMap(({ rows }) => rows.map(({ pid }) => pid));
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  client.on('error', () => {});
  await client.connect();
  return client;
}
