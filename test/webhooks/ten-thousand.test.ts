import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { expect, onTestFinished, test } from 'vitest';
import { patiently } from '../../src/audit/patiently.ts';
import { freePort } from '../../src/embedded-postgres/free-port.ts';
import { type ProductProcess, startProduct } from '../support/product-process.ts';
import { rows } from '../support/rows.ts';
import { aSubmission, ORGANIZATION_A, ORGANIZATION_B } from '../support/submissions.ts';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { openWorkerFleet, type WorkerFleet } from '../support/worker-fleet.ts';
import { SECRET } from './support/outcome-receiver.ts';

/*
 * What must hold, on real processes: workers, couriers and a receiver, of which
 * some are killed on the way.
 */

const SUBMISSIONS = 10_000;
const USERS = 400;
/** Of each user whose profile is suspended, all are rejected. */
const SUSPENDED = 8;
const AT_ONCE = 20;
const PATIENCE_MS = 300_000;
const RECEIVER = fileURLToPath(new URL('./support/receiver-process.ts', import.meta.url));

/** Told; every other one in order. The last is not active. */
const TOLD = Array.from({ length: 10 }, (): string => randomUUID());

test('every outcome of ten thousand arrives, signed, with one id, and in order where asked', {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  const { fleet, receiver, startCourier } = await setup();
  await fleet.startWorker();
  const doomed = await fleet.startWorker();
  await startCourier();
  const mortal = await startCourier();

  const raising = raiseAll(fleet);
  await receiver.arrived(1000);
  await receiver.restart();
  await mortal.end('SIGKILL');
  await doomed.end('SIGKILL');
  await receiver.arrived(4000);
  receiver.signal('SIGSTOP');
  await startCourier();
  await raising;
  receiver.signal('SIGCONT');
  await receiver.arrived(7000);
  await receiver.restart();
  await waitFor(async () => (await left(fleet)) === 0, PATIENCE_MS);

  expect(await whatIsWrong(fleet, await receiver.messages())).toEqual([]);
});

async function setup() {
  const folder = await makeTempFolder('webhooks');
  const fleet = await openWorkerFleet({ lanes: 8 });
  onTestFinished(async () => {
    await fleet.close();
    await removeTempFolder(folder);
  });
  const receiver = await startReceiver(path.join(folder, 'arrived.jsonl'));
  await rows(fleet.databaseUrl, domain(receiver.url));
  const startCourier = async () => {
    const courier = startProduct('webhooks', {
      DATABASE_URL: fleet.databaseUrl,
      QUEUE_URL: fleet.queueUrl,
      WEBHOOK_RETRY_AFTER: '0.05',
      WEBHOOK_ALLOW_PRIVATE: '1',
    });
    onTestFinished(async () => void (await courier.end('SIGKILL')));
    await courier.line(line => line.includes('telling organizations'));
    return courier;
  };
  return { fleet, receiver, startCourier };
}

function domain(url: string): string {
  const organizations = TOLD.map((id, n) => `('${id}', 'told ${n}', ${n < 9})`);
  const endpoints = TOLD.map(
    (id, n) => `('${id}', '${url}/${n % 2 === 0 ? 'ordered' : 'any'}/${id}', ${n % 2 === 0}, '${SECRET}')`,
  );
  return `
    insert into organizations (id, name, active) values ${organizations};
    insert into webhook_endpoints (organization_id, url, ordered, secret) values ${endpoints};
    insert into webhook_endpoints (organization_id, url, secret, active) values ('${ORGANIZATION_B}', '${url}/never', '${SECRET}', false);
    insert into users (id) select 'u' || n from generate_series(0, ${SUSPENDED - 1}) n;
    insert into user_profiles (user_id, profile_type, organization_id, status)
    select 'u' || n, 'customer', '${ORGANIZATION_A}', 'suspended' from generate_series(0, ${SUSPENDED - 1}) n`;
}

/** One after the other, each user with all organizations in turn: two of twelve are told nothing. */
async function raiseAll({ intake }: WorkerFleet): Promise<void> {
  const organizations = [...TOLD, ORGANIZATION_A, ORGANIZATION_B];
  const submissions = Array.from({ length: SUBMISSIONS }, (_, n) =>
    aSubmission({
      userId: `u${n % USERS}`,
      organizationId: organizations[(n * 7 + Math.floor(n / USERS)) % organizations.length] ?? '',
    }),
  );
  for (let n = 0; n < SUBMISSIONS; n += AT_ONCE) {
    const some = submissions.slice(n, n + AT_ONCE);
    await Promise.all(some.map(submission => patiently(() => intake.accept(submission))));
  }
}

const LEFT = `
  select (select count(*) from issues)::int + (select count(*) from refusals)::int as ended,
         (select count(*) from outbox)::int + (select count(*) from webhook_deliveries)::int as untold`;

async function left({ databaseUrl }: WorkerFleet): Promise<number> {
  const [row] = await rows(databaseUrl, LEFT);
  const { ended, untold } = Value.Parse(Type.Object({ ended: Type.Integer(), untold: Type.Integer() }), row);
  return SUBMISSIONS - ended + untold;
}

