import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Ledger, Raise } from '../ledger.ts';
import type { Random } from '../random.ts';
import type { Seen } from './events.ts';
import { send } from './http-client.ts';
import { pickOrganization } from './organizations.ts';
import { pauseMs } from './pause.ts';
import { longTokenOf } from './tokens.ts';

const PATH = '/api/client/issues';

const PATIENCE_MS = 20_000;
const LONGEST_WAIT_SECONDS = 8;

/** Which part of the requests is what. */
const WAITS = 0.15;
const HANGS_UP = 0.04;
const REPEATS = 0.02;
const READS_STATUS = 0.08;
const READS_LIST = 0.03;
const READS_ORGANIZATIONS = 0.01;

export interface UserOptions {
  readonly userId: string;
  readonly addresses: readonly string[];
  readonly ledger: Ledger;
  readonly random: Random;
  readonly onSeen: (seen: Seen) => void;
  /** Told of an accepted submission that a read said does not exist. */
  readonly onMissing: (userId: string, raise: Raise) => void;
  /** Aborts when even what is not settled yet is given up. */
  readonly giveUp: AbortSignal;
}

/** A client who raises issues one after the other, and repeats each until it knows what became of it. */
export class User {
  readonly #options: UserOptions;
  readonly #authorization: Promise<string>;
  #count = 0;

  constructor(options: UserOptions) {
    this.#options = options;
    this.#authorization = longTokenOf(options.userId).then(token => `Bearer ${token}`);
  }

  /** Raises one issue until it is settled, or given up. */
  async raise(): Promise<void> {
    const { userId, ledger, random, giveUp } = this.#options;
    const raise = ledger.begin(userId, {
      key: randomUUID(),
      organizationId: pickOrganization(random),
      title: `${userId} #${++this.#count}`,
    });
    for (let unanswered = 0; !giveUp.aborted; ) {
      const { next, retryAfter } = await this.#try(raise);
      if (next === 'settled') return this.#afterwards(raise);
      unanswered = retryAfter === undefined ? unanswered + 1 : 0;
      await sleep(pauseMs(retryAfter, unanswered) * (0.75 + random.next() / 2));
    }
  }

  async #try(raise: Raise) {
    const { userId, ledger } = this.#options;
    const sentAt = Date.now();
    const answer = await this.#send(raise);
    if (answer === undefined) return { next: ledger.unanswered(raise, sentAt) };
    return { next: ledger.answered(userId, raise, sentAt, answer), retryAfter: answer.retryAfter };
  }

  async #send({ key, organizationId, title }: Raise): Promise<Answer | undefined> {
    const { random } = this.#options;
    const how = random.chance(HANGS_UP) ? 'hangs up' : random.chance(WAITS) ? 'waits' : 'plain';
    const seconds = random.between(1, LONGEST_WAIT_SECONDS);
    return this.#seen('raise', how, {
      method: 'POST',
      path: `${PATH}/raise`,
      headers: { 'idempotency-key': key, ...(how === 'waits' ? { prefer: `wait=${seconds}` } : {}) },
      body: { organizationId, title },
      ...(how === 'hangs up' ? { hangUpAfterMs: random.between(0, 15) } : {}),
    });
  }

  /** Looks at what was accepted, now and then. */
  async #afterwards(raise: Raise): Promise<void> {
    const { random, userId, onMissing } = this.#options;
    if (raise.submissionId === undefined) return;
    if (random.chance(REPEATS)) await this.#repeat(raise, raise.submissionId);
    if (random.chance(READS_STATUS)) {
      const answer = await this.#read(`${PATH}/submissions/${raise.submissionId}`);
      if (answer?.status === 404) onMissing(userId, raise);
      else this.#expectRead(answer, raise.key);
    }
    if (random.chance(READS_LIST)) this.#expectRead(await this.#read(PATH), raise.key);
    if (random.chance(READS_ORGANIZATIONS))
      this.#expectRead(await this.#read('/api/client/organizations'), raise.key);
  }

  /** The same once more: it must be the same submission. */
  async #repeat(raise: Raise, submissionId: string): Promise<void> {
    const { next } = await this.#try(raise);
    if (next === 'settled' && raise.submissionId !== submissionId)
      this.#unexpected(raise.key, 200, `a repetition of ${submissionId} was answered ${raise.submissionId}`);
  }

  #read(path: string): Promise<Answer | undefined> {
    return this.#seen('read', 'plain', { method: 'GET', path, headers: {} });
  }

  #expectRead(answer: Answer | undefined, key: string): void {
    if (answer === undefined || answer.status === 200) return;
    if (answer.status === 503 && answer.retryAfter) return;
    this.#unexpected(key, answer.status, answer.detail ?? '');
  }

  #unexpected(key: string, status: number, detail: string): void {
    const { ledger, userId } = this.#options;
    ledger.unexpected.push({ at: Date.now(), userId, key, status, detail });
  }

  async #seen(
    kind: Seen['kind'],
    how: Seen['how'],
    request: {
      method: 'GET' | 'POST';
      path: string;
      headers: Record<string, string>;
      body?: object;
      hangUpAfterMs?: number;
    },
  ): Promise<Answer | undefined> {
    const { addresses, random, onSeen } = this.#options;
    const { path, headers, ...rest } = request;
    const began = Date.now();
    const answer = await send({
      ...rest,
      url: random.pick(addresses) + path,
      headers: { ...headers, authorization: await this.#authorization },
      patienceMs: PATIENCE_MS,
    });
    const at = Date.now();
    onSeen({ at, ms: at - began, kind, how, status: answer?.status ?? 'no answer' });
    return answer;
  }
}
