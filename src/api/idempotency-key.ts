import { createHash } from 'node:crypto';
import { IdempotencyKeyInvalidError } from './request-errors.ts';

/*
 * `Idempotency-Key`: the client's name for one submission. The same user and key
 * always give the same submission id, so lane and issues table both recognise a
 * repetition by themselves; there is no table of keys, and a key never expires.
 */

const PRINTABLE_ASCII = /^[\x20-\x7e]{1,255}$/;

/** An RFC 8941 string: in quotes, with `\"` and `\\` for a quote and a backslash. */
const QUOTED = /^"(?<text>(?:[^"\\]|\\["\\])*)"$/;

/**
 * The key of the header, bare or quoted. Undefined without a header.
 *
 * @param lines one for each time the header was sent: two keys are none
 * @throws IdempotencyKeyInvalidError
 */
export function parseIdempotencyKey(lines: readonly string[]): string | undefined {
  const [header, another] = lines;
  if (header === undefined) return undefined;
  if (another !== undefined) throw new IdempotencyKeyInvalidError();
  const key = header.startsWith('"') ? unquote(header) : header;
  if (key === undefined || !PRINTABLE_ASCII.test(key)) throw new IdempotencyKeyInvalidError();
  return key;
}

/** Version 8 is the one that RFC 9562 sets aside for ids with a meaning of one's own. */
export function keyedSubmissionId(userId: string, key: string): string {
  // No user id and no key holds U+0000, so no two pairs make the same text.
  const bytes = createHash('sha256').update(`${userId}\0${key}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function unquote(text: string): string | undefined {
  return QUOTED.exec(text)?.groups?.text?.replaceAll(/\\(.)/g, '$1');
}
