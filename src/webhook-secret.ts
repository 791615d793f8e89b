import { randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';

/** Standard Webhooks asks for 24 to 64; this is the length of a SHA-256. */
const BYTES = 32;

/** A new secret to sign webhooks with, as both sides write it. */
export function makeWebhookSecret(): string {
  return PREFIX + randomBytes(BYTES).toString('base64');
}

/** What is signed with. */
export function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}
