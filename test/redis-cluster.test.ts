import { pino } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type OpenedIntake, openIntake } from '../src/api/open-intake.ts';
import { QueueUnavailableError } from '../src/errors.ts';
import { allLanes, laneIndexOf, laneQueueName } from '../src/lanes.ts';
import { JOB_NAME, type LaneJob, openQueueStore, type QueueStore } from '../src/queue-store.ts';
import { type Acknowledged, type HttpUsers, startUsers } from './support/http-users.ts';
import { type Audit, auditLedger } from './support/ledger-audit.ts';
import { type ProductProcess, startProduct } from './support/product-process.ts';
import { type ClusterNode, type RedisCluster, startRedisCluster } from './support/redis-cluster.ts';
import { aSubmission } from './support/submissions.ts';
import { startSystem } from './support/system.ts';
import { TOKEN_SECRET } from './support/tokens.ts';
import { waitFor } from './support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from './support/worker-fleet.ts';

/*
 * A real cluster of six nodes, whose masters are killed, frozen, relieved and
 * given other slots while submissions come in.
 */

const LANES = 16;
const LANE = { index: 3, of: LANES };
const LOG = pino({ level: 'silent' });

/** Processes start one after the other on a machine that does something else as well. */
const START_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = 240_000;
const FAILOVER_WITHIN_MS = 60_000;
const GOES_ON_WITHIN_MS = 90_000;

/** A replica is behind its master by milliseconds; a busy machine makes more of them. */
const REPLICATION_WINDOW_MS = 1000;

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
}, START_TIMEOUT_MS);
afterAll(() => cluster.stop(), START_TIMEOUT_MS);
beforeEach(async () => {
  await cluster.settled();
}, START_TIMEOUT_MS);

const keyOf = (lane: { index: number; of: number }) => `issue-intake:${laneQueueName(lane)}:wait`;

async function masterOf(key: string): Promise<ClusterNode> {
  return waitFor(() => cluster.masterOf(key));
}

async function replicaOf(key: string): Promise<ClusterNode> {
  const [replica] = await cluster.replicasOf(key);
  if (replica === undefined) throw new Error(`nobody replicates ${key}`);
  return replica;
}

/** Resolves when another node than `master` serves the lane. */
async function failedOver(master: ClusterNode): Promise<void> {
  await waitFor(async () => {
    const now = await cluster.masterOf(keyOf(LANE));
    return now !== undefined && now.id !== master.id;
  }, FAILOVER_WITHIN_MS);
}

it('spreads 16 lanes over three masters, 5, 5 and 6', async () => {
  const masters = await Promise.all(allLanes(LANES).map(lane => masterOf(keyOf(lane))));

  const lanesEach = [...Map.groupBy(masters, ({ id }) => id).values()].map(each => each.length);
  expect(lanesEach.sort()).toEqual([5, 5, 6]);
});

it('limits users wherever their buckets lie, one limit for all processes', async () => {
  const stores = [1, 2].map(() => openQueueStore({ url: cluster.url, role: 'producer', log: LOG }));
  onTestFinished(async () => {
    await Promise.all(stores.map(store => store.close()));
    await cluster.flush();
  });
  const answers = (store: QueueStore) =>
    store.ping().then(
      () => true,
      () => false,
    );
  await Promise.all(stores.map(store => waitFor(() => answers(store))));
  const users = Array.from({ length: 12 }, (_, n) => `limited-${n}`);
  // So slow that nothing leaks out meanwhile.
  const charge = { limit: { perSecond: 0.001, burst: 50 }, debt: 0, wanted: 8 };

  const granted = await Promise.all(
    users.map(async user => {
      const charged = await Promise.all(
        [...stores, ...stores, ...stores, ...stores].map(s => s.charge(user, charge)),
      );
      return charged.reduce((sum, each) => sum + each.granted, 0);
    }),
  );

  expect(granted).toEqual(users.map(() => 50));
  const homes = await Promise.all(users.map(user => masterOf(`issue-intake:rate:${user}`)));
  expect(new Set(homes.map(({ id }) => id)).size).toBe(3);
});

it('applies the four cases', { timeout: TEST_TIMEOUT_MS }, async () => {
  const system = await startSystem('redis', { lanes: LANES, queueUrl: cluster.url });
  onTestFinished(async () => {
    await system.close();
    await cluster.flush();
  });
  const [a, b] = [await system.addOrganization(), await system.addOrganization()];

  const inTurn = [await system.raise('ann', a), await system.raise('ann', b), await system.raise('ann', b)];
  const atOnce = await Promise.all(
    Array.from({ length: 40 }, (_, n) => system.raise(`user-${n % 20}`, n % 3 ? a : b)),
  );

  expect([...inTurn, ...atOnce].map(({ status }) => status)).toEqual(Array(43).fill(201));
  const [counts] = await system.orm.em.execute(`select
    (select count(*)::int from issues) issues,
    (select count(*)::int from user_profiles) profiles,
    (select count(distinct (user_id, organization_id))::int = count(*) from customers) customers_once`);
  expect(counts).toEqual({ issues: 43, profiles: 21, customers_once: true });
});

