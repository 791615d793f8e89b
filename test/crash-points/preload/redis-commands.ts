import { createHash } from 'node:crypto';
import { Redis, type Command as RedisCommand } from 'ioredis';
import { flush } from './flush.ts';
import { type Command, isDying, maySend, wasAnswered, wasRefused, wasSent } from './passings.ts';

/*
 * Between the product and Redis. BullMQ's commands are scripts, which go over
 * the wire as the hash of their text, or as the text.
 */

const LANE = /\{lane-\d+-\d+\}/;

const KINDS: Record<string, Command['kind']> = {
  moveToFinished: 'finish',
  getRanges: 'read-ahead',
  updateProgress: 'wait',
  addStandardJob: 'add',
  relayPublish: 'news',
};

const scriptNames = new Map<string, string>();

/** One that Redis does not know yet is sent again, as text. */
const AS_HASH_OR_TEXT = new Set(['evalsha', 'eval']);

const { defineCommand, sendCommand } = Redis.prototype;

Redis.prototype.defineCommand = function (name, definition) {
  // BullMQ adds its version: `moveToFinished:6.7.0`.
  const [plainName = name] = name.split(':');
  scriptNames.set(createHash('sha1').update(definition.lua).digest('hex'), plainName);
  scriptNames.set(definition.lua, plainName);
  return defineCommand.call(this, name, definition);
};

Redis.prototype.sendCommand = function (...sending) {
  const [redisCommand] = sending;
  // Before it is ready, a command is only put aside: it comes here again.
  const command = this.status === 'ready' ? commandOf(redisCommand) : undefined;
  if (isDying() || (command !== undefined && !maySend(command))) return redisCommand.promise;
  const answer = sendCommand.apply(this, sending);
  if (command === undefined) return answer;
  wasSent(command, () => flush(this.stream));
  void redisCommand.promise.then(
    () => wasAnswered(command),
    () => wasRefused(command),
  );
  return answer;
};

function commandOf({ name, args }: RedisCommand): Command | undefined {
  if (!AS_HASH_OR_TEXT.has(name)) return undefined;
  const [script, , ...rest] = args.map(String);
  const kind = KINDS[scriptNames.get(script ?? '') ?? ''];
  if (kind === undefined) return undefined;
  if (kind === 'news') return rest.some(arg => arg.startsWith('outcomes.')) ? { kind } : undefined;
  const lane = LANE.exec(rest[0] ?? '')?.[0];
  return lane === undefined ? undefined : { kind, lane };
}
