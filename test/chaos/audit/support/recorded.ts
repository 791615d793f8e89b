import { randomUUID } from 'node:crypto';
import { tokenOf } from '../../../support/tokens.ts';
import { type Answer, Ledger, type Next, type Raise } from '../../ledger.ts';

/** Raises through a real API, and writes down what was answered. */
export interface Recorder {
  readonly ledger: Ledger;
  /** Raises one issue, once. @returns its entry */
  raise(userId: string, organizationId: string, options?: RaiseOptions): Promise<Raise>;
  /** Sends it again, with the same key. */
  again(userId: string, raise: Raise): Promise<Next>;
}

export interface RaiseOptions {
  /** Seconds to wait for the end; 0 for none. */
  readonly wait?: number;
  readonly priority?: string;
}

/** @param address of the API */
export function recordFrom(address: () => string): Recorder {
  const ledger = new Ledger();
  const send = async (userId: string, raise: Raise, { wait = 0, priority = 'normal' }: RaiseOptions = {}) => {
    const { key, organizationId, title } = raise;
    const sentAt = Date.now();
    const response = await fetch(`${address()}/api/client/issues/raise`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await tokenOf(userId)}`,
        'content-type': 'application/json',
        'idempotency-key': key,
        ...(wait > 0 ? { prefer: `wait=${wait}` } : {}),
      },
      body: JSON.stringify({ organizationId, title, priority }),
    });
    return ledger.answered(userId, raise, sentAt, answerOf(response, await response.json()));
  };
  return {
    ledger,
    async raise(userId, organizationId, options) {
      const raise = ledger.begin(userId, {
        key: randomUUID(),
        organizationId,
        title: `raise ${randomUUID()}`,
      });
      await send(userId, raise, options);
      return raise;
    },
    again: (userId, raise) => send(userId, raise),
  };
}

function answerOf({ status, headers }: Response, body: unknown): Answer {
  const { submissionId, code, detail } = Object(body);
  return {
    status,
    submissionId: textOf(submissionId),
    code: textOf(code),
    detail: textOf(detail),
    retryAfter: headers.get('retry-after'),
    replayed: headers.get('idempotency-replayed') === 'true',
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
