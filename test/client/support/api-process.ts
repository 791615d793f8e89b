import { startProduct } from '../../support/product-process.ts';
import { TOKEN_SECRET } from '../../support/tokens.ts';
import type { WorkerFleet } from '../../support/worker-fleet.ts';

export interface ApiProcess {
  readonly address: string;
  /** Kills it at once, and starts another on the same port. */
  restart(): Promise<void>;
  close(): Promise<unknown>;
}

/** An API as a process of its own, on a fleet's stores. */
export async function startApiProcess({ databaseUrl, queueUrl }: WorkerFleet): Promise<ApiProcess> {
  const start = async (port: string) => {
    const api = startProduct('api', {
      DATABASE_URL: databaseUrl,
      QUEUE_URL: queueUrl,
      LANES: '2',
      PORT: port,
      JWT_SECRET: TOKEN_SECRET,
    });
    const line = await api.line(each => each.includes('"listening"'));
    return { api, address: /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '' };
  };
  const first = await start('0');
  let { api } = first;
  return {
    address: first.address,
    async restart() {
      await api.end('SIGKILL');
      ({ api } = await start(new URL(first.address).port));
    },
    close: () => api.end('SIGKILL'),
  };
}
