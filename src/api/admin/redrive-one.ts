import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { IntakeError } from '../../errors.ts';
import type { Candidate } from '../../redrive/candidate.ts';
import { type Deed, redrive } from '../../redrive/redrive.ts';
import { within } from '../../within.ts';
import { problems } from '../responses.ts';
import type { AdminOptions } from './admin.ts';
import {
  AdminActionsOffError,
  NotRefusedError,
  RedriveInterruptedError,
  SubmissionUnknownError,
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
    if (!options.allowActions) throw new AdminActionsOffError();
    const submissionId = request.params.id.toLowerCase();
    const candidate = await refusedOne(options, submissionId);
    const deed = await redriveInTime(options, candidate);
    request.log.info({ submissionId, deed }, 'redriven by the administrator');
    return { submissionId, deed, detail: SAYS[deed] };
  });
};

/**
 * By its refusal, or by its failed job where no refusal tells of it.
 *
 * @throws SubmissionUnknownError, NotRefusedError
 */
async function refusedOne({ orm, queues }: AdminOptions, id: string): Promise<Candidate> {
  const { issue, refusal } = await readLife(orm, id);
  if (issue !== null) throw new NotRefusedError();
  if (refusal !== null && refusal.applied_at === null) {
    const { user_id: userId, code, attempt, accepted_at } = refusal;
    return { id, userId, code, attempt, acceptedAt: new Date(accepted_at) };
  }
  const job = await findOnLane(queues, id);
  if (job === undefined) throw new SubmissionUnknownError();
  if (typeof job.state === 'string') throw new NotRefusedError();
  const { userId, acceptedAt } = job.submission;
  return { id, userId, code: job.state.code, attempt: undefined, acceptedAt };
}

async function redriveInTime({ orm, queues }: AdminOptions, candidate: Candidate): Promise<Deed> {
  try {
    return await within(REDRIVE_TIMEOUT_MS, redrive({ orm, queues }, candidate));
  } catch (cause) {
    if (cause instanceof IntakeError) throw cause;
    throw new RedriveInterruptedError({ cause });
  }
}
