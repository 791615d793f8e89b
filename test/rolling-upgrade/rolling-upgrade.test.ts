import { describe, expect, it } from 'vitest';
import { ORGANIZATION_A, ORGANIZATION_B } from '../support/submissions.ts';
import type { StoreKind } from '../support/system.ts';
import { type Api, openDeployment } from './deployment.ts';
import { checkOut, hasCommit } from './old-version.ts';

/*
 * While a new version is rolled out it works side by side with the old one, on the
 * same stores, which the new one has migrated before (docs/operating.md). The old
 * versions come from the history, and run on the libraries of today.
 */

interface OldVersion {
  readonly name: string;
  readonly commit: string;
  /** Whether it writes a row for what it rejects; the failed job is all that an older one leaves. */
  readonly recordsRefusals: boolean;
}

const OLD_VERSIONS: OldVersion[] = [
  {
    name: 'before refusals were recorded',
    commit: '8ec7c991bc44e55a4d84719ec5bef02a437bf8c7',
    recordsRefusals: false,
  },
  {
    name: 'before requests were traced',
    commit: 'd7c287377a81fd71927c3b6aca098be963e8db6b',
    recordsRefusals: true,
  },
];
const STORES: StoreKind[] = ['redis', 'postgres'];
const MATRIX = OLD_VERSIONS.flatMap(old => STORES.map(kind => ({ ...old, kind })));

const USERS = ['ann', 'bob', 'cleo'];
const NOWHERE = '00000000-0000-4000-8000-0000000000ff';

/** Each user raises for one organization and the other in turns, through each of the APIs in turns. */
async function raiseInTurns(apis: readonly Api[], rounds: number) {
  const raised: { user: string; id: string }[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const user of USERS) {
      const api = apis[raised.length % apis.length];
      const id = await api?.raise(user, round % 2 === 0 ? ORGANIZATION_A : ORGANIZATION_B);
      if (id !== undefined) raised.push({ user, id });
    }
  }
  return raised;
}

async function statusesOf(api: Api, raised: readonly { user: string; id: string }[]): Promise<Set<unknown>> {
  return new Set(await Promise.all(raised.map(({ user, id }) => api.statusOf(user, id))));
}

describe('the new version and an old one on the same stores', { timeout: 180_000 }, () => {
  it.for(MATRIX)('apply what the other accepted: $name, on $kind', async (old, { skip }) => {
    if (!(await hasCommit(old.commit))) skip(`the history here does not reach back to ${old.commit}`);
    const program = await checkOut(old.commit);
    const deployment = await openDeployment(old.kind);

    const oldApi = await deployment.startApi(program);
    const byOld = await raiseInTurns([oldApi], 4);
    const newWorker = await deployment.startWorker();
    await deployment.ended(12);
    expect(await statusesOf(oldApi, byOld)).toEqual(new Set(['completed']));

    await newWorker.stop();
    const newApi = await deployment.startApi();
    const byNew = await raiseInTurns([newApi], 4);
    await deployment.startWorker(program);
    await deployment.ended(24);
    expect(await statusesOf(newApi, byNew)).toEqual(new Set(['completed']));

    expect(await deployment.audit()).toContain('nothing is wrong');
  });

  it.for(MATRIX)('work side by side while one takes over: $name, on $kind', async (old, { skip }) => {
    if (!(await hasCommit(old.commit))) skip(`the history here does not reach back to ${old.commit}`);
    const program = await checkOut(old.commit);
    const deployment = await openDeployment(old.kind);
    const [oldApi, oldWorker] = await Promise.all([
      deployment.startApi(program),
      deployment.startWorker(program),
    ]);

    await raiseInTurns([oldApi], 3);
    const [newApi, newWorker] = await Promise.all([deployment.startApi(), deployment.startWorker()]);
    await raiseInTurns([oldApi, newApi], 10);
    await Promise.all([oldApi.stop(), oldWorker.stop(), raiseInTurns([newApi], 5)]);
    const refusals = old.recordsRefusals ? 1 : 0;
    if (old.recordsRefusals) await newApi.raise('ann', NOWHERE);
    await deployment.ended(54, refusals);

    expect(await deployment.audit()).toContain('nothing is wrong');
    await newWorker.stop();
  });
});
