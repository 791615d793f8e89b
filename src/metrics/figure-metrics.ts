import type { Registry } from 'prom-client';
import { type Figures, RETRY_KINDS } from '../figures/figures.ts';
import { FAILURE_CODES, REJECTION_CODES } from '../submission.ts';
import { counter, histogram, only } from './collected.ts';

/** What a process counts of submissions. */
export function figureMetrics(registry: Registry, figures: Figures): void {
  counter(
    registry,
    { name: 'issue_intake_accepted_total', help: 'Submissions that this process has accepted' },
    [],
    () => only(figures.accepted),
  );
  counter(
    registry,
    {
      name: 'issue_intake_replayed_total',
      help: 'Requests answered with a submission that was accepted before, by Idempotency-Key',
    },
    [],
    () => only(figures.replayed),
  );
  counter(
    registry,
    { name: 'issue_intake_applied_total', help: 'Submissions that this process has made an issue of' },
    [],
    () => only(figures.applied),
  );
  counter(
    registry,
    { name: 'issue_intake_refused_total', help: 'Submissions that this process has rejected or failed' },
    ['status', 'code'],
    () => [
      ...refused('rejected', REJECTION_CODES, figures.rejected),
      ...refused('failed', FAILURE_CODES, figures.failed),
    ],
  );
  counter(
    registry,
    { name: 'issue_intake_retries_total', help: 'Work that is done again, by the reason' },
    ['kind'],
    () =>
      Object.entries({ ...zeroes(RETRY_KINDS), ...figures.retries }).map(
        ([kind, n]) => [{ kind }, n] as const,
      ),
  );
  workHistograms(registry, figures);
}

function workHistograms(registry: Registry, { batchSize, unitOfWork, latency }: Figures): void {
  histogram(
    registry,
    { name: 'issue_intake_batch_size', help: 'Submissions in a committed unit of work' },
    [],
    () => [[{}, batchSize]],
  );
  histogram(
    registry,
    {
      name: 'issue_intake_unit_of_work_seconds',
      help: 'Duration of a committed unit of work, with its repetitions after conflicts',
    },
    [],
    () => [[{}, unitOfWork]],
  );
  histogram(
    registry,
    {
      name: 'issue_intake_accept_to_commit_seconds',
      help: 'From acceptance of a submission to the commit of its outcome, by the clocks of two processes',
    },
    [],
    () => [[{}, latency]],
  );
}

function refused(status: 'rejected' | 'failed', known: readonly string[], byCode: Record<string, number>) {
  const all = { ...zeroes(known), ...byCode };
  return Object.entries(all).map(([code, count]) => [{ status, code }, count] as const);
}

/** What has not come up yet is 0: to Prometheus a series that begins at 1 has not risen. */
function zeroes(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map(name => [name, 0]));
}
