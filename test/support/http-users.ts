import { setTimeout as delay } from 'node:timers/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ORGANIZATION_A, ORGANIZATION_B } from './submissions.ts';
import { tokenOf } from './tokens.ts';

/*
 * Users who each raise one issue after the other over HTTP, and repeat each with
 * its Idempotency-Key until it is accepted. What they were told is the ledger.
 */

/** Nobody made it: an issue for it is rejected. */
const ORGANIZATION_MISSING = '00000000-0000-4000-8000-00000000000f';

const REPEAT_AFTER_MS = 100;
/** What a user does between two raises. Without it a small machine would only work on its requests. */
const REST_MS = 200;

export interface Acknowledged {
  readonly userId: string;
  readonly id: string;
  readonly toBeRejected: boolean;
  /** When it was accepted, in ms of this machine's clock. */
  readonly at: number;
}

export interface Answer {
  readonly userId: string;
  readonly at: number;
  readonly tookMs: number;
  readonly status: number;
}

export interface HttpUsers {
  /** All that was accepted so far; each user's in order. */
  readonly ledger: readonly Acknowledged[];
  /** All answers so far, those to repetitions included. */
  readonly answers: readonly Answer[];
  /** Resolves when each user's last raise is accepted. */
  stop(): Promise<void>;
  /** Ends at once, whatever was accepted; for when a test has failed. */
  abandon(): Promise<void>;
}

export function startUsers(userIds: readonly string[], addresses: readonly string[]): HttpUsers {
  const ledger: Acknowledged[] = [];
  const answers: Answer[] = [];
  const stopping = new AbortController();
  const abandoned = new AbortController();
  const live = async (userId: string, index: number) => {
    const token = await tokenOf(userId);
    for (let n = 0; !stopping.signal.aborted; n++) {
      const toBeRejected = n % 10 === 9;
      const organizationId = toBeRejected ? ORGANIZATION_MISSING : n % 3 ? ORGANIZATION_A : ORGANIZATION_B;
      const key = `${userId}-${n}`;
      for (let attempt = 0; !abandoned.signal.aborted; attempt++) {
        const address = addresses[(index + n + attempt) % addresses.length] ?? '';
        const began = Date.now();
        const { status, id } = await raise(address, { token, key, organizationId, title: `number ${n}` });
        answers.push({ userId, at: Date.now(), tookMs: Date.now() - began, status });
        if (id !== undefined) {
          ledger.push({ userId, id, toBeRejected, at: Date.now() });
          break;
        }
        await delay(REPEAT_AFTER_MS);
      }
      await delay(REST_MS);
    }
  };
  const living = Promise.all(userIds.map(live));
  return {
    ledger,
    answers,
    async stop() {
      stopping.abort();
      await living;
    },
    async abandon() {
      stopping.abort();
      abandoned.abort();
      await living;
    },
  };
}

interface Raise {
  readonly token: string;
  readonly key: string;
  readonly organizationId: string;
  readonly title: string;
}

const Accepted = Type.Object({ submissionId: Type.String() });

/** @returns the submission's id, when it was accepted */
async function raise(address: string, { token, key, organizationId, title }: Raise) {
  const response = await fetch(`${address}/api/client/issues/raise`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ organizationId, title }),
  });
  const body: unknown = await response.json();
  return { status: response.status, id: response.ok ? Value.Parse(Accepted, body).submissionId : undefined };
}
