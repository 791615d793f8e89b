import { createHmac } from 'node:crypto';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { contentOf, userName } from '../workload.ts';
import { type Answer, HttpConnection } from './http-connection.ts';
import type { Target } from './messages.ts';

const TOKEN_HOURS = 1;

const Accepted = Compile(Type.Object({ submissionId: Type.String(), status: Type.Literal('queued') }));

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** An answer that is not what the API promises: the measurement is void. */
export class WrongAnswerError extends Error {
  override readonly name = 'WrongAnswerError';

  constructor({ status, body }: Answer) {
    super(`the API answered ${status} ${body.slice(0, 500)}`);
  }
}

/** Sends requests over a fixed number of connections and checks every answer. */
export class Client {
  readonly #secret: string;
  readonly #free: HttpConnection[];
  readonly #all: readonly HttpConnection[];
  readonly #queue: ((connection: HttpConnection) => void)[] = [];
  readonly #requests = new Map<number, string>();
  #sent = 0;

  private constructor(secret: string, connections: HttpConnection[]) {
    this.#secret = secret;
    this.#all = connections;
    this.#free = [...connections];
  }

  static async open({ port, secret, connections }: Target): Promise<Client> {
    const opened = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(port)));
    return new Client(secret, opened);
  }

  /**
   * Raises an issue of a user, as soon as a connection is free.
   *
   * @returns the submission's id; undefined when the user was limited and may be
   * @throws WrongAnswerError
   */
  async raise(user: number, mayBeLimited: boolean): Promise<string | undefined> {
    const connection =
      this.#free.pop() ?? (await new Promise<HttpConnection>(take => this.#queue.push(take)));
    const answer = await connection.send(this.#requestOf(user));
    const next = this.#queue.shift();
    if (next === undefined) this.#free.push(connection);
    else next(connection);
    return mayBeLimited && isLimit(answer) ? undefined : submissionIdOf(answer);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #requestOf(user: number): string {
    const known = this.#requests.get(user);
    if (known !== undefined) return known;
    const body = JSON.stringify(contentOf(user, this.#sent++));
    const request = [
      'POST /api/client/issues/raise HTTP/1.1',
      'Host: 127.0.0.1',
      `Authorization: Bearer ${tokenOf(userName(user), this.#secret)}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
    this.#requests.set(user, request);
    return request;
  }
}

function submissionIdOf(answer: Answer): string {
  const body: unknown = answer.status === 202 ? JSON.parse(answer.body) : undefined;
  if (!Accepted.Check(body) || !UUID.test(body.submissionId)) throw new WrongAnswerError(answer);
  const location = `location: /api/client/issues/submissions/${body.submissionId}`;
  if (!answer.head.includes(location)) throw new WrongAnswerError(answer);
  return body.submissionId;
}

/** The limit's answer says when to come again. */
function isLimit({ status, head, body }: Answer): boolean {
  return status === 429 && /\r\nretry-after: \d+/i.test(head) && body.includes('"code"');
}

function tokenOf(sub: string, secret: string): string {
  const exp = Math.floor(Date.now() / 1000) + TOKEN_HOURS * 3600;
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub, exp })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
