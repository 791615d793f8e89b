import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { AppControllerRoute, ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import { IntakeError, QueueUnavailableError } from '../errors.ts';
import type { LaneSet } from '../lane-set.ts';
import { type SubmissionJob, submissionOf } from '../submission.ts';

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

/** The lanes of an epoch on the board: "lane 07 of 16", jobs named by user and title. */
export function laneAdapters({ epoch, queues }: LaneSet): BullMQAdapter[] {
  const digits = String(epoch.lanes).length;
  return queues.map((queue, index) => {
    const displayName = `lane ${String(index).padStart(digits, '0')} of ${epoch.lanes}`;
    const description = 'One submission at a time, in the order accepted';
    const adapter = new BullMQAdapter(queue, { displayName, description });
    adapter.setFormatter('name', jobName);
    adapter.setFormatter('data', maskContents);
    return adapter;
  });
}

/** Takes a job, and anything else that somebody put on a lane by hand. */
function jobName(job: SubmissionJob & { name: string }): string {
  try {
    const { userId, title } = submissionOf(job);
    return `${userId}: ${title}`;
  } catch {
    return job.name;
  }
}

/** A dashboard stays open on screens: who wrote and about what is shown, what they wrote is not. */
function maskContents(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  const shown: Record<string, unknown> = { ...data };
  if (typeof shown.description === 'string') shown.description = `(${shown.description.length} characters)`;
  if (shown.email !== undefined) shown.email = '(hidden)';
  return shown;
}
