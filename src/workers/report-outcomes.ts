import type { Logger } from 'pino';
import type { Lane } from '../lanes.ts';
import type { OutcomeFeed } from '../outcome-feed.ts';
import type { Outcome, Submission } from '../submission.ts';

/** Tells the feed and the log what became of a batch. Titles and descriptions stay out of the log. */
export function reportOutcomes(lane: Lane, feed: OutcomeFeed, log: Logger) {
  return (batch: readonly Submission[], outcomes: readonly Outcome[]): void => {
    feed.publish(
      lane,
      outcomes.map((outcome, index) => ({ submissionId: batch[index]?.id ?? '', outcome })),
    );
    outcomes.forEach((outcome, index) => {
      const { id: submissionId, userId, requestId } = batch[index] ?? {};
      const facts = outcome.status === 'applied' ? { number: outcome.number } : { code: outcome.code };
      log.info({ submissionId, userId, requestId, ...facts }, outcome.status);
    });
  };
}
