import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Type } from 'typebox';
import { IntakeError } from '../../errors.ts';
import type { LaneSet } from '../../lane-set.ts';
import type { Candidate } from '../../redrive/candidate.ts';
import { type Deed, redrive } from '../../redrive/redrive.ts';
import { within } from '../../within.ts';
import { problems } from '../responses.ts';
import type { AdminOptions } from './admin.ts';
import {
  ACTIONS_OFF,
  AdminError,
  LANES_CHANGE,
  NOT_REFUSED,
  REDRIVE_INTERRUPTED,
  SUBMISSION_UNKNOWN,
} from './admin-errors.ts';
import { findOnLane } from './lane-jobs.ts';
import { readLife } from './life-reads.ts';
import { SubmissionId } from './submission-id.ts';

/*
 * What `npm run redrive` does, for one submission.
 */

const REDRIVE_TIMEOUT_MS = 5_000;

const SAYS: Readonly<Record<Deed, string>> = {
  retried: 'Its failed job is at the end of its lane again, to be decided anew.',
  'put back': 'A job was made for it again, at the end of its lane, to be decided anew.',
  skipped: 'It is on its lane already, or somebody else was quicker. Nothing was changed.',
};

const schema = {
  hide: true,
  params: SubmissionId,
  // Nothing to say; that it is JSON keeps other sites' forms out.
  body: Type.Object({}, { additionalProperties: false }),
  response: {
    200: Type.Object({
      submissionId: Type.String(),
      deed: Type.Enum(['retried', 'put back', 'skipped']),
      detail: Type.String(),
    }),
    ...problems(400, 401, 404, 415, 503),
  },
};

/** POST /admin/glance/submissions/{id}/redrive: puts a refused submission on its lane again. */
export const redriveOne: FastifyPluginAsyncTypebox<AdminOptions> = async (app, options) => {
  app.post('/admin/glance/submissions/:id/redrive', { schema }, async request => {
    if (!options.allowActions) throw new AdminError(ACTIONS_OFF);
    const submissionId = request.params.id.toLowerCase();
    // A seal keeps out what is added to a lane that is about to be left, not what is retried there.
    await options.lookAnew?.();
    const sets = options.lanes();
    const candidate = await refusedOne(options, sets, submissionId);
    const deed = await redriveInTime(options.orm, sets, candidate);
    request.log.info({ submissionId, deed }, 'redriven by the administrator');
    return { submissionId, deed, detail: SAYS[deed] };
  });
};

/**
 * By its refusal, or by its failed job where no refusal tells of it.
 *
 * @throws AdminError
 */
async function refusedOne({ orm }: AdminOptions, sets: readonly LaneSet[], id: string): Promise<Candidate> {
  const { issue, refusal } = await readLife(orm, id);
  if (issue !== null) throw new AdminError(NOT_REFUSED);
  if (refusal !== null && refusal.applied_at === null) {
    const { user_id: userId, code, attempt, accepted_at } = refusal;
    return { id, userId, code, attempt, acceptedAt: new Date(accepted_at) };
  }
  const job = await findOnLane(sets, id);
  if (job === undefined) throw new AdminError(SUBMISSION_UNKNOWN);
  if (typeof job.state === 'string') throw new AdminError(NOT_REFUSED);
  const { userId, acceptedAt } = job.submission;
  return { id, userId, code: job.state.code, attempt: undefined, acceptedAt };
}

/** @throws AdminError */
async function redriveInTime(orm: MikroORM, sets: readonly LaneSet[], candidate: Candidate): Promise<Deed> {
  const [{ queues } = { queues: [] }, ...others] = sets;
  // Those that are about to be left take nothing, and what waits behind them has no order with it.
  if (others.length > 0) throw new AdminError(LANES_CHANGE);
  try {
    return await within(REDRIVE_TIMEOUT_MS, redrive({ orm, queues }, candidate));
  } catch (cause) {
    if (cause instanceof IntakeError) throw cause;
    throw new AdminError(REDRIVE_INTERRUPTED, { cause });
  }
}
