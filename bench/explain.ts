/**
 * Prints what PostgreSQL does for each of the product's statements on a database
 * of 1,000,000 issues. The statements are the product's own, run by its own code:
 * the server's auto_explain tells their plans. For docs/database.md.
 * Usage: node bench/explain.ts [<url of a PostgreSQL server, as its superuser>]
 */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import Fastify from 'fastify';
import pg from 'pg';
import { listIssues } from '../src/api/issue-reads.ts';
import { organizations } from '../src/api/organizations.ts';
import { findEnd } from '../src/api/submission-end.ts';
import { migrate, openDatabase } from '../src/database.ts';
import type { Submission } from '../src/submission.ts';
import { applyBatch } from '../src/workers/apply-batch.ts';
import { BUSY_USER, fill, userName } from './explain/fill.ts';

const [serverUrl = 'postgres://postgres@127.0.0.1:55432/postgres'] = process.argv.slice(2);
const DATABASE = 'issue_intake_explain';
const BATCH = 128;
const OWNED = { lane: { index: 0, of: 1 }, confirm: async () => {} };

await onServer(`drop database if exists ${DATABASE}`);
await onServer(`create database ${DATABASE}`);
try {
  await explainAll(new URL(`/${DATABASE}`, serverUrl).href);
} finally {
  await onServer(`drop database ${DATABASE}`);
}

async function explainAll(url: string): Promise<void> {
  await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { organizationIds, issueId } = await fill(client);
  await client.end();

  const orm = openDatabase(url, { poolSize: 1 });
  const section = sections(orm);
  await section('How a submission ended, by its id', () => findEnd(orm, BUSY_USER, issueId));
  await section('My issues, first page', () => listIssues(orm, BUSY_USER, 21));
  await section('My issues, after number 500,000', () => listIssues(orm, BUSY_USER, 21, '500000'));
  await section('Organizations', () => requestOrganizations(orm));
  const batches = [1, 2].map(n => batch(n, organizationIds));
  await section(`A batch of ${BATCH}`, n => applyBatch(orm, OWNED, batches[n] ?? []));
  await section('The same batch again', n => applyBatch(orm, OWNED, batches[n] ?? []));
  await orm.close();
}

/** Half of them from users who are customers already, for organizations of which most are new to them. */
function batch(seed: number, organizationIds: readonly string[]): Submission[] {
  return Array.from({ length: BATCH }, (_, n) => ({
    id: randomUUID(),
    userId: n % 2 === 0 ? userName(n * 1000 + seed) : `new-${seed}-${n}`,
    organizationId: organizationIds[n % organizationIds.length] ?? '',
    title: `Title ${n}`,
    description: 'x'.repeat(200),
    acceptedAt: new Date(),
    attempt: 0,
  }));
}

async function requestOrganizations(orm: MikroORM): Promise<void> {
  const app = Fastify();
  await app.register(organizations, { orm });
  const { statusCode, body } = await app.inject('/organizations?limit=100');
  if (statusCode !== 200) throw new Error(body);
  await app.close();
}

/** Runs work twice and prints the plans of the second time, when what it needs has been read before. */
function sections(orm: MikroORM) {
  return async (title: string, work: (n: number) => Promise<unknown>): Promise<void> => {
    await work(0);
    console.log(`\n## ${title}\n`);
    const stop = await tellPlans(orm);
    await work(1);
    await stop();
  };
}

/** Every statement's plan comes to the connection that sent it, the pool's only one, and from there to the screen. */
async function tellPlans(orm: MikroORM): Promise<() => Promise<void>> {
  const pool = await orm.em.getConnection().getNativeClient();
  const print = ({ message }: { message?: string | undefined }) => console.log(shortened(message ?? ''));
  const set = async (minDuration: number, change: (client: pg.PoolClient) => void) => {
    const client = await pool.connect();
    await client.query(`
      load 'auto_explain';
      set auto_explain.log_analyze = on;
      set auto_explain.log_buffers = on;
      set auto_explain.log_level = notice;
      set auto_explain.log_min_duration = ${minDuration}`);
    change(client);
    client.release();
  };
  await set(0, client => client.on('notice', print));
  return () => set(-1, client => client.off('notice', print));
}

/** Statements carry their data; a line of it is enough. */
function shortened(plan: string): string {
  return plan
    .split('\n')
    .map(line => (line.includes('(cost=') || line.length <= 130 ? line : `${line.slice(0, 130)}...`))
    .join('\n');
}

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
