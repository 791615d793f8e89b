import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CannotRunError, messageOf } from './errors.ts';
import type { Metrics } from './metrics/metrics.ts';

/*
 * What a worker process answers: it serves no client, but machines ask how it is.
 */

export interface WorkerPortOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly metrics: Metrics;
  /** Whether its lanes move; false as well before they are open. */
  readonly isReady: () => boolean;
}

export interface WorkerPort {
  readonly address: string;
  close(): Promise<void>;
}

export class PortTakenError extends CannotRunError {
  constructor(host: string, port: number, cause: unknown) {
    super(
      `METRICS_PORT ${port} cannot be listened on at ${host} (${messageOf(cause)}); set another, or METRICS_PORT=off`,
      { cause },
    );
  }
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/**
 * Answers GET /metrics, /healthz (the process lives) and /readyz (its lanes are
 * open, and move).
 *
 * @throws PortTakenError
 */
export async function openWorkerPort({ host, port, ...asked }: WorkerPortOptions): Promise<WorkerPort> {
  const server = createServer((request, response) => void answer(request, response, asked));
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw new PortTakenError(host, port, error);
  }
  const at = server.address();
  const listensOn = typeof at === 'object' && at !== null ? at.port : port;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${listensOn}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Asked = Pick<WorkerPortOptions, 'metrics' | 'isReady'>;

async function answer(request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
  const { status, type, text } = await answerTo(request, asked).catch(
    (): Answer => json(500, { status: 'failed' }),
  );
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : text);
}

async function answerTo(
  { method = '', url = '' }: IncomingMessage,
  { metrics, isReady }: Asked,
): Promise<Answer> {
  if (!['GET', 'HEAD'].includes(method)) return json(405, { status: 'only GET' });
  const path = url.replace(/\/?(\?.*)?$/, '');
  if (path === '/metrics') return { status: 200, type: metrics.contentType, text: await metrics.text() };
  if (path === '/healthz') return json(200, { status: 'ok' });
  if (path === '/readyz')
    return isReady() ? json(200, { status: 'ready' }) : json(503, { status: 'not ready' });
  return json(404, { status: 'nothing is here' });
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', text: JSON.stringify(body) };
}
