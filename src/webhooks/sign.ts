import { createHmac } from 'node:crypto';
import { keyOf } from '../webhook-secret.ts';

/**
 * The headers that tell a receiver which message this is, when it was sent and by
 * whom, after Standard Webhooks 1.0.
 *
 * @param secrets each signs, so that a receiver may know any of them
 * @param now milliseconds
 */
export function signedHeaders(id: string, body: string, secrets: readonly string[], now: number) {
  const timestamp = String(Math.floor(now / 1000));
  const signed = `${id}.${timestamp}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(secret => signature(secret, signed)).join(' '),
  };
}

function signature(secret: string, signed: string): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(signed).digest('base64')}`;
}
