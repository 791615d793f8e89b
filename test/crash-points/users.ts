import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { laneIndexOf } from '../../src/lanes.ts';
import type { Raise } from '../chaos/ledger.ts';
import { send } from '../chaos/load/http-client.ts';
import { tokenOf } from '../support/tokens.ts';
import { ORGANIZATIONS, POISON } from './domain-database.ts';
import { type Fleet, LANES } from './fleet.ts';
import type { Run } from './plan.ts';

const PATIENCE_MS = 20_000;
const AGAIN_AFTER_MS = 150;
const WAIT_SECONDS = 2;
/** Far longer than a process takes to be replaced. */
const ANSWERED_WITHIN_MS = 120_000;

/** A client who raises one issue after the other, and repeats each with its key until it is answered. */
export class User {
  readonly id: string;
  readonly #fleet: Fleet;
  #raised = 0;

  constructor(id: string, fleet: Fleet) {
    this.id = id;
    this.#fleet = fleet;
  }

  /** Raises `count` issues, each as soon as the one before is accepted. @throws when one is not, for long */
  async raise(count: number, { poisoned = false, waits = false } = {}): Promise<void> {
    const { ledger } = this.#fleet;
    for (let n = 0; n < count; n++) {
      const number = ++this.#raised;
      const raise = ledger.begin(this.id, {
        key: randomUUID(),
        organizationId: ORGANIZATIONS[number % ORGANIZATIONS.length] ?? '',
        title: `${this.id} #${number}${poisoned ? ` ${POISON}` : ''}`,
      });
      if (poisoned) this.#fleet.poisoned++;
      await this.#untilSettled(raise, waits);
    }
  }

  async #untilSettled(raise: Raise, waits: boolean): Promise<void> {
    while ((await this.#try(raise, waits)) !== 'settled') {
      if (Date.now() > raise.sentAt + ANSWERED_WITHIN_MS)
        throw new Error(`"${raise.title}" was never accepted`);
      await sleep(AGAIN_AFTER_MS);
    }
  }

  async #try(raise: Raise, waits: boolean) {
    const { ledger, address } = this.#fleet;
    const { key, organizationId, title } = raise;
    const sentAt = Date.now();
    const answer = await send({
      method: 'POST',
      url: `${address}/api/client/issues/raise`,
      headers: {
        authorization: `Bearer ${await tokenOf(this.id)}`,
        'idempotency-key': key,
        ...(waits ? { prefer: `wait=${WAIT_SECONDS}` } : {}),
      },
      body: { organizationId, title },
      patienceMs: PATIENCE_MS,
    });
    return answer === undefined
      ? ledger.unanswered(raise, sentAt)
      : ledger.answered(this.id, raise, sentAt, answer);
  }
}

/** The users of one run: as many on each lane. */
export function usersOf({ index, usersPerLane }: Run, fleet: Fleet): User[] {
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  return lanes.flatMap(lane => idsOnLane(lane, usersPerLane, index).map(id => new User(id, fleet)));
}

function idsOnLane(lane: number, count: number, run: number): string[] {
  const ids: string[] = [];
  for (let n = 0; ids.length < count; n++) {
    const id = `run-${run}-user-${n}`;
    if (laneIndexOf(id, LANES) === lane) ids.push(id);
  }
  return ids;
}
