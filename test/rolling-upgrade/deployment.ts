import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { onTestFinished } from 'vitest';
import { migratePostgresStore } from '../../src/postgres-store.ts';
import { startProduct } from '../support/product-process.ts';
import { rows } from '../support/rows.ts';
import { freshDatabase, freshRedisUrl } from '../support/services.ts';
import { ORGANIZATION_A, ORGANIZATION_B } from '../support/submissions.ts';
import type { StoreKind } from '../support/system.ts';
import { TOKEN_SECRET, tokenOf } from '../support/tokens.ts';
import { waitFor } from '../support/wait-for.ts';

export interface Api {
  /** @returns the submission's id */
  raise(userId: string, organizationId: string): Promise<string>;
  statusOf(userId: string, submissionId: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Stores of a test's own, migrated by the program of today, and whatever runs on them. */
export interface Deployment {
  startApi(program?: string): Promise<Api>;
  startWorker(program?: string): Promise<{ stop(): Promise<void> }>;
  /** Resolves when there are so many issues, and so many refusals in force. */
  ended(issues: number, refusals?: number): Promise<void>;
  /** What the audit of today says. @throws when something is wrong */
  audit(): Promise<string>;
}

const LANES = '4';
const Listening = Type.Object({ address: Type.String() });
const Count = Type.Object({ issues: Type.Integer(), refusals: Type.Integer() });

export async function openDeployment(kind: StoreKind): Promise<Deployment> {
  const { url } = await freshDatabase();
  if (kind === 'postgres') await migratePostgresStore(url);
  await addOrganizations(url);
  return deployOn(url, kind === 'postgres' ? url : await freshRedisUrl());
}

export async function addOrganizations(url: string): Promise<void> {
  const organizations = `('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B')`;
  await rows(url, `insert into organizations (id, name) values ${organizations}`);
}

/** On stores that are there already. */
export function deployOn(url: string, queueUrl: string): Deployment {
  const stores = {
    DATABASE_URL: url,
    QUEUE_URL: queueUrl,
    LANES,
    // What the version of today writes with a job that is traced, an older one must be able to read.
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  };

  const start = (role: string, environment: Record<string, string>, program = 'src/main.ts') => {
    const product = startProduct(role, { ...stores, ...environment }, { script: program });
    onTestFinished(async () => void (await product.end('SIGKILL')));
    return product;
  };

  return {
    async startApi(program) {
      const product = start('api', { PORT: '0', JWT_SECRET: TOKEN_SECRET }, program);
      const line = await product.line(text => text.includes('"msg":"listening"'));
      const { address } = Value.Parse(Listening, JSON.parse(line));
      return { ...clientOf(address), stop: async () => void (await product.end('SIGTERM')) };
    },
    async startWorker(program) {
      const product = start('worker', {}, program);
      await product.line(text => text.includes('"running these lanes"'));
      return { stop: async () => void (await product.end('SIGTERM')) };
    },
    async ended(issues, refusals = 0) {
      await waitFor(async () => {
        const found = Value.Parse(Count, (await rows(url, COUNTS))[0]);
        return found.issues === issues && found.refusals === refusals;
      }, 60_000);
    },
    async audit() {
      const env = { PATH: process.env.PATH, ...stores };
      return (await promisify(execFile)(process.execPath, ['src/main.ts', 'audit'], { env })).stdout;
    },
  };
}

const COUNTS = `select (select count(*)::int from issues) as issues,
                       (select count(*)::int from refusals where applied_at is null) as refusals`;

function clientOf(address: string): Omit<Api, 'stop'> {
  const send = async (userId: string, path: string, body?: object) => {
    const response = await fetch(`${address}/api/client/issues/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${await tokenOf(userId)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return Value.Parse(
      Type.Object({ submissionId: Type.String(), status: Type.String() }),
      await response.json(),
    );
  };
  return {
    async raise(userId, organizationId) {
      return (await send(userId, 'raise', { organizationId, title: 'The tap drips' })).submissionId;
    },
    async statusOf(userId, submissionId) {
      return (await send(userId, `submissions/${submissionId}`)).status;
    },
  };
}
