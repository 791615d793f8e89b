import type { Submission } from '../../src/submission.ts';
import type { Fate } from './peer.ts';

/** An issue, in the order of its number. */
export interface Applied {
  readonly id: string;
  readonly userId: string;
}

/** What became of accepted submissions. */
export interface Verdict {
  readonly accepted: number;
  /** Submissions applied after a later one of the same user. */
  readonly inversions: number;
  /** Without an issue, though the queue still holds them. */
  readonly stuck: number;
  /** Without an issue, given up by the queue and recorded as failed. */
  readonly failed: number;
  /** Without an issue, and the queue knows nothing of them or thinks they are done. */
  readonly lost: number;
}

export interface Findings extends Verdict {
  /** Submissions that were made to fail once. */
  readonly failures: number;
  /** Until the last issue: from the start, or from the kill. */
  readonly seconds: number;
}

export async function judge(
  accepted: readonly Submission[],
  applied: readonly Applied[],
  fateOf: (submission: Submission) => Promise<Fate>,
): Promise<Verdict> {
  const done = new Set(applied.map(({ id }) => id));
  const fates = { held: 0, failed: 0, gone: 0 };
  for (const missing of accepted.filter(({ id }) => !done.has(id))) fates[await fateOf(missing)]++;
  return {
    accepted: accepted.length,
    inversions: countInversions(accepted, applied),
    stuck: fates.held,
    failed: fates.failed,
    lost: fates.gone,
  };
}

function countInversions(accepted: readonly Submission[], applied: readonly Applied[]): number {
  const turn = new Map(accepted.map(({ id }, index) => [id, index]));
  const latest = new Map<string, number>();
  let inversions = 0;
  for (const { id, userId } of applied) {
    const own = turn.get(id) ?? -1;
    const before = latest.get(userId) ?? -1;
    if (own < before) inversions++;
    else latest.set(userId, own);
  }
  return inversions;
}
