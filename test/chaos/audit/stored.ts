import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type OnLane, submissionPages } from '../../../src/audit/job-pages.ts';
import type { LaneQueue } from '../../../src/queue-store.ts';
import { parseRefusalLine } from '../../../src/submission.ts';
import { rows } from '../../support/rows.ts';

/*
 * What database and lanes say became of each submission, all of it in memory:
 * for the sizes of a suite.
 */

export interface StoredIssue {
  readonly id: string;
  readonly number: number;
  readonly userId: string;
  readonly organizationId: string;
  readonly title: string;
  /** Milliseconds since 1970, by the database's clock. */
  readonly createdAt: number;
}

export interface StoredRefusal {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly title: string;
  readonly code: string;
  /** No longer in force since then: the submission was redriven. */
  readonly appliedAt: number | null;
}

/** A failed job. */
export interface FailedJob extends OnLane {
  readonly code: string;
}

export interface Stored {
  /** By the submission's id, as all of these. */
  readonly issues: ReadonlyMap<string, StoredIssue>;
  readonly refusals: ReadonlyMap<string, StoredRefusal>;
  readonly failedJobs: ReadonlyMap<string, FailedJob>;
  /** On a lane, and neither completed nor failed. */
  readonly unfinished: ReadonlyMap<string, OnLane>;
}

export async function readStored(databaseUrl: string, queues: readonly LaneQueue[]): Promise<Stored> {
  const failed = await onLanes(queues, ['failed']);
  return {
    failedJobs: byId(failed.map(job => ({ ...job, code: parseRefusalLine(job.failedReason ?? '').code }))),
    unfinished: byId(await onLanes(queues, ['waiting', 'active', 'delayed', 'prioritized'])),
    issues: byId(await readIssues(databaseUrl)),
    refusals: byId(await readRefusals(databaseUrl)),
  };
}

const IssueRow = Type.Object({
  id: Type.String(),
  number: Type.String(),
  user_id: Type.String(),
  organization_id: Type.String(),
  title: Type.String(),
  created_at: Type.Number(),
});

async function readIssues(url: string): Promise<StoredIssue[]> {
  const found = await rows(
    url,
    `select i.id, i.number::text, c.user_id, i.organization_id, i.title, ${milliseconds('i.created_at')} as created_at
       from issues i join customers c on c.id = i.customer_id order by i.number`,
  );
  return found.map(row => {
    const { number, user_id, organization_id, created_at, ...rest } = Value.Parse(IssueRow, row);
    return {
      ...rest,
      number: Number(number),
      userId: user_id,
      organizationId: organization_id,
      createdAt: created_at,
    };
  });
}

const RefusalRow = Type.Object({
  id: Type.String(),
  user_id: Type.String(),
  organization_id: Type.String(),
  title: Type.String(),
  code: Type.String(),
  applied_at: Type.Union([Type.Number(), Type.Null()]),
});

async function readRefusals(url: string): Promise<StoredRefusal[]> {
  const found = await rows(
    url,
    `select id, user_id, organization_id, submission->>'title' as title, code,
            ${milliseconds('applied_at')} as applied_at from refusals`,
  );
  return found.map(row => {
    const { user_id, organization_id, applied_at, ...rest } = Value.Parse(RefusalRow, row);
    return { ...rest, userId: user_id, organizationId: organization_id, appliedAt: applied_at };
  });
}

function milliseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}

async function onLanes(
  queues: readonly LaneQueue[],
  states: readonly Parameters<typeof submissionPages>[1][],
): Promise<OnLane[]> {
  const found: OnLane[] = [];
  for (const queue of queues) {
    for (const state of states) {
      for await (const page of submissionPages(queue, state)) found.push(...page);
    }
  }
  return found;
}

function byId<T extends { readonly id: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.map(each => [each.id, each]));
}
