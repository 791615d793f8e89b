import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Type } from 'typebox';
import { DatabaseUnavailableError } from '../errors.ts';
import type { Intake, SubmissionState } from './intake.ts';
import { findIssue, type IssueView } from './issue-reads.ts';
import { SubmissionNotFoundError } from './request-errors.ts';
import { problems } from './responses.ts';
import { completed, refused, SubmissionView } from './submission-views.ts';

/*
 * The issues table is asked first: an issue that is there is the end, whatever
 * the lane still says or no longer says. Then the lane. If the lane knows nothing,
 * or says that the issue is there, the submission was applied (and its job
 * perhaps removed) between the two looks, so the table is asked once more.
 */

export interface SubmissionStatusOptions {
  readonly intake: Intake;
  readonly orm: MikroORM;
}

const schema = {
  tags: ['issues'],
  summary: 'What became of a submission',
  security: [{ bearer: [] }],
  // Any text: one that is no id is simply not found.
  params: Type.Object({ id: Type.String() }),
  response: { 200: SubmissionView, ...problems(401, 404, 503) },
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** GET /issues/submissions/{id}: the caller's submission. */
export const submissionStatus: FastifyPluginAsyncTypebox<SubmissionStatusOptions> = async (app, options) => {
  app.get('/issues/submissions/:id', { schema }, async request => {
    if (!UUID.test(request.params.id)) throw new SubmissionNotFoundError();
    return findSubmission(options, request.caller.userId, request.params.id.toLowerCase());
  });
};

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
  const issue = await lookForIssue(orm, userId, id);
  if (issue !== undefined && issue !== 'database away') return completed(issue);

  const known = await intake.find(userId, id);
  const view = known && viewOf(id, known.state);
  if (view !== undefined) return view;
  if (issue === 'database away') throw new DatabaseUnavailableError();

  const appliedSince = await findIssue(orm, userId, id);
  if (appliedSince === undefined) throw new SubmissionNotFoundError();
  return completed(appliedSince);
}

async function lookForIssue(
  orm: MikroORM,
  userId: string,
  id: string,
): Promise<IssueView | 'database away' | undefined> {
  try {
    return await findIssue(orm, userId, id);
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
