import { tmpdir } from 'node:os';
import { freePort } from '../../src/embedded-postgres/free-port.ts';
import { type Child, startChild, until } from './child.ts';

/** The product's processes, started as production starts them. */

export const SECRET = 'a-secret-of-the-benchmark-with-enough-bytes';

export interface Stores {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  /** The product's default when it is not given. */
  readonly lanes?: number;
}

export interface Api {
  readonly process: Child;
  readonly port: number;
}

export function startWorker(
  stores: Stores,
  program: readonly string[] = ['src/main.ts', 'worker'],
  more: Record<string, string> = {},
): Child {
  return startChild(program, { ...environment(stores), ...more }, tmpdir());
}

/** Its receivers are on this machine. */
export function startWebhooks(stores: Stores): Child {
  const env = { ...environment(stores), WEBHOOK_ALLOW_PRIVATE: '1' };
  return startChild(['src/main.ts', 'webhooks'], env, tmpdir());
}

/** Resolves when it is ready. */
export async function startApi(
  stores: Stores,
  program: readonly string[] = ['src/main.ts', 'api'],
  more: Record<string, string> = {},
): Promise<Api> {
  const port = await freePort();
  const env = { ...environment(stores), PORT: String(port), HOST: '127.0.0.1', JWT_SECRET: SECRET, ...more };
  const child = startChild(program, env, tmpdir());
  // Its own word too, unless it is told to say nothing: on its port somebody else might answer.
  const says = () => more.LOG_LEVEL !== undefined || child.output().includes('istening');
  await until([child], async () => says() && (await isReady(port)));
  return { process: child, port };
}

/** Everything in one process, as `npm start` has it. */
export function startAll(stores: Stores): Promise<Api> {
  return startApi(stores, ['src/main.ts', 'start'], { ADMIN_PASSWORD: 'bench' });
}

function environment({ databaseUrl, queueUrl, lanes }: Stores): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: queueUrl,
    ...(lanes === undefined ? {} : { LANES: String(lanes) }),
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}
