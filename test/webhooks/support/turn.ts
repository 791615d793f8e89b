import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { WebhookFigures } from '../../../src/figures/webhook-figures.ts';
import { relay } from '../../../src/webhooks/relay.ts';
import { Rests } from '../../../src/webhooks/rests.ts';
import { openSender } from '../../../src/webhooks/send.ts';
import { takeTurn } from '../../../src/webhooks/turn.ts';
import { aSubmission } from '../../support/submissions.ts';
import { openReceiver } from './outcome-receiver.ts';
import { setup } from './setup.ts';

const NEVER = new AbortController().signal;
const ALL = { position: '1000000', entry: '1000000' };

/**
 * One endpoint with outcomes to be told of, and its turns without a courier around
 * them: what one does can be told from what the next does.
 */
export async function openTurn({ ordered = false, outcomes = 0, retryAfterMs = 60_000 } = {}) {
  const system = await setup();
  const receiver = await openReceiver();
  const id = await system.addEndpoint(`${receiver.url}/old`, { ordered });
  if (outcomes > 0) await system.apply(...Array.from({ length: outcomes }, () => aSubmission()));
  await relay(system.orm, 100);
  const sender = openSender({ allowPrivate: true });
  onTestFinished(() => sender.close());
  const figures = new WebhookFigures();
  const turn = {
    orm: system.orm,
    watermark: { mark: ALL },
    rests: new Rests(retryAfterMs),
    figures,
    log: pino({ level: 'silent' }),
    sender,
    pace: { next: async () => {} },
    retryAfterMs,
    stopping: NEVER,
    leaving: NEVER,
  };
  const change = (set: string) => system.query(`update webhook_endpoints set ${set}`);
  return { ...system, id, receiver, figures, rests: turn.rests, change, takeTurn: () => takeTurn(id, turn) };
}
