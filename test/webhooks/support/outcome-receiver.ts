import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export const SECRET = `whsec_${Buffer.from('a secret of the tests, 32 bytes!').toString('base64')}`;

/** One request that arrived. */
export interface Arrived {
  readonly path: string;
  readonly id: string;
  readonly body: string;
  /** Whether one of its signatures is right, by Standard Webhooks 1.0. */
  readonly isSigned: boolean;
  readonly type: string;
  readonly submissionId: string;
}

export type Answer = number | 'hang';

type AnswerTo = (request: Arrived, nth: number) => Answer | Promise<Answer>;

export interface Receiver {
  readonly url: string;
  readonly arrived: Arrived[];
  /** What it answers from now on; 200 before. */
  answer(to: AnswerTo): void;
  /** Those that were told 200. */
  delivered(path?: string): Arrived[];
}

/** A real receiver in this process, until the test is over. */
export async function openReceiver(): Promise<Receiver> {
  const arrived: Arrived[] = [];
  const accepted: Arrived[] = [];
  let answerTo: AnswerTo = () => 200;
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const seen = await read(request);
    arrived.push(seen);
    const answer = await answerTo(seen, arrived.length);
    if (answer === 'hang') return;
    if (answer === 200) accepted.push(seen);
    response.writeHead(answer).end();
  };
  const server = createServer((request, response) => void take(request, response).catch(() => {}));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrived,
    answer(to) {
      answerTo = to;
    },
    delivered: path => accepted.filter(each => path === undefined || each.path === path),
  };
}

async function read(request: IncomingMessage): Promise<Arrived> {
  const body = await text(request);
  const [id, at, signatures] = ['id', 'timestamp', 'signature'].map(
    name => request.headers[`webhook-${name}`]?.toString() ?? '',
  );
  const { type, data } = JSON.parse(body);
  return {
    path: request.url ?? '',
    id: id ?? '',
    body,
    isSigned: (signatures ?? '').split(' ').includes(signatureOf(`${id}.${at}.${body}`)),
    type,
    submissionId: data.submissionId,
  };
}

/** By the specification's own words, and not by what we sign with. */
function signatureOf(signed: string): string {
  const key = Buffer.from(SECRET.replace('whsec_', ''), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