it('finishes no job before its turn, in whatever order the commands arrive', async () => {
  const store = openQueueStore({ url: cluster.url, role: 'worker', log: LOG });
  const consumer = store.openConsumer(LANE);
  onTestFinished(async () => {
    await consumer.close();
    await store.close();
    await cluster.flush();
  });
  const queue = store.openQueue(laneQueueName(LANE));
  const ids = ['first', 'second', 'third'];
  for (const id of ids)
    await queue.add(JOB_NAME, { userId: 'u1', organizationId: id, title: id }, { jobId: id });
  await consumer.claim();
  const head = await waitFor(() => consumer.next());
  const followers = await consumer.peek(2);
  const finished = (job: LaneJob) =>
    ({ job, outcome: { status: 'applied', issueId: '', number: 1 } }) as const;

  // As redirections could have them arrive: the last one first, and the head last.
  const late = await consumer.finish([...followers].reverse().map(finished), true);
  const inOrder = await consumer.finish([head, ...followers].map(finished), false);

  expect(late).toMatchObject({
    next: undefined,
    error: { message: expect.stringContaining('Missing lock') },
  });
  expect(inOrder).toEqual({ next: undefined });
  expect((await queue.getCompleted()).map(({ id }) => id).sort()).toEqual([...ids].sort());
});

describe('what a master accepted that is then replaced', { timeout: TEST_TIMEOUT_MS }, () => {
  /** A submission on the lane in question. */
  function aSubmissionThere() {
    for (let n = 0; ; n++) {
      if (laneIndexOf(`user-${n}`, LANES) === LANE.index) return aSubmission({ userId: `user-${n}` });
    }
  }

  async function openTestIntake(acknowledgedReplicas: number): Promise<OpenedIntake> {
    const store = openQueueStore({ url: cluster.url, role: 'producer', log: LOG, acknowledgedReplicas });
    await waitFor(() =>
      store.ping().then(
        () => true,
        () => false,
      ),
    );
    const intake = await openIntake({ store, lanes: LANES, log: LOG });
    onTestFinished(async () => {
      await intake.close();
      await store.close();
    });
    return intake;
  }

  /** From now on the master's replica gets nothing any more, and cannot come back. */
  async function cutReplicaOff(master: ClusterNode): Promise<void> {
    await master.ask('ACL', 'SETUSER', 'default', '-psync', '-sync');
    await master.ask('CLIENT', 'KILL', 'TYPE', 'replica');
    await waitFor(async () => String(await master.ask('INFO', 'replication')).includes('connected_slaves:0'));
  }

  it('is lost if its replica had not got it, unless replicas are waited for: then it was refused', async () => {
    const [fast, safe] = [await openTestIntake(0), await openTestIntake(1)];
    const master = await masterOf(keyOf(LANE));
    const [replicated, inTheWindow, refused] = [aSubmissionThere(), aSubmissionThere(), aSubmissionThere()];

    await safe.accept(replicated);
    await cutReplicaOff(master);
    await fast.accept(inTheWindow);
    const began = performance.now();
    await expect(safe.accept(refused)).rejects.toThrow(QueueUnavailableError);
    expect(performance.now() - began).toBeLessThan(2000);
    await master.server.kill();
    await failedOver(master);

    const find = ({ userId, id }: { userId: string; id: string }) =>
      waitFor(
        () =>
          fast.find(userId, id).then(
            found => ({ found }),
            () => undefined,
          ),
        FAILOVER_WITHIN_MS,
      );
    expect((await find(replicated)).found).toBeDefined();
    expect((await find(inTheWindow)).found).toBeUndefined();
    // Killed, it has forgotten the rule; as a replica it has what its new master has.
    await master.server.restart();
    await cluster.settled();
    await waitFor(() =>
      safe.accept(refused).then(
        () => true,
        () => false,
      ),
    );
    await cluster.flush();
  });
});

