import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/database.ts';
import { WebhookFigures } from '../../../src/figures/webhook-figures.ts';
import { openQueueStore } from '../../../src/queue-store.ts';
import type { Submission } from '../../../src/submission.ts';
import { type Courier, startCourier } from '../../../src/webhooks/courier.ts';
import { openSender } from '../../../src/webhooks/send.ts';
import { applyBatch } from '../../../src/workers/apply-batch.ts';
import { openForeignWriter } from '../../support/foreign-writer.ts';
import { freshDatabase, freshRedisUrl } from '../../support/services.ts';
import { ORGANIZATION_A, ORGANIZATION_B, owned } from '../../support/submissions.ts';
import { waitFor } from '../../support/wait-for.ts';
import { SECRET } from './outcome-receiver.ts';

export interface EndpointFacts {
  readonly organizationId?: string;
  readonly ordered?: boolean;
}

export interface CourierFacts {
  readonly retryAfterMs?: number;
  readonly timeoutMs?: number;
}

/** On a machine that does much else. */
export const PATIENCE_MS = 30_000;

const LEFT = `
  select (select count(*) from outbox)::int + (select count(*) from webhook_deliveries)::int as n`;

/** Organizations A and B in a database of the test's own, and what applies submissions to it. */
export async function setup() {
  const { url: databaseUrl } = await freshDatabase();
  const orm = openDatabase(databaseUrl);
  onTestFinished(() => orm.close());
  const { query } = await openForeignWriter(databaseUrl);
  await query(
    `insert into organizations (id, name) values ('${ORGANIZATION_A}', 'A'), ('${ORGANIZATION_B}', 'B')`,
  );

  return {
    databaseUrl,
    orm,
    query,
    /** A queue store, for what does not depend on which it is. */
    redis: await freshRedisUrl(),
    /** Resolves when everybody has been told everything. */
    nothingIsLeft: () => waitFor(async () => (await query(LEFT))[0]?.n === 0, PATIENCE_MS),
    apply: (...batch: Submission[]) => applyBatch(orm, owned(), batch),
    /** @returns its id */
    async addEndpoint(url: string, { organizationId = ORGANIZATION_A, ordered = false }: EndpointFacts = {}) {
      const [row] = await query(
        `insert into webhook_endpoints (organization_id, url, ordered, secret) values ($1, $2, $3, $4) returning id`,
        [organizationId, url, ordered, SECRET],
      );
      return String(row?.id);
    },
    /** One that runs until the test is over, or it is closed. */
    async startCourier(queueUrl: string, { retryAfterMs = 50, timeoutMs = 30_000 }: CourierFacts = {}) {
      const log = pino({ level: 'silent' });
      const store = openQueueStore({ url: queueUrl, role: 'worker', log });
      const sender = openSender({ allowPrivate: true, timeoutMs });
      const figures = new WebhookFigures();
      const courier = startCourier({ store, orm, sender, retryAfterMs, figures, log });
      const close = closeOnce(courier, async () => {
        sender.close();
        await store.close();
      });
      onTestFinished(close);
      return { figures, courier, close };
    },
  };
}

function closeOnce(courier: Courier, rest: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= courier.close().then(rest);
    return closing;
  };
}
