import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FieldError } from './api-error.ts';
import { BodyNotJsonError, BodyNotUtf8Error, TextNotStorableError } from './request-errors.ts';

const MOST_ERRORS = 8;

/** No schema of ours goes deeper; a body made of brackets must not exhaust the stack. */
const MOST_LEVELS = 16;

/**
 * Takes JSON bodies and no others. Keys like `__proto__` need no care here: they
 * become own properties, and every schema refuses unknown fields.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, parseJsonBody);
}

type Done = (error: Error | null, body?: unknown) => void;

function parseJsonBody(_request: FastifyRequest, bytes: Buffer, done: Done): void {
  let body: unknown;
  try {
    body = parseStorableJson(bytes);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  done(null, body);
}

function parseStorableJson(bytes: Buffer): unknown {
  // A lenient decoder would turn bad bytes into U+FFFD, and the user's text would be silently changed.
  if (!isUtf8(bytes)) throw new BodyNotUtf8Error();
  const text = bytes.toString('utf8');
  const value = parseJson(text);
  // Raw, neither U+0000 nor a surrogate can come this far: only as an escape.
  if (text.includes('\\u')) refuseUnstorable(value);
  return value;
}

function parseJson(text: string): unknown {
  if (text === '') throw new BodyNotJsonError('the body is empty; send a JSON object');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BodyNotJsonError('the body is not well-formed JSON', { cause });
  }
}

function refuseUnstorable(value: unknown): void {
  const errors: FieldError[] = [];
  findUnstorable(value, '', errors, MOST_LEVELS);
  if (errors.length > 0) {
    throw new TextNotStorableError('a text holds U+0000 or half of a surrogate pair; remove it', errors);
  }
}

function findUnstorable(value: unknown, pointer: string, errors: FieldError[], levels: number): void {
  if (errors.length >= MOST_ERRORS || levels === 0) return;
  if (typeof value === 'string') {
    if (value.includes('\0')) errors.push({ pointer, detail: 'must not hold U+0000' });
    else if (!value.isWellFormed())
      errors.push({ pointer, detail: 'must not hold half of a surrogate pair' });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      findUnstorable(member, `${pointer}/${escapePointer(key)}`, errors, levels - 1);
    }
  }
}

/** RFC 6901. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
