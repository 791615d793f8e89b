import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { OpenedIntake } from '../../src/api/open-intake.ts';
import type { Acknowledged } from './http-users.ts';
import { rows } from './rows.ts';

export interface Audit {
  /** Accepted, and now neither an issue nor a rejection. */
  readonly lost: readonly Acknowledged[];
  /** An issue and a rejection, or not the one that it should be. */
  readonly wrong: readonly string[];
  /** Users whose issues are not in the order in which they were accepted. */
  readonly disordered: readonly string[];
  /** Failed jobs whose reason is not the one rejection that there should be. */
  readonly failed: readonly string[];
}

const Issue = Type.Object({ id: Type.String(), user_id: Type.String() });
const ISSUES =
  'select i.id, c.user_id from issues i join customers c on c.id = i.customer_id order by number';

/** Compares what users were told with what is in the database and on the lanes, when these are at rest. */
export async function auditLedger(
  ledger: readonly Acknowledged[],
  { databaseUrl, intake }: { databaseUrl: string; intake: OpenedIntake },
): Promise<Audit> {
  const issues = (await rows(databaseUrl, ISSUES)).map(row => Value.Parse(Issue, row));
  const place = new Map(issues.map(({ id }, index) => [id, index]));
  const jobs = (await Promise.all(intake.queues.map(queue => queue.getFailed(0, -1)))).flat();
  const rejected = new Set(jobs.map(job => job.id));

  const lost = ledger.filter(({ id }) => !place.has(id) && !rejected.has(id));
  const isLost = new Set(lost.map(({ id }) => id));
  const wrong = ledger.filter(
    ({ id, toBeRejected }) =>
      !isLost.has(id) && (rejected.has(id) !== toBeRejected || place.has(id) === toBeRejected),
  );
  const users = Map.groupBy(
    ledger.filter(({ id }) => place.has(id)),
    ({ userId }) => userId,
  );
  const disordered = [...users].filter(([, raised]) =>
    raised.some(({ id }, n) => n > 0 && (place.get(id) ?? 0) <= (place.get(raised[n - 1]?.id ?? '') ?? 0)),
  );
  return {
    lost,
    wrong: wrong.map(({ id }) => id),
    disordered: disordered.map(([userId]) => userId),
    failed: jobs.flatMap(({ id, failedReason = '' }) =>
      failedReason.startsWith('organization_not_found') ? [] : [`${id}: ${failedReason}`],
    ),
  };
}
