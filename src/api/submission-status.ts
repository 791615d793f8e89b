import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Type } from 'typebox';
import { DatabaseUnavailableError } from '../errors.ts';
import type { Intake, SubmissionState } from './intake.ts';
import { SubmissionNotFoundError } from './request-errors.ts';
import { problems } from './responses.ts';
import { findEnd, type SubmissionEnd } from './submission-end.ts';
import { completed, refused, SubmissionView } from './submission-views.ts';

/*
 * The database is asked first: an issue that is there is the end, whatever the
 * lane still says or no longer says. Then the lane, before a refusal counts: its
 * job may be on the lane again, to be decided anew. If the lane knows nothing of
 * it, or says that the issue is there, the submission may have ended (and its job
 * been removed) between the two looks, so the database is asked once more.
 */

export interface SubmissionStatusOptions {
  readonly intake: Intake;
  readonly orm: MikroORM;
}

const schema = {
  operationId: 'submissionStatus',
  tags: ['issues'],
  summary: 'What became of a submission',
  security: [{ bearer: [] }],
  // Any text: one that is no id is simply not found.
  params: Type.Object({ id: Type.String() }),
  response: { 200: SubmissionView, ...problems(401, 404, 429, 503) },
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** GET /issues/submissions/{id}: the caller's submission. */
export const submissionStatus: FastifyPluginAsyncTypebox<SubmissionStatusOptions> = async (app, options) => {
  app.get('/issues/submissions/:id', { schema }, async request => {
    return findSubmission(options, request.caller.userId, parseSubmissionId(request.params.id));
  });
};

/** @throws SubmissionNotFoundError when no submission can have this id */
export function parseSubmissionId(text: string): string {
  if (!UUID.test(text)) throw new SubmissionNotFoundError();
  return text.toLowerCase();
}

/**
 * What is known of a user's submission.
 *
 * @throws SubmissionNotFoundError when it is unknown or somebody else's
 * @throws DatabaseUnavailableError when only the database could tell
 * @throws QueueUnavailableError when only the lane could tell
 */
export async function findSubmission(
  { intake, orm }: SubmissionStatusOptions,
  userId: string,
  id: string,
): Promise<SubmissionView> {
  const end = await lookForEnd(orm, userId, id);
  if (end !== undefined && end !== 'database away' && !('code' in end)) return completed(end);

  const known = await intake.find(userId, id);
  const view = known && viewOf(id, known.state);
  if (view !== undefined) return view;
  if (end === 'database away') throw new DatabaseUnavailableError();

  const last = await findEnd(orm, userId, id);
  if (last === undefined) throw new SubmissionNotFoundError();
  return 'code' in last ? refused(id, last) : completed(last);
}

async function lookForEnd(
  orm: MikroORM,
  userId: string,
  id: string,
): Promise<SubmissionEnd | 'database away' | undefined> {
  try {
    return await findEnd(orm, userId, id);
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) return 'database away';
    throw error;
  }
}

/** Undefined for a completed one: its issue is in the database. */
function viewOf(submissionId: string, state: SubmissionState): SubmissionView | undefined {
  if (state.status === 'completed') return undefined;
  if ('code' in state) return refused(submissionId, state);
  return { submissionId, status: state.status };
}
