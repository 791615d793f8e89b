import { outcomeFeed } from '../../src/outcome-feed.ts';
import { openQueueStore } from '../../src/queue-store.ts';
import type { Outcome } from '../../src/submission.ts';
import { SILENT } from '../backlog.ts';

type Tell = (at: number) => void;

/**
 * Hears of outcomes as every API process does whose clients wait: by the news
 * that a worker sends after its commit. So a time to commit measured this way is
 * too long by the news' own way, and never too short.
 */
export interface Outcomes {
  /** When the submission's end was heard of (`performance.now()`), also if that is long ago. */
  of(submissionId: string): Promise<number>;
  close(): Promise<void>;
}

export async function followOutcomes(queueUrl: string): Promise<Outcomes> {
  const store = openQueueStore({ url: queueUrl, role: 'worker', log: SILENT });
  const relay = store.openRelay('bench');
  relay.on('error', () => {});
  await relay.waitUntilReady();

  const waiting = new Map<string, Tell>();
  const heard = new Map<string, number>();
  const subscription = await outcomeFeed(relay, SILENT).listen(news => {
    const now = performance.now();
    for (const { submissionId, outcome } of news) {
      expectApplied(outcome);
      const tell = waiting.get(submissionId);
      waiting.delete(submissionId);
      // The news may be here before the API's answer.
      if (tell === undefined) heard.set(submissionId, now);
      else tell(now);
    }
  });

  return {
    of(submissionId) {
      const at = heard.get(submissionId);
      heard.delete(submissionId);
      return at === undefined ? new Promise(tell => waiting.set(submissionId, tell)) : Promise.resolve(at);
    },
    async close() {
      await subscription.stop();
      await relay.close();
      await store.close();
    },
  };
}

function expectApplied(outcome: Outcome): void {
  if (outcome.status !== 'applied') throw new Error(`a submission was ${outcome.status}: ${outcome.code}`);
}
