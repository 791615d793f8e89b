import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Static } from 'typebox';
import { type LaneSet, newestOf } from '../../lane-set.ts';
import { laneOf, shortLabel } from '../../lanes.ts';
import { jobPath } from '../bull-board-paths.ts';
import { problems } from '../responses.ts';
import type { AdminOptions } from './admin.ts';
import { AdminError, SUBMISSION_UNKNOWN } from './admin-errors.ts';
import { findOnLane, type OnLane } from './lane-jobs.ts';
import { issueOf, organizationOf, placeIn } from './life-parts.ts';
import { NOTHING, type Recorded, readLife } from './life-reads.ts';
import { LifeView } from './life-view.ts';
import { SubmissionId } from './submission-id.ts';
import { type Asked, orThrow, unlessAway } from './unless-away.ts';

type Life = Static<typeof LifeView>;

const schema = {
  hide: true,
  params: SubmissionId,
  response: { 200: LifeView, ...problems(400, 401, 404, 503) },
};

/** GET /admin/glance/submissions/{id}: all that is known of a submission. */
export const life: FastifyPluginAsyncTypebox<AdminOptions> = async (app, options) => {
  app.get('/admin/glance/submissions/:id', { schema }, request =>
    lifeOf(options, request.params.id.toLowerCase()),
  );
};

/**
 * @throws AdminError
 * @throws DatabaseUnavailableError, QueueUnavailableError when one is away and the other knows nothing
 */
async function lifeOf(options: AdminOptions, id: string): Promise<Life> {
  const { orm, showContent, allowActions } = options;
  const sets = options.lanes();
  const { database, lanes } = await readBoth(orm, sets, id);
  const recorded = database.value ?? NOTHING;
  const ended = recorded.issue ?? recorded.refusal;
  const job = lanes.value;
  const userId = ended?.user_id ?? job?.submission.userId;
  const sent = recorded.refusal?.submission ?? job?.submission;
  if (userId === undefined) {
    orThrow(database, lanes);
    throw new AdminError(SUBMISSION_UNKNOWN);
  }

  const status = statusOf(recorded, job);
  const organizationId = ended?.organization_id ?? job?.submission.organizationId ?? '';
  const isRefused = status === 'rejected' || status === 'failed';
  return {
    submissionId: id,
    userId,
    organization: await organizationOf(orm, organizationId),
    lane: shortLabel(job?.on.lane ?? laneOf(newestOf(sets), userId)),
    status,
    keyed: id[14] === '8',
    ...(sent?.requestId === undefined ? {} : { requestId: sent.requestId }),
    acceptedAt: new Date(ended?.accepted_at ?? job?.submission.acceptedAt ?? 0).toISOString(),
    ...(status === 'queued' ? await placeIn(job?.on.queue, id) : {}),
    ...onLane(job),
    attempts: attemptsOf(recorded, job),
    ...refusalOf(recorded, job),
    ...(recorded.issue === null ? {} : { issue: await issueOf(orm, id, recorded.issue, recorded.move) }),
    ...(showContent ? contentOf(recorded, job) : {}),
    ...(job === undefined ? {} : { jobUrl: jobPath(job.on.lane, id) }),
    canRedrive: allowActions && isRefused,
    away: [
      ...(database.error === undefined ? [] : (['database'] as const)),
      ...(lanes.error === undefined ? [] : (['lanes'] as const)),
    ],
  };
}

interface Both {
  readonly database: Asked<Recorded>;
  readonly lanes: Asked<OnLane | undefined>;
}

/** The database is asked again about what may have ended, or ended anew, between the two looks. */
async function readBoth(orm: MikroORM, sets: readonly LaneSet[], id: string): Promise<Both> {
  const database = await unlessAway(readLife(orm, id));
  const { issue, refusal } = database.value ?? NOTHING;
  const lanes = await unlessAway(findOnLane(sets, id, (issue ?? refusal)?.user_id));
  const hasEnded = !isOnItsWay(lanes.value?.state);
  return issue === null && hasEnded
    ? { database: await unlessAway(readLife(orm, id)), lanes }
    : { database, lanes };
}

function isOnItsWay(state: OnLane['state'] | undefined): state is 'queued' | 'processing' {
  return state === 'queued' || state === 'processing';
}

/** As for the user: an issue is the end; a job on its lane may yet be decided anew; then a refusal counts. */
function statusOf({ issue, refusal }: Recorded, job: OnLane | undefined): Life['status'] {
  if (issue !== null || job?.state === 'completed') return 'applied';
  if (isOnItsWay(job?.state)) return job.state;
  const inForce = refusal?.applied_at === null ? refusal : undefined;
  return inForce?.status ?? job?.state.status ?? 'failed';
}

function onLane(job: OnLane | undefined): Pick<Life, 'takenAt' | 'waitingFor'> {
  if (job === undefined) return {};
  const { processedOn, progress } = job.job;
  const waitsFor = job.state === 'processing' && typeof progress === 'object' && 'waitingFor' in progress;
  return {
    ...(processedOn === undefined ? {} : { takenAt: new Date(processedOn).toISOString() }),
    ...(waitsFor ? { waitingFor: String(progress.waitingFor) } : {}),
  };
}

/** By its job, or, when that is gone, by what its end leaves behind. */
function attemptsOf({ issue, refusal }: Recorded, job: OnLane | undefined): number {
  // Its issue is committed before its job is finished and counted.
  if (job !== undefined) return job.job.attemptsMade + Number(issue !== null && isOnItsWay(job.state));
  return Number(issue !== null) + Number(refusal !== null);
}

function refusalOf({ refusal }: Recorded, job: OnLane | undefined): Pick<Life, 'refusal'> {
  if (refusal !== null) {
    const { status, code, detail, refused_at, applied_at, attempt } = refusal;
    const refusedAt = new Date(refused_at).toISOString();
    const inForce = applied_at === null;
    return { refusal: { status, code, detail, refusedAt, inForce, released: inForce && attempt < 0 } };
  }
  if (job === undefined || typeof job.state === 'string') return {};
  const { finishedOn } = job.job;
  const refusedAt = finishedOn === undefined ? {} : { refusedAt: new Date(finishedOn).toISOString() };
  return { refusal: { ...job.state, ...refusedAt, inForce: true, released: false } };
}

function contentOf(
  { issue, refusal }: Recorded,
  job: OnLane | undefined,
): Pick<Life, 'title' | 'description'> {
  const { title, description } = issue ?? refusal?.submission ?? job?.submission ?? {};
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
}
