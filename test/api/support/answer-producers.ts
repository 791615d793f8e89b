import { ATTEMPT_LIMITS } from '../../../src/api/attempt-limit.ts';
import { openEventStream } from '../../support/event-stream.ts';
import { type System, startSystem } from '../../support/system.ts';
import { openTcpProxy } from '../../support/tcp-proxy.ts';
import { tokenOf } from '../../support/tokens.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Produced } from './documented-answers.ts';

/*
 * For each answer that the API's description promises, what makes a real system
 * give it. Where an answer has several causes, its name ends with the code of one.
 */

/** Systems at work, without workers, with limits that are soon reached, and with both stores out of reach. */
export interface Systems {
  readonly working: System;
  readonly waiting: System;
  readonly strict: System;
  readonly away: System;
  /** Of those that are working. */
  readonly organizationId: string;
  readonly closedOrganizationId: string;
  close(): Promise<void>;
}

/** So slow that a test sees nothing leak out. */
const ONE = { perSecond: 0.01, burst: 1 };

export async function startSystems(queueUrl: string): Promise<Systems> {
  const demoUsers = ['ann'];
  const working = await startSystem('redis', { demoUsers });
  const waiting = await startSystem('redis', { demoUsers, withWorker: false });
  const strict = await startSystem('redis', {
    withWorker: false,
    userLimit: ONE,
    attempts: { ...ATTEMPT_LIMITS, badTokens: ONE },
  });
  const queue = await openTcpProxy(queueUrl);
  const proxies = [queue];
  const away = await startSystem('redis', {
    demoUsers,
    withWorker: false,
    queueUrl: queue.url,
    databaseProxy: async url => {
      const database = await openTcpProxy(url);
      proxies.push(database);
      return database.url;
    },
  });
  for (const proxy of proxies) proxy.cut();
  return {
    working,
    waiting,
    strict,
    away,
    organizationId: await working.addOrganization(),
    closedOrganizationId: await working.addOrganization({ active: false }),
    async close() {
      for (const proxy of proxies) proxy.mend();
      await Promise.all([working, waiting, strict, away].map(system => system.close()));
      await Promise.all(proxies.map(proxy => proxy.close()));
    },
  };
}

