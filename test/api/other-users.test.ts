import { expect, onTestFinished, test } from 'vitest';
import { type StoreKind, startSystem } from '../support/system.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * Users share lanes, and an id may be known to others: whoever knows a user and
 * an Idempotency-Key can work it out.
 */

const RAISE = '/api/client/issues/raise';

test.each<StoreKind>(['redis', 'postgres'])(
  'nobody sees what became of the submission of another on the same lane, on %s',
  async kind => {
    const system = await startSystem(kind, { lanes: 1, withWorker: false });
    onTestFinished(() => system.close());
    const body = { organizationId: await system.addOrganization({ active: false }), title: 'The tap drips' };
    const { submissionId } = (await system.send('ann', 'POST', RAISE, { body })).body;
    const path = `/api/client/issues/submissions/${submissionId}`;
    const seen = async (userId: string) => {
      const answers = [
        await system.send(userId, 'GET', path),
        await system.send('bob', 'GET', `${path}/events`),
      ];
      return answers.map(answer => [answer.status, answer.body.status, answer.body.code]);
    };
    const unknown = [404, 404, 'submission_not_found'];

    const whileQueued = [await seen('ann'), await seen('bob')];
    await system.startWorker();
    await waitFor(async () => (await system.send('ann', 'GET', path)).body.status === 'rejected');
    const afterwards = [await seen('ann'), await seen('bob')];

    expect(whileQueued).toEqual([
      [[200, 'queued', undefined], unknown],
      [unknown, unknown],
    ]);
    expect(afterwards).toEqual([
      [[200, 'rejected', undefined], unknown],
      [unknown, unknown],
    ]);
  },
);