describe('under load', { timeout: TEST_TIMEOUT_MS }, () => {
  let fleet: WorkerFleet;
  const apis: ProductProcess[] = [];
  /** Of the APIs that wait for one replica, and of those that wait for none. */
  let safe: string[];
  let fast: string[];

  beforeAll(async () => {
    await cluster.settled();
    fleet = await openWorkerFleet({ lanes: LANES, queueUrl: cluster.url });
    const [one, two, three, four] = await Promise.all([
      startApi('1'),
      startApi('1'),
      startApi('0'),
      startApi('0'),
      fleet.startWorker(),
      fleet.startWorker(),
    ]);
    [safe, fast] = [
      [one, two],
      [three, four],
    ];
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await Promise.all(apis.map(api => api.end('SIGTERM')));
    await fleet?.close();
  }, START_TIMEOUT_MS);

  async function startApi(acknowledgedReplicas: string): Promise<string> {
    const api = startProduct('api', {
      DATABASE_URL: fleet.databaseUrl,
      QUEUE_URL: cluster.url,
      LANES: String(LANES),
      ACKNOWLEDGED_REPLICAS: acknowledgedReplicas,
      JWT_SECRET: TOKEN_SECRET,
      PORT: '0',
    });
    apis.push(api);
    const line = await api.line(text => text.includes('"listening"'));
    return Value.Parse(Type.Object({ address: Type.String() }), JSON.parse(line)).address;
  }

  let crowd = 0;
  /** A hundred users who are new to the system, at work. */
  async function startCrowd(addresses: readonly string[]): Promise<HttpUsers> {
    crowd += 1;
    const names = Array.from({ length: 100 }, (_, n) => `user-${crowd}-${n}`);
    const users = startUsers(names, addresses);
    onTestFinished(() => users.abandon());
    await moreAccepted(users);
    return users;
  }

  /** Resolves when every user, those of the lane in question as well, had something accepted again. */
  async function moreAccepted({ ledger }: HttpUsers): Promise<void> {
    const before = ledger.length;
    await waitFor(() => {
      const since = ledger.slice(before);
      return since.length > 300 && new Set(since.map(({ userId }) => userId)).size === 100;
    }, GOES_ON_WITHIN_MS);
  }

  /** To be called when no other crowd is at work. */
  async function auditAtRest({ ledger, stop }: HttpUsers): Promise<Audit> {
    await stop();
    await waitFor(async () => (await fleet.unfinished().catch(() => -1)) === 0, GOES_ON_WITHIN_MS);
    return auditLedger(ledger, fleet);
  }

  const ALL_WELL = { lost: [], wrong: [], disordered: [], failed: [] };

  /** Nobody was told anything else than that it is accepted, or that it should be sent again. */
  function expectGoodAnswers({ answers }: HttpUsers): void {
    expect(answers.filter(({ status }) => status !== 202 && status !== 503)).toEqual([]);
  }

  it('loses nothing when a replica takes over as told', async () => {
    const master = await masterOf(keyOf(LANE));
    const raising = await startCrowd(fast);

    await (await replicaOf(keyOf(LANE))).ask('CLUSTER', 'FAILOVER');
    await failedOver(master);
    await moreAccepted(raising);

    expect(await auditAtRest(raising)).toEqual(ALL_WELL);
    expectGoodAnswers(raising);
  });

  it('loses nothing when the slot of a lane moves to another master', async () => {
    const masters = await Promise.all(allLanes(LANES).map(lane => masterOf(keyOf(lane))));
    const target = masters.find(({ id }) => id !== masters[LANE.index]?.id);
    if (target === undefined) throw new Error('there is one master only');
    const raising = await startCrowd(fast);

    await cluster.moveSlot(keyOf(LANE), target);
    await moreAccepted(raising);

    expect(await masterOf(keyOf(LANE))).toBe(target);
    expect(await auditAtRest(raising)).toEqual(ALL_WELL);
    expectGoodAnswers(raising);
  });

  it('loses nothing with a master that is killed, when one replica is waited for', async () => {
    const master = await masterOf(keyOf(LANE));
    const raising = await startCrowd(safe);

    await master.server.kill();
    await failedOver(master);
    await bringBack(master);
    await moreAccepted(raising);

    expect(await auditAtRest(raising)).toEqual(ALL_WELL);
    expectGoodAnswers(raising);
  });

  it('loses nothing with a master that is frozen, and goes on without it', async () => {
    const master = await masterOf(keyOf(LANE));
    const raising = await startCrowd(safe);

    process.kill(master.server.pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(master.server.pid, 'SIGCONT'));
    await failedOver(master);
    // It has no replica that could be waited for until it is back; who does not wait goes on.
    const others = await startCrowd(fast);
    process.kill(master.server.pid, 'SIGCONT');
    await moreAccepted(raising);
    await others.stop();

    expect(await auditAtRest(raising)).toEqual(ALL_WELL);
    expect(await auditAtRest(others)).toEqual(ALL_WELL);
    expectGoodAnswers(raising);
  });

  it('loses with a killed master only what it accepted just before, when no replica is waited for', async () => {
    const master = await masterOf(keyOf(LANE));
    const raising = await startCrowd(fast);

    const killedAt = Date.now();
    await master.server.kill();
    await failedOver(master);
    await moreAccepted(raising);
    await bringBack(master);

    const { lost, ...rest } = await auditAtRest(raising);
    expect(rest).toEqual({ wrong: [], disordered: [], failed: [] });
    const isInTheWindow = ({ at }: Acknowledged) => Math.abs(at - killedAt) <= REPLICATION_WINDOW_MS;
    expect(lost.filter(each => !isInTheWindow(each))).toEqual([]);
    expectGoodAnswers(raising);
  });

  /** The killed node comes back, as a replica of the one that has its slots. */
  async function bringBack(node: ClusterNode): Promise<void> {
    await node.server.restart();
    await cluster.settled();
    await waitFor(async () => (await cluster.replicasOf(keyOf(LANE))).includes(node));
  }
});
