import { expect, test } from 'vitest';
import { Figures } from '../../src/figures/figures.ts';
import { parseSnapshot, snapshotOf } from '../../src/figures/snapshot.ts';
import type { Outcome } from '../../src/submission.ts';
import { aSubmission } from '../support/submissions.ts';

const NOW = Date.parse('2026-01-02T03:04:06.000Z');
const acceptedAt = new Date(NOW - 90);
const applied: Outcome = { status: 'applied', issueId: 'i', number: 1 };
const rejected: Outcome = { status: 'rejected', code: 'organization_inactive', detail: '' };

test('outcomes are counted, and those that were decided before are not counted again', () => {
  const figures = new Figures('worker');
  const batch = Array.from({ length: 5 }, () => aSubmission({ acceptedAt }));

  figures.decided(
    batch,
    [
      applied,
      rejected,
      { status: 'failed', code: 'unstorable', detail: '' },
      { ...applied, again: true },
      { ...rejected, again: true },
    ],
    NOW,
  );

  expect(figures.applied).toBe(1);
  expect(figures.rejected).toEqual({ organization_inactive: 1 });
  expect(figures.failed).toEqual({ unstorable: 1 });
  expect(figures.retries).toEqual({ decided_before: 2 });
  expect(figures.latency.sum).toBeCloseTo(0.27);
});

test('a latency is never negative, and one of a submission that is tried again is none', () => {
  const figures = new Figures('worker');
  const batch = [aSubmission({ acceptedAt: new Date(NOW + 5000) }), aSubmission({ acceptedAt, attempt: 1 })];

  figures.decided(batch, [applied, applied], NOW);

  expect(figures.latency.counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(figures.latency.sum).toBe(0);
});

test('a snapshot is what it was after it has been sent, and other text is none', () => {
  const figures = new Figures('all');
  figures.decided([aSubmission({ acceptedAt })], [rejected], NOW);
  figures.lanes = [3, 7];
  const snapshot = snapshotOf(figures, false);

  expect(parseSnapshot(JSON.stringify(snapshot))).toEqual(snapshot);
  expect(parseSnapshot('{')).toBeUndefined();
  expect(parseSnapshot('null')).toBeUndefined();
  expect(parseSnapshot(JSON.stringify({ ...snapshot, applied: -1 }))).toBeUndefined();
});

test('a snapshot of a busy process is small: each worker reads all of them three times a second', () => {
  const figures = new Figures('worker');
  figures.lanes = Array.from({ length: 16 }, (_, lane) => lane);
  for (let n = 0; n < 1000; n++) figures.decided([aSubmission()], [n % 2 ? applied : rejected]);

  expect(JSON.stringify(snapshotOf(figures, false)).length).toBeLessThan(600);
});
