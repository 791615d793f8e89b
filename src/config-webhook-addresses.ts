import type { EnvironmentReader } from './environment.ts';

/** Whether webhooks may go into private networks, and by http: to try them out, or where all receivers are one's own. */
export function allowPrivate(reader: EnvironmentReader): boolean {
  return reader.oneOf('WEBHOOK_ALLOW_PRIVATE', ['0', '1'], '0') === '1';
}