const Arrived = Type.Object({
  path: Type.String(),
  id: Type.String(),
  at: Type.String(),
  signatures: Type.String(),
  body: Type.String(),
  isTaken: Type.Boolean(),
});
type Arrived = Type.Static<typeof Arrived>;

interface ReceiverProcess {
  readonly url: string;
  /** Resolves when so many requests have arrived. */
  arrived(count: number): Promise<void>;
  messages(): Promise<Arrived[]>;
  /** kill -9, and another in its place. */
  restart(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

async function startReceiver(file: string): Promise<ReceiverProcess> {
  const port = await freePort();
  let process: ProductProcess;
  const start = async () => {
    process = startProduct(String(port), {}, { script: RECEIVER, args: [file] });
    await process.line(line => line === 'listening');
  };
  await start();
  onTestFinished(async () => void (await process.end('SIGKILL')));
  const lines = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  return {
    url: `http://127.0.0.1:${port}`,
    arrived: async count => void (await waitFor(async () => (await lines()).length >= count, PATIENCE_MS)),
    messages: async () => (await lines()).map(line => Value.Parse(Arrived, JSON.parse(line))),
    async restart() {
      await process.end('SIGKILL');
      await start();
    },
    signal: signal => void process.child.kill(signal),
  };
}

const Body = Type.Object({
  type: Type.Enum(['issue.applied', 'submission.rejected']),
  data: Type.Object({
    submissionId: Type.String(),
    organizationId: Type.String(),
    issue: Type.Optional(Type.Object({ id: Type.String(), number: Type.Integer() })),
    error: Type.Optional(Type.Object({ code: Type.String() })),
  }),
});

const Outcome = Type.Object({
  id: Type.String(),
  organization_id: Type.String(),
  number: Type.Union([Type.Null(), Type.Integer()]),
  code: Type.Union([Type.Null(), Type.String()]),
});

const OUTCOMES = `
  select id, organization_id::text, number::int, null as code from issues
   union all
  select id, organization_id, null, code from refusals`;

/** Held against the database: a line for each thing that must not be. */
async function whatIsWrong({ databaseUrl }: WorkerFleet, messages: readonly Arrived[]): Promise<string[]> {
  const outcomes = (await rows(databaseUrl, OUTCOMES)).map(row => Value.Parse(Outcome, row));
  const expected = outcomes.filter(outcome => TOLD.includes(outcome.organization_id));
  const told = messages.map(message => ({ ...message, ...Value.Parse(Body, JSON.parse(message.body)) }));
  const taken = new Set(told.filter(({ isTaken }) => isTaken).map(({ data }) => data.submissionId));
  const byId = new Map(expected.map(outcome => [outcome.id, outcome]));
  return [
    ...(expected.length > 8000 ? [] : [`only ${expected.length} outcomes were to be told`]),
    ...expected.filter(({ id }) => !taken.has(id)).map(({ id }) => `never arrived: ${id}`),
    ...told.flatMap(({ path: at, data }) => {
      const outcome = byId.get(data.submissionId);
      const isTrue =
        outcome !== undefined &&
        at.endsWith(outcome.organization_id) &&
        data.issue?.number === (outcome.number ?? undefined) &&
        data.error?.code === (outcome.code ?? undefined);
      return isTrue ? [] : [`not what happened: ${at} ${JSON.stringify(data)}`];
    }),
    ...messages.filter(message => !isSigned(message)).map(({ id }) => `badly signed: ${id}`),
    ...unequal(
      'told under another id',
      told,
      ({ data }) => data.submissionId,
      ({ id }) => id,
    ),
    ...unequal(
      'told with another body',
      told,
      ({ id }) => id,
      ({ body }) => body,
    ),
    ...disorder(told),
  ];
}

function isSigned({ id, at, body, signatures }: Arrived): boolean {
  const key = Buffer.from(SECRET.replace('whsec_', ''), 'base64');
  return signatures === `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}

function unequal<T>(
  what: string,
  all: readonly T[],
  key: (each: T) => string,
  value: (each: T) => string,
): string[] {
  const groups = Map.groupBy(all, key);
  return [...groups].flatMap(([of, each]) => (new Set(each.map(value)).size === 1 ? [] : [`${what}: ${of}`]));
}

/** By when each issue was taken first. */
function disorder(told: readonly (Arrived & Type.Static<typeof Body>)[]): string[] {
  const ordered = told.filter(({ path: at, isTaken }) => isTaken && at.startsWith('/ordered/'));
  const byEndpoint = Map.groupBy(ordered, ({ path: at }) => at);
  return [...byEndpoint].flatMap(([at, each]) => {
    const numbers = [...new Set(each.flatMap(({ data }) => data.issue?.number ?? []))];
    const late = numbers.filter((number, n) => n > 0 && number < (numbers[n - 1] ?? 0));
    return late.map(number => `told too late: ${at} #${number}`);
  });
}
