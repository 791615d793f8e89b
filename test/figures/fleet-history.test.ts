import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { describe, it, type TestContext } from 'vitest';
import type { History } from '../../src/api/history-view.ts';
import { rows } from '../support/rows.ts';
import { ORGANIZATION_A } from '../support/submissions.ts';
import type { StoreKind } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Api, ORGANIZATION_INACTIVE, openWholeFleet, type WholeFleet } from './support/whole-fleet.ts';

const STORES: StoreKind[] = ['redis', 'postgres'];
const LANES = 4;

/** A process that died has left its lanes after its lock and its lease, and what it held is applied. */
const TAKEN_UP_WITHIN_MS = 30_000;

async function open(store: StoreKind, { onTestFinished }: TestContext) {
  const fleet = await openWholeFleet(LANES, store);
  onTestFinished(() => fleet.close());
  const apis = await Promise.all([fleet.startApi(), fleet.startApi()]);
  const workers = await Promise.all([fleet.startWorker(), fleet.startWorker()]);
  await waitFor(async () => {
    const { processes, lanes } = await apis[0].history();
    return processes.length === 4 && new Set(lanes.map(({ owner }) => owner)).size === 2;
  }, TAKEN_UP_WITHIN_MS);
  return { fleet, apis, workers };
}

/** Raises issues of many users through both APIs, a few at once; every tenth is rejected. */
async function load(apis: readonly Api[], count: number): Promise<void> {
  let next = 0;
  const send = async () => {
    for (let n = next++; n < count; n = next++) {
      const organizationId = n % 10 === 0 ? ORGANIZATION_INACTIVE : ORGANIZATION_A;
      const status = await apis[n % apis.length]?.raise(`user-${n % 50}`, { organizationId });
      if (status !== 202) throw new Error(`answered with ${status}`);
    }
  };
  await Promise.all([send(), send(), send(), send()]);
}

const Counted = Type.Object({ issues: Type.Integer(), refusals: Type.Integer() });

async function stored({ databaseUrl }: WholeFleet) {
  const [row] = await rows(
    databaseUrl,
    `select (select count(*)::int from issues) as issues, (select count(*)::int from refusals) as refusals`,
  );
  return Value.Parse(Counted, row);
}

async function allDecided(fleet: WholeFleet, count: number) {
  await waitFor(async () => {
    const { issues, refusals } = await stored(fleet);
    return issues + refusals === count;
  }, TAKEN_UP_WITHIN_MS);
  return stored(fleet);
}

function sumOf(history: History) {
  const add = (pick: (point: History['points'][number]) => number) =>
    history.points.map(pick).reduce((sum, each) => sum + each, 0);
  return {
    accepted: add(({ accepted }) => accepted),
    applied: add(({ applied }) => applied),
    rejected: add(({ rejected }) => rejected.organization_inactive ?? 0),
  };
}

describe('the history of two APIs and two workers', { timeout: 120_000 }, () => {
  it.for(STORES)('agrees with the database after a load, on %s', async (store, context) => {
    const { expect } = context;
    const { fleet, apis, workers } = await open(store, context);

    await load(apis, 200);
    const { issues, refusals } = await allDecided(fleet, 200);

    const expected = {
      accepted: 200,
      applied: issues,
      rejected: { organization_inactive: refusals },
      failed: {},
    };
    for (const api of apis) {
      const { totals, ...history } = await waitFor(async () => {
        const history = await api.history();
        return history.totals.applied >= issues && history.totals.accepted >= 200 ? history : undefined;
      });
      expect(totals).toMatchObject(expected);
      expect(sumOf({ totals, ...history })).toEqual({ accepted: 200, applied: issues, rejected: refusals });
      const busy = history.points.filter(({ applied }) => applied > 0);
      expect(busy.every(({ p50Ms, p99Ms }) => p50Ms !== null && p99Ms !== null && p50Ms <= p99Ms)).toBe(true);
      expect(history.lanes.map(({ lane }) => lane)).toEqual(['00', '01', '02', '03']);
      expect(history.processes.map(({ name }) => name).sort()).toEqual(['api', 'api', 'worker', 'worker']);
      const pids = [...apis.map(({ process }) => process), ...workers].map(({ child }) => child.pid);
      expect(history.processes.map(({ pid }) => pid).sort()).toEqual(pids.sort());
    }
  });

  it.for(STORES)('survives kill -9 of a worker, and the end of another, on %s', async (store, context) => {
    const { expect } = context;
    const { fleet, apis, workers } = await open(store, context);
    const [api] = apis;

    const loading = load(apis, 400);
    await waitFor(() => workers[1].lines.some(isApplied));
    const killedAt = Date.now();
    await workers[1].end('SIGKILL');
    await loading;
    const first = await allDecided(fleet, 400);
    // It cannot tell what it did since its last snapshot, and nobody else counts that.
    const untold = workers[1].lines.filter(line => isApplied(line) && timeOf(line) > killedAt - 3000).length;
    const afterKill = await waitFor(async () => {
      const history = await api.history();
      const isRest = history.processes.length === 3 && history.totals.accepted === 400;
      return isRest && history.totals.applied >= first.issues - untold ? history : undefined;
    }, TAKEN_UP_WITHIN_MS);

    expect(afterKill.totals.applied).toBeLessThanOrEqual(first.issues);
    expect(afterKill.lanes.every(({ owner }) => owner !== null)).toBe(true);
    expect(new Set(afterKill.lanes.map(({ owner }) => owner)).size).toBe(1);

    const third = await fleet.startWorker();
    await load(apis, 100);
    const second = await allDecided(fleet, 500);
    await third.end('SIGTERM');
    const { totals, points } = await waitFor(async () => {
      const history = await api.history();
      const rise = history.totals.applied - afterKill.totals.applied;
      // Of each process by itself: what one has accepted may be heard after another has applied it.
      const isAll = rise >= second.issues - first.issues && history.totals.accepted === 500;
      return isAll && history.processes.length === 3 ? history : undefined;
    }, TAKEN_UP_WITHIN_MS);

    // The rest is told to the last one.
    expect(totals.applied - afterKill.totals.applied).toBe(second.issues - first.issues);
    expect(totals.accepted).toBe(500);
    expect(points.every(({ accepted, applied, backlog }) => Math.min(accepted, applied, backlog) >= 0)).toBe(
      true,
    );
  });

  it('a replayed request is not accepted twice, and old points are left out', async context => {
    const { expect } = context;
    const { apis } = await open('redis', context);
    const [one, other] = apis;

    for (const api of [one, other, one]) expect(await api.raise('ann', { key: 'k' })).toBe(202);
    await one.raise('ann');
    const { totals, points } = await waitFor(async () => {
      const history = await one.history();
      return history.totals.accepted === 2 && history.totals.applied === 2 ? history : undefined;
    });
    const latest = points.at(-1)?.at ?? 0;
    const { points: newer } = await waitFor(async () => {
      const history = await one.history(latest);
      return history.points.length > 0 ? history : undefined;
    });

    expect(totals).toMatchObject({ accepted: 2, applied: 2 });
    expect(newer.every(({ at }) => at > latest)).toBe(true);
  });
});

function isApplied(line: string): boolean {
  return line.includes('"msg":"applied"');
}

function timeOf(line: string): number {
  const { time } = Value.Parse(
    Type.Object({ time: Type.Union([Type.String(), Type.Integer()]) }),
    JSON.parse(line),
  );
  return new Date(time).getTime();
}
