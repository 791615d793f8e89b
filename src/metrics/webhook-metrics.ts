import type { Registry } from 'prom-client';
import type { WebhookFigures } from '../figures/webhook-figures.ts';
import { counter, gauge, only } from './collected.ts';

/** Of a process that tells organizations of outcomes. What is left to tell is the same on each of them. */
export function webhookMetrics(registry: Registry, figures: WebhookFigures): void {
  counter(
    registry,
    {
      name: 'issue_intake_webhook_tries_total',
      help: 'Times that this process has told an endpoint of an outcome, by whether it was delivered',
    },
    ['result'],
    () => [
      [{ result: 'delivered' }, figures.delivered],
      [{ result: 'failed' }, figures.failed],
    ],
  );
  counter(
    registry,
    {
      name: 'issue_intake_webhooks_given_up_total',
      help: 'Deliveries that this process has given up',
    },
    [],
    () => only(figures.givenUp),
  );
  gauge(
    registry,
    {
      name: 'issue_intake_webhooks_undelivered',
      help: 'Deliveries that are still to be made to active endpoints',
    },
    [],
    () => (figures.left === undefined ? [] : only(figures.left.deliveries)),
  );
  gauge(
    registry,
    {
      name: 'issue_intake_webhooks_oldest_undelivered_seconds',
      help: 'How long ago the oldest outcome was decided that is still to be delivered; 0 without one',
    },
    [],
    () => (figures.left === undefined ? [] : only(figures.left.oldestSeconds)),
  );
}
