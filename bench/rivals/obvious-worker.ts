/**
 * The pipeline as most people would write it first: a BullMQ worker, and for
 * each job one MikroORM unit of work that follows the domain's five rules. It is
 * correct where two jobs of a user meet (a unique violation is tried again on a
 * fresh fork), and it does not keep a user's submissions in order.
 */
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { readWorkerConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/database.ts';
import { Customer, Issue, Organization, User, UserProfile } from '../../src/entities/index.ts';
import { openLog } from '../../src/log.ts';
import { type Submission, type SubmissionData, submissionOf } from '../../src/submission.ts';
import { SINGLE_QUEUE } from '../backlog.ts';

/** From 8 to 64 it makes no difference that could be measured: the process's own CPU is the limit. */
const CONCURRENCY = 16;
const ATTEMPTS = 5;

const { databaseUrl, queueUrl, logLevel } = readWorkerConfig(process.env);
const log = openLog({ level: logLevel, pretty: false });
const orm = openDatabase(databaseUrl, { poolSize: CONCURRENCY });
const connection = new Redis(queueUrl, { maxRetriesPerRequest: null });

const worker = new Worker<SubmissionData>(SINGLE_QUEUE, applyJob, {
  connection,
  concurrency: CONCURRENCY,
  removeOnComplete: { count: 200 },
});
worker.on('error', error => log.warn({ err: error }, 'worker'));

process.once('SIGTERM', async () => {
  await worker.close();
  await orm.close();
  connection.disconnect();
});

async function applyJob(job: Job<SubmissionData>): Promise<void> {
  const submission = submissionOf(job);
  for (let attempt = 1; ; attempt++) {
    try {
      await orm.em.fork().transactional(em => raise(em, submission));
      log.info({ submissionId: submission.id, userId: submission.userId }, 'applied');
      return;
    } catch (error) {
      if (!(error instanceof UniqueConstraintViolationException) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function raise(em: EntityManager, submission: Submission): Promise<void> {
  const { id, userId, organizationId, email, acceptedAt } = submission;
  if ((await em.findOne(Issue, id)) !== null) return;

  const organization = await em.findOne(Organization, organizationId);
  if (organization === null) throw new UnrecoverableError('organization_not_found');
  if (!organization.active) throw new UnrecoverableError('organization_inactive');

  let profile = await em.findOne(UserProfile, { userId, profileType: 'customer' });
  if (profile?.status === 'suspended') throw new UnrecoverableError('profile_suspended');
  if (profile === null) {
    const user = await em.findOne(User, userId);
    if (user === null) em.create(User, { id: userId, email: email ?? null });
    profile = em.create(UserProfile, { userId, profileType: 'customer', organizationId });
  }
  profile.organizationId = organizationId;

  const found = await em.findOne(Customer, { userId, organizationId });
  const customer = found ?? em.create(Customer, { userId, organizationId, userProfileId: profile.id });

  em.create(Issue, {
    id,
    customerId: customer.id,
    organizationId,
    title: submission.title,
    description: submission.description ?? '',
    priority: submission.priority ?? 'normal',
    category: submission.category ?? null,
    acceptedAt,
  });
}
