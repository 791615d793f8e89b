import type { Socket } from 'node:net';
import pg from 'pg';
import { flush } from './flush.ts';
import { type Command, isDying, maySend, wasAnswered, wasRefused, wasSent, willHalve } from './passings.ts';

/*
 * Between the product and PostgreSQL: the units of work, and BullMQ's commands
 * where the lanes lie there, too.
 */

const KINDS: [RegExp, Command['kind']][] = [
  [/^(begin|start transaction)/i, 'begin'],
  [/^commit/i, 'commit'],
  [/^rollback/i, 'rollback'],
  [/^insert into "customers"/i, 'write-customers'],
  [/^insert into "issues"/i, 'write-issues'],
  [/\bmove_to_(completed|failed)(_fetch)?\(/, 'finish'],
  [/\bget_range\(/, 'read-ahead'],
  [/\bupdate_progress\(/, 'wait'],
  [/\badd_job\(/, 'add'],
  [/\brelay_publish\(/, 'news'],
];

/** A row of the issues: its id, and the customer's. */
const ISSUE_ROW = /\('[0-9a-f-]{36}', '[0-9a-f-]{36}'/g;

/** A data exception, or a constraint that the data breaks; a unique violation is another writer's doing. */
const REFUSED_DATA = /^(22|23(?!505))/;

type Answered = (error: unknown) => void;

/** The connections whose unit of work, of more than one submission, was refused for its data. */
const toHalve = new WeakSet<pg.Client>();

const { query } = pg.Client.prototype;

Object.defineProperty(pg.Client.prototype, 'query', {
  writable: true,
  value(this: pg.Client, ...asking: unknown[]) {
    const [text, values] = asking;
    const command = typeof text === 'string' ? commandOf(text, values) : undefined;
    if (isDying() || (command !== undefined && !maySend(command))) return new Promise(() => {});
    if (command === undefined) return Reflect.apply(query, this, asking);
    const sent = ask(this, asking, error => answered(this, command, String(text), error));
    wasSent(command, () => flush(socketOf(this)));
    return sent;
  },
});

/** Asks, and tells of the answer before the product hears it. */
function ask(client: pg.Client, asking: unknown[], answered: Answered): unknown {
  const callback = asking.at(-1);
  if (typeof callback === 'function') {
    const told = (error: unknown, result: unknown) => {
      answered(error);
      Reflect.apply(callback, undefined, [error, result]);
    };
    return Reflect.apply(query, client, [...asking.slice(0, -1), told]);
  }
  const answer: Promise<unknown> = Reflect.apply(query, client, asking);
  return answer.then(
    result => {
      answered(undefined);
      return result;
    },
    (error: unknown) => {
      answered(error);
      throw error;
    },
  );
}

function answered(client: pg.Client, command: Command, text: string, error: unknown): void {
  if (error) {
    if (isRefusedBatch(text, error)) toHalve.add(client);
    wasRefused(command);
    return;
  }
  wasAnswered(command);
  if (command.kind === 'rollback' && toHalve.delete(client)) willHalve();
}

function isRefusedBatch(text: string, error: unknown): boolean {
  const { code }: { code?: unknown } = Object(error);
  return REFUSED_DATA.test(String(code)) && (text.match(ISSUE_ROW)?.length ?? 0) > 1;
}

function commandOf(text: string, values: unknown): Command | undefined {
  const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1];
  const [first, second]: unknown[] = Array.isArray(values) ? values : [];
  if (kind === 'news') return String(second).startsWith('outcomes.') ? { kind } : undefined;
  if (kind === undefined) return undefined;
  return isOfLane(kind) ? laneCommand(kind, String(first)) : { kind };
}

function isOfLane(kind: Command['kind']): boolean {
  return kind === 'finish' || kind === 'read-ahead' || kind === 'wait' || kind === 'add';
}

/** The number of lanes is a job, too, but on no lane. */
function laneCommand(kind: Command['kind'], queue: string): Command | undefined {
  return queue.startsWith('{lane-') ? { kind, lane: queue } : undefined;
}

function socketOf(client: pg.Client): Socket {
  const { connection }: { connection?: { stream: Socket } } = Object(client);
  if (connection === undefined) throw new TypeError('pg keeps its connection elsewhere now');
  return connection.stream;
}
