import { timed } from './lateness.ts';
import { ADMIN, type Answer, type System } from './system.ts';

/** What a client sees of a route: the status, the stable code if there is one, and how long it took, but for what a busy machine adds. */
export interface Seen {
  readonly status: number;
  readonly code: unknown;
  readonly retryAfter: string | null;
  readonly ms: number;
}

const RAISE = '/api/client/issues/raise';
const BOARD = '/admin/queues/api/queues';

/** Asks every route once, one after the other, as user `u1` does who has the submission `known`. */
export async function askEverything(system: System, known: string): Promise<Record<string, Seen>> {
  const body = { organizationId: crypto.randomUUID(), title: 'The tap drips' };
  const basic = Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64');
  const raise = (headers: Record<string, string> = {}) =>
    seen(() => system.send('u1', 'POST', RAISE, { body, headers }));
  const get = (path: string, headers: Record<string, string> = {}) =>
    seen(() => system.send('u1', 'GET', path, { headers }));
  const key = () => ({ 'idempotency-key': crypto.randomUUID() });
  return {
    raise: await raise(),
    'raise, waiting': await raise({ prefer: 'wait=1' }),
    'raise with a key': await raise(key()),
    'raise with a key, waiting': await raise({ ...key(), prefer: 'wait=1' }),
    status: await get(`/api/client/issues/submissions/${known}`),
    'my issues': await get('/api/client/issues'),
    organizations: await get('/api/client/organizations'),
    healthz: await get('/healthz'),
    readyz: await get('/readyz'),
    dashboard: await get(BOARD, { authorization: `Basic ${basic}` }),
  };
}

/** Route and answer as `503 queue_unavailable`, to compare. */
export function inShort(seen: Record<string, Seen>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(seen).map(([route, { status, code }]) => [
      route,
      code ? `${status} ${code}` : `${status}`,
    ]),
  );
}

/** The slowest, in milliseconds, of those that were refused. */
export function slowestRefusal(seen: Record<string, Seen>): number {
  return Math.max(...Object.values(seen).map(({ status, ms }) => (status === 503 ? ms : 0)));
}

/** Each 503 says when to come again. */
export function retryAfters(seen: Record<string, Seen>): unknown[] {
  return [...new Set(Object.values(seen).flatMap(each => (each.status === 503 ? [each.retryAfter] : [])))];
}

async function seen(ask: () => Promise<Answer>): Promise<Seen> {
  const { value, ms } = await timed(ask);
  const { status, headers, body } = value;
  return { status, code: body.code, retryAfter: headers.get('retry-after'), ms };
}
