import type { SubmissionView } from './submission-views.ts';
import { refused } from './submission-views.ts';
import type { Wait } from './wait.ts';

/*
 * A submission's changes of status as server-sent events. An event's id is its
 * status, and a client that comes again is not told what it knows already.
 * News makes it quick. What it misses (news may be lost, and that a submission is
 * being processed is no news) is found by looking again with every heartbeat.
 */

export interface StatusEventsOptions {
  /** What is known at the beginning. */
  readonly first: SubmissionView;
  /** The id of the last event that the client has seen, if it has. */
  readonly seen: string | undefined;
  readonly wait: Wait;
  /** Undefined when it cannot be told now. Never fails. */
  readonly look: () => Promise<SubmissionView | undefined>;
  /** Milliseconds from one heartbeat to the next. */
  readonly heartbeatMs: number;
}

const HEARTBEAT = ':\n\n';

/** After this long a client comes again: not all at once when a process stops. */
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 3_000;

/** Ends after the last event, or without it when the wait is over. */
export async function* statusEvents(options: StatusEventsOptions): AsyncGenerator<string> {
  const { first, wait, look, heartbeatMs } = options;
  let view: SubmissionView | undefined = first;
  let { seen } = options;
  yield `retry: ${retryMs()}\n\n`;
  for (;;) {
    if (view !== undefined && view.status !== seen) {
      seen = view.status;
      yield eventOf(view);
    }
    if (view !== undefined && isFinal(view)) return;
    const outcome = await wait.outcome(heartbeatMs);
    if (wait.isOver) return;
    if (outcome === undefined) yield HEARTBEAT;
    // An issue has more to show than its news says.
    const hasIssue = outcome === undefined || outcome.status === 'applied';
    view = hasIssue ? await look() : refused(first.submissionId, outcome);
  }
}

/** Whether no other status follows. */
export function isFinal({ status }: SubmissionView): boolean {
  return status !== 'queued' && status !== 'processing';
}

function eventOf(view: SubmissionView): string {
  return `event: status\nid: ${view.status}\ndata: ${JSON.stringify(view)}\n\n`;
}

function retryMs(): number {
  return Math.round(SHORTEST_RETRY_MS + Math.random() * (LONGEST_RETRY_MS - SHORTEST_RETRY_MS));
}
