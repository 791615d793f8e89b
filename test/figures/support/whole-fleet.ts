import { Value } from 'typebox/value';
import { History } from '../../../src/api/history-view.ts';
import { type ProductProcess, startProduct } from '../../support/product-process.ts';
import { rows } from '../../support/rows.ts';
import { ORGANIZATION_A } from '../../support/submissions.ts';
import { ADMIN, asObject, type StoreKind } from '../../support/system.ts';
import { TOKEN_SECRET, tokenOf } from '../../support/tokens.ts';
import { openWorkerFleet, type WorkerFleet } from '../../support/worker-fleet.ts';

export const ORGANIZATION_INACTIVE = '00000000-0000-4000-8000-0000000000ff';

export interface Api {
  readonly process: ProductProcess;
  readonly address: string;
  /** What it shows the administrator. */
  history(since?: number): Promise<History>;
  /** Raises an issue. @returns the status of the answer */
  raise(userId: string, options?: RaiseOptions): Promise<number>;
}

interface RaiseOptions {
  readonly organizationId?: string;
  readonly key?: string;
}

/** Processes as in production: APIs that listen, and workers, on stores of their own. */
export interface WholeFleet extends Pick<WorkerFleet, 'databaseUrl' | 'queueUrl' | 'startWorker'> {
  startApi(environment?: Record<string, string>): Promise<Api>;
  close(): Promise<void>;
}

export async function openWholeFleet(lanes: number, store: StoreKind): Promise<WholeFleet> {
  const fleet = await openWorkerFleet({ lanes, store });
  await rows(
    fleet.databaseUrl,
    `insert into organizations (id, name, active) values ('${ORGANIZATION_INACTIVE}', 'C', false)`,
  );
  const apis: ProductProcess[] = [];
  return {
    ...fleet,
    async startApi(environment = {}) {
      const process = startProduct('api', {
        DATABASE_URL: fleet.databaseUrl,
        QUEUE_URL: fleet.queueUrl,
        LANES: String(lanes),
        PORT: '0',
        JWT_SECRET: TOKEN_SECRET,
        ADMIN_PASSWORD: ADMIN.password,
        ...environment,
      });
      apis.push(process);
      const line = await process.line(text => text.includes('"msg":"listening"'));
      return apiAt(process, String(asObject(JSON.parse(line)).address));
    },
    async close() {
      await Promise.all(apis.map(api => api.end('SIGTERM')));
      await fleet.close();
    },
  };
}

function apiAt(process: ProductProcess, address: string): Api {
  const basic = Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64');
  return {
    process,
    address,
    async history(since = 0) {
      const response = await fetch(`${address}/admin/glance/history?since=${since}`, {
        headers: { authorization: `Basic ${basic}` },
      });
      return Value.Parse(History, await response.json());
    },
    async raise(userId, { organizationId = ORGANIZATION_A, key } = {}) {
      const response = await fetch(`${address}/api/client/issues/raise`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await tokenOf(userId)}`,
          'content-type': 'application/json',
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body: JSON.stringify({ organizationId, title: 'The tap drips' }),
      });
      await response.body?.cancel();
      return response.status;
    },
  };
}