interface Sent {
  /** Undefined for nobody. */
  readonly user?: string | undefined;
  readonly method?: 'GET' | 'POST';
  /** Text as it is, all else as JSON. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

async function send({ address }: System, path: string, sent: Sent = {}): Promise<Produced> {
  const { user, method = 'GET', body, headers = {} } = sent;
  const response = await fetch(`${address}${path}`, {
    method,
    headers: {
      ...(user === undefined ? {} : { authorization: `Bearer ${await tokenOf(user)}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  return { status: response.status, type, text: await response.text() };
}

const RAISE = '/api/client/issues/raise';
const ISSUES = '/api/client/issues';
const ORGANIZATIONS = '/api/client/organizations';
const SIGN_IN = '/dev/sign-in';
const TOO_LARGE = { title: 'x'.repeat(65 * 1024) };
const WAIT = { prefer: 'wait=15' };
/** As many as a user may have. */
const STREAMS = 20;

const post = (system: System, path: string, body: unknown, more: Sent = {}) =>
  send(system, path, { user: 'ann', method: 'POST', body, ...more });
const get = (system: System, path: string, headers = {}) => send(system, path, { user: 'ann', headers });

function raise(systems: Systems, body: object = {}, headers = {}): Promise<Produced> {
  const { working, organizationId } = systems;
  return post(working, RAISE, { organizationId, title: 'The tap drips', ...body }, { headers });
}

/** The answer with its end: on a busy machine it may be 202 or 503 before that. */
function raiseToTheEnd(systems: Systems, body: object = {}): Promise<Produced> {
  return waitFor(async () => {
    const answer = await raise(systems, body, WAIT);
    return answer.status === 202 || answer.status === 503 ? undefined : answer;
  });
}

const submission = (id: string) => `/api/client/issues/submissions/${id}`;
const unknown = () => submission(crypto.randomUUID());

/** @returns the address of a submission that has become an issue */
async function completed(systems: Systems): Promise<string> {
  return submission(JSON.parse((await raiseToTheEnd(systems)).text).submissionId);
}

async function raiseTwice({ strict }: Systems): Promise<Produced> {
  const body = { organizationId: crypto.randomUUID(), title: 'The tap drips' };
  await post(strict, RAISE, body);
  return post(strict, RAISE, body);
}

async function withoutTokenTwice({ strict }: Systems, path: string, sent: Sent = {}): Promise<Produced> {
  await send(strict, path, sent);
  return send(strict, path, sent);
}

async function tooManyStreams({ waiting }: Systems): Promise<Produced> {
  const body = { organizationId: crypto.randomUUID(), title: 'The tap drips' };
  const address = `${submission(JSON.parse((await post(waiting, RAISE, body)).text).submissionId)}/events`;
  const headers = { authorization: `Bearer ${await tokenOf('ann')}` };
  const open = () => openEventStream(`${waiting.address}${address}`, headers);
  const streams = await Promise.all(Array.from({ length: STREAMS }, open));
  const produced = await get(waiting, address);
  for (const stream of streams) stream.leave();
  return produced;
}

/** Until the process has seen that its stores are gone. */
async function notReady({ away }: Systems): Promise<Produced> {
  return waitFor(async () => {
    const produced = await send(away, '/readyz');
    return produced.status === 503 ? produced : undefined;
  });
}

type Producer = (systems: Systems) => Promise<Produced>;

export const PRODUCERS: Readonly<Record<string, Producer>> = {
  'GET /healthz 200': ({ away }) => send(away, '/healthz'),
  'GET /readyz 200': ({ working }) => send(working, '/readyz'),
  'GET /readyz 503': notReady,

  'POST /api/client/issues/raise 201': systems => raiseToTheEnd(systems),
  'POST /api/client/issues/raise 202': systems => raise(systems),
  'POST /api/client/issues/raise 400': systems => raise(systems, { title: '' }),
  'POST /api/client/issues/raise 401': ({ working }) => post(working, RAISE, {}, { user: undefined }),
  'POST /api/client/issues/raise 413': systems => raise(systems, TOO_LARGE),
  'POST /api/client/issues/raise 415': systems => raise(systems, {}, { 'content-type': 'text/plain' }),
  'POST /api/client/issues/raise 422': systems =>
    raiseToTheEnd(systems, { organizationId: systems.closedOrganizationId }),
  'POST /api/client/issues/raise 429 rate_limited': raiseTwice,
  'POST /api/client/issues/raise 429 too_many_bad_tokens': systems =>
    withoutTokenTwice(systems, RAISE, { method: 'POST', body: {} }),
  'POST /api/client/issues/raise 503': ({ away, organizationId }) =>
    post(away, RAISE, { organizationId, title: 'The tap drips' }),

  'GET /api/client/issues/submissions/{id} 200': async systems =>
    get(systems.working, await completed(systems)),
  'GET /api/client/issues/submissions/{id} 401': ({ working }) => send(working, unknown()),
  'GET /api/client/issues/submissions/{id} 404': ({ working }) => get(working, unknown()),
  'GET /api/client/issues/submissions/{id} 429 too_many_bad_tokens': systems =>
    withoutTokenTwice(systems, unknown()),
  'GET /api/client/issues/submissions/{id} 503': ({ away }) => get(away, unknown()),

  'GET /api/client/issues/submissions/{id}/events 200': async systems =>
    get(systems.working, `${await completed(systems)}/events`),
  'GET /api/client/issues/submissions/{id}/events 204': async systems =>
    get(systems.working, `${await completed(systems)}/events`, { 'last-event-id': 'completed' }),
  'GET /api/client/issues/submissions/{id}/events 401': ({ working }) => send(working, `${unknown()}/events`),
  'GET /api/client/issues/submissions/{id}/events 404': ({ working }) => get(working, `${unknown()}/events`),
  'GET /api/client/issues/submissions/{id}/events 429 too_many_streams': tooManyStreams,
  'GET /api/client/issues/submissions/{id}/events 429 too_many_bad_tokens': systems =>
    withoutTokenTwice(systems, `${unknown()}/events`),
  'GET /api/client/issues/submissions/{id}/events 503': ({ away }) => get(away, `${unknown()}/events`),

  'GET /api/client/issues 200': ({ working }) => get(working, ISSUES),
  'GET /api/client/issues 400': ({ working }) => get(working, `${ISSUES}?limit=0`),
  'GET /api/client/issues 401': ({ working }) => send(working, ISSUES),
  'GET /api/client/issues 429 too_many_bad_tokens': systems => withoutTokenTwice(systems, ISSUES),
  'GET /api/client/issues 503': ({ away }) => get(away, ISSUES),

  'GET /api/client/organizations 200': ({ working }) => get(working, ORGANIZATIONS),
  'GET /api/client/organizations 400': ({ working }) => get(working, `${ORGANIZATIONS}?cursor=none`),
  'GET /api/client/organizations 401': ({ working }) => send(working, ORGANIZATIONS),
  'GET /api/client/organizations 429 too_many_bad_tokens': systems =>
    withoutTokenTwice(systems, ORGANIZATIONS),
  'GET /api/client/organizations 503': ({ away }) => get(away, ORGANIZATIONS),

  'POST /dev/sign-in 200': ({ working }) => post(working, SIGN_IN, { userId: 'ann' }),
  'POST /dev/sign-in 400': ({ working }) => post(working, SIGN_IN, {}),
  'POST /dev/sign-in 413': ({ working }) => post(working, SIGN_IN, { userId: 'x'.repeat(65 * 1024) }),
  'POST /dev/sign-in 415': ({ working }) =>
    post(working, SIGN_IN, {}, { headers: { 'content-type': 'text/plain' } }),
};
