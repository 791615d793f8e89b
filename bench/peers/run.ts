import type { MikroORM } from '@mikro-orm/postgresql';
import { openDatabase } from '../../src/database.ts';
import { Issue } from '../../src/entities/index.ts';
import type { Submission } from '../../src/submission.ts';
import type { Peer, Producer, Services } from './peer.ts';
import type { Servers } from './servers.ts';
import { WorkerPool } from './worker-pool.ts';
import { addOrganizations, makeSubmissions } from './workload.ts';

/** One measurement of one peer, on a database and a Redis database of its own. */
export interface Run {
  readonly peer: Peer;
  readonly producer: Producer;
  readonly orm: MikroORM;
  makeSubmissions(count: number): Submission[];
  startWorkers(count: number, options?: { withFailures: boolean }): Promise<WorkerPool>;
  countIssues(): Promise<number>;
  /** Lets PostgreSQL look at the queue that was just filled, as autovacuum would have done in a minute. */
  analyze(): Promise<void>;
}

/** Does one measurement; afterwards nothing of it runs any more. */
export async function inRun<T>(servers: Servers, peer: Peer, measure: (run: Run) => Promise<T>): Promise<T> {
  const services = await servers.freshServices();
  const orm = openDatabase(services.databaseUrl, { poolSize: 2 });
  const pools: WorkerPool[] = [];
  let producer: Producer | undefined;
  try {
    const organizations = await addOrganizations(orm);
    producer = await peer.openProducer(services);
    return await measure({
      peer,
      producer,
      orm,
      makeSubmissions: count => makeSubmissions(count, organizations),
      async startWorkers(count, { withFailures } = { withFailures: false }) {
        const pool = await WorkerPool.start(count, taskOf(peer, services, withFailures));
        pools.push(pool);
        return pool;
      },
      countIssues: () => orm.em.fork().count(Issue),
      async analyze() {
        await orm.em.execute('vacuum analyze');
      },
    });
  } finally {
    await Promise.all(pools.map(pool => pool.stop()));
    await producer?.close();
    await orm.close();
  }
}

function taskOf({ name }: Peer, services: Services, withFailures: boolean) {
  return { peer: name, services, withFailures };
}
