import os from 'node:os';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { WebhookVariables } from './config-webhooks.ts';
import { connectionCounts } from './database.ts';
import { WebhookFigures } from './figures/webhook-figures.ts';
import { openMetrics } from './metrics/metrics.ts';
import { openQueueStore } from './queue-store.ts';
import type { Shutdown } from './shutdown.ts';
import { untilAnswers } from './until-answers.ts';
import { type Courier, startCourier } from './webhooks/courier.ts';
import { openSender } from './webhooks/send.ts';
import { openWorkerPort } from './worker-port.ts';

export interface WebhooksRoleOptions {
  readonly queueUrl: string;
  readonly orm: MikroORM;
  readonly webhooks: WebhookVariables;
  readonly log: Logger;
  readonly shutdown: Shutdown;
}

/** A process that does nothing else. */
export interface WebhooksProcessOptions extends WebhooksRoleOptions {
  /** Where it answers machines; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
}

/**
 * Tells organizations what became of their submissions, in a process of its own.
 *
 * @throws PortTakenError
 */
export async function runWebhooks(options: WebhooksProcessOptions): Promise<void> {
  const figures = new WebhookFigures();
  let courier: Courier | undefined;
  giveWay(options.log);
  // Before the queue store answers: who asks then is told that it is not ready.
  await answerMachines(options, figures, () => courier?.isReady() ?? false);
  courier = await openCourier(options, figures);
}

/** The same in a process that has other roles as well. */
export async function openCourier(
  { queueUrl, orm, webhooks, log, shutdown }: WebhooksRoleOptions,
  figures: WebhookFigures,
): Promise<Courier> {
  const store = openQueueStore({ url: queueUrl, role: 'worker', log });
  shutdown.add(() => store.close());
  await untilAnswers('queue store', () => store.ping(), log);
  const sender = openSender({ allowPrivate: webhooks.allowPrivate });
  shutdown.add(async () => sender.close());
  const { retryAfterMs } = webhooks;
  const courier = startCourier({ store, orm, sender, retryAfterMs, figures, log });
  shutdown.add(() => courier.close());
  return courier;
}

/**
 * On a machine with lanes these come first: an outcome that is told a moment
 * later is no loss, a submission that waits is one. It takes what is left of the
 * processor, which is all of it when the lanes are empty.
 */
function giveWay(log: Logger): void {
  try {
    os.setPriority(os.constants.priority.PRIORITY_LOW);
  } catch (error) {
    log.debug({ err: error }, 'cannot give way to the lanes');
  }
}

async function answerMachines(
  { orm, metricsPort, metricsHost, log, shutdown }: WebhooksProcessOptions,
  webhooks: WebhookFigures,
  isReady: () => boolean,
): Promise<void> {
  if (metricsPort === undefined) return;
  const metrics = openMetrics({
    connections: () => connectionCounts(orm),
    isVolatile: () => undefined,
    webhooks,
  });
  const port = await openWorkerPort({ host: metricsHost, port: metricsPort, metrics, isReady });
  shutdown.add(() => port.close());
  log.info({ address: port.address }, 'answering /metrics, /healthz and /readyz');
}
