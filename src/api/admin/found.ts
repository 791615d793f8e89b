import { type Static, Type } from 'typebox';
import { laneDigits, laneIndexOf } from '../../lanes.ts';
import type { EndedRow } from './ended-reads.ts';
import type { OnLane } from './lane-jobs.ts';

/** A submission as the administrator's search shows it. */
export const Found = Type.Object({
  submissionId: Type.String({ format: 'uuid' }),
  userId: Type.String(),
  organizationId: Type.String(),
  lane: Type.String(),
  status: Type.Enum(['queued', 'processing', 'applied', 'rejected', 'failed']),
  code: Type.Optional(Type.String()),
  number: Type.Optional(Type.Integer()),
  /** Only where contents are shown. */
  title: Type.Optional(Type.String()),
  acceptedAt: Type.String({ format: 'date-time' }),
  endedAt: Type.Optional(Type.String({ format: 'date-time' })),
});
export type Found = Static<typeof Found>;

export interface Shown {
  /** The number of lanes. */
  readonly lanes: number;
  readonly showContent: boolean;
}

export function foundRow(row: EndedRow, { lanes, showContent }: Shown): Found {
  const title = row.title ?? row.submission?.title;
  return {
    submissionId: row.id,
    userId: row.user_id,
    organizationId: row.organization_id,
    lane: laneDigits(laneIndexOf(row.user_id, lanes)),
    status: row.status,
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.number === null ? {} : { number: Number(row.number) }),
    ...(showContent && title !== undefined ? { title } : {}),
    acceptedAt: new Date(row.accepted_at).toISOString(),
    endedAt: new Date(row.ended_at).toISOString(),
  };
}

/** Undefined for a completed one: its issue is in the database. */
export function foundOnLane({ submission, lane, state }: OnLane, shown: Shown): Found | undefined {
  if (state === 'completed') return undefined;
  return {
    submissionId: submission.id,
    userId: submission.userId,
    organizationId: submission.organizationId,
    lane: laneDigits(lane),
    ...(typeof state === 'string' ? { status: state } : { status: state.status, code: state.code }),
    ...(shown.showContent ? { title: submission.title } : {}),
    acceptedAt: submission.acceptedAt.toISOString(),
  };
}

/**
 * Each once, the newest first. An issue is the last word on a submission; after
 * that, that it is on its lane, where a refused one may be again.
 */
export function mergeFound(all: readonly Found[]): Found[] {
  const merged = new Map<string, Found>();
  for (const each of all) {
    const known = merged.get(each.submissionId);
    if (known === undefined || rank(each) > rank(known)) merged.set(each.submissionId, each);
  }
  return [...merged.values()].sort((a, b) => b.acceptedAt.localeCompare(a.acceptedAt));
}

function rank({ status, endedAt }: Found): number {
  if (status === 'applied') return 3;
  if (status === 'queued' || status === 'processing') return 2;
  return endedAt === undefined ? 0 : 1;
}
