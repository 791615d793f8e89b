import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../src/embedded-postgres/free-port.ts';
import { type ProductProcess, startProduct } from './support/product-process.ts';
import { freshDatabase } from './support/services.ts';
import { STORES } from './support/stores.ts';
import { ORGANIZATION_A } from './support/submissions.ts';
import { TOKEN_SECRET, tokenOf } from './support/tokens.ts';

const SECONDS = 3;

async function startApi(environment: Record<string, string>) {
  const port = String(await freePort());
  const api: ProductProcess = startProduct('api', { ...environment, PORT: port, LOG_LEVEL: 'info' });
  onTestFinished(async () => {
    await api.end('SIGKILL');
  });
  await api.line(line => line.includes('"msg":"listening"'));
  // On a loaded machine the store may be late: then each process goes by its own view, which is not what is tested.
  const isOnItsOwn = () => api.lines.some(line => line.includes('"where":"rate limit"'));
  return { address: `http://127.0.0.1:${port}`, isOnItsOwn };
}

/** Raises as fast as it can, on each address at once. @returns how many were accepted, and what else was answered */
async function flood(addresses: readonly string[], userId: string) {
  const authorization = `Bearer ${await tokenOf(userId)}`;
  const body = JSON.stringify({ organizationId: ORGANIZATION_A, title: 'flood' });
  const headers = { authorization, 'content-type': 'application/json' };
  const until = performance.now() + SECONDS * 1000;
  const statuses = new Map<number, number>();
  const run = async (address: string) => {
    while (performance.now() < until) {
      const response = await fetch(`${address}/api/client/issues/raise`, { method: 'POST', headers, body });
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  const began = performance.now();
  await Promise.all(addresses.flatMap(address => [run(address), run(address), run(address)]));
  return { statuses, seconds: (performance.now() - began) / 1000 };
}

test.each(STORES)(
  'on %s, two API processes hold one user to one limit, and a share of each',
  async (_name, freshUrl) => {
    const { url: DATABASE_URL } = await freshDatabase();
    const environment = {
      DATABASE_URL,
      QUEUE_URL: await freshUrl(),
      JWT_SECRET: TOKEN_SECRET,
      RATE_LIMIT: '20',
    };
    const apis = await Promise.all([startApi(environment), startApi(environment)]);
    const addresses = apis.map(({ address }) => address);

    const { statuses, seconds } = await flood(addresses, 'flood');

    const accepted = statuses.get(202) ?? 0;
    expect([...statuses.keys()].sort()).toEqual([202, 429]);
    const shared = 100 * (1 + 2 / 10) + 20 * seconds * (1 + 2 / 20);
    const eachByItself = 2 * (100 + 20 * seconds);
    expect(accepted).toBeLessThanOrEqual(apis.some(api => api.isOnItsOwn()) ? eachByItself : shared);
    // Nobody is kept below the limit either.
    expect(accepted).toBeGreaterThan(0.9 * (100 + 20 * SECONDS) - 10);
  },
);
