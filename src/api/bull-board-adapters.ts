import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { AppControllerRoute, ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import { IntakeError, QueueUnavailableError } from '../errors.ts';
import type { Lane } from '../lanes.ts';
import type { LaneQueue } from '../queue-store.ts';
import { type SubmissionJob, submissionOf } from '../submission.ts';
import { boardNumber, GROUP_DELIMITER, groupPrefix } from './bull-board-paths.ts';

export interface BoardOptions {
  /** Whether titles and descriptions are shown. */
  readonly showContent: boolean;
  /** Whether one job can be retried. */
  readonly allowActions: boolean;
}

const RETRY = '/api/queues/:queueName/:jobId/retry';

/**
 * Bull Board's server without the ways to empty, clean, pause or change lanes and
 * jobs: what is not registered cannot be called. Looking, and retrying one job, remain.
 */
export class LimitedAdapter extends FastifyAdapter {
  override setApiRoutes(routes: AppControllerRoute[]): FastifyAdapter {
    return super.setApiRoutes(routes.filter(({ method, route }) => method === 'get' || route === RETRY));
  }

  /** Passes errors on to the API's own handler: the board's would show their messages. */
  override setErrorHandler(_handler: (error: Error) => ControllerHandlerReturnType): this {
    return super.setErrorHandler((error: Error & { statusCode?: number }) => {
      if (error instanceof IntakeError || (error.statusCode ?? 500) < 500) throw error;
      // All that the board's routes do is ask the queue store.
      throw new QueueUnavailableError({ cause: error });
    });
  }
}

/** A lane on the board: "lane 07 of 16", its jobs named by their users, each with a link to its submission. */
export function laneAdapter(queue: LaneQueue, lane: Lane, options: BoardOptions): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    prefix: groupPrefix(lane),
    delimiter: GROUP_DELIMITER,
    displayName: `lane ${boardNumber(lane.index, lane.of)} of ${lane.of}`,
    description: 'One submission at a time, in the order accepted',
    readOnlyMode: !options.allowActions,
    externalJobUrl: ({ id }) => ({ displayText: 'Its whole life', href: `/admin#submission=${id}` }),
  });
  adapter.setFormatter('name', job => jobName(job, options));
  if (!options.showContent) adapter.setFormatter('data', maskContents);
  return adapter;
}

/** Takes a job, and anything else that somebody put on a lane by hand. */
function jobName(job: SubmissionJob & { name: string }, { showContent }: BoardOptions): string {
  try {
    const { userId, title } = submissionOf(job);
    return showContent ? `${userId}: ${title}` : userId;
  } catch {
    return job.name;
  }
}

/** A dashboard stays open on screens: who wrote is shown, and how much, but not what. */
function maskContents(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  const shown: Record<string, unknown> = { ...data };
  for (const field of ['title', 'description']) {
    const text = shown[field];
    if (typeof text === 'string') shown[field] = `(${text.length} characters)`;
  }
  if (shown.email !== undefined) shown.email = '(hidden)';
  return shown;
}
