import http from 'node:http';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Answer } from '../ledger.ts';

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: object;
  /** Gives up after this many milliseconds. */
  readonly patienceMs: number;
  /** Hangs up this many milliseconds after the request is sent. */
  readonly hangUpAfterMs?: number;
}

const LONGEST_DETAIL = 500;

/** The parts of any of our answers that the suite looks at. */
const Body = Type.Object({
  submissionId: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
});

/** Keeps connections open, as clients do. */
const agent = new http.Agent({ keepAlive: true, keepAliveMsecs: 1000 });

/** Sends a request and answers what came back. Undefined: the connection was refused, cut or given up. */
export function send(request: Request): Promise<Answer | undefined> {
  const { method, url, headers, body, patienceMs, hangUpAfterMs } = request;
  const content = body === undefined ? undefined : JSON.stringify(body);
  const type = content === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise(resolve => {
    const sent = http.request(url, { agent, method, headers: { ...headers, ...type } }, response => {
      readAll(response).then(
        text => resolve(answerOf(response, text)),
        () => resolve(undefined),
      );
    });
    const patience = setTimeout(() => sent.destroy(), patienceMs);
    // Once an answer has begun to come, its own end tells.
    sent.on('error', () => resolve(undefined));
    sent.on('close', () => clearTimeout(patience));
    if (hangUpAfterMs !== undefined) {
      sent.on('finish', () => setTimeout(() => sent.destroy(), hangUpAfterMs));
    }
    sent.end(content);
  });
}

async function readAll(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  if (!response.complete) throw new Error('the answer was cut short');
  return text;
}

function answerOf(response: http.IncomingMessage, text: string): Answer {
  const body = parse(text);
  const { submissionId, code } = Value.Check(Body, body) ? body : {};
  return {
    status: response.statusCode ?? 0,
    submissionId,
    code,
    replayed: response.headers['idempotency-replayed'] === 'true',
    retryAfter: response.headers['retry-after'] ?? null,
    detail: text.slice(0, LONGEST_DETAIL),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
