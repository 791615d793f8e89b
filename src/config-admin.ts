import { makeSecret } from './config-variables.ts';
import { allowPrivate } from './config-webhook-addresses.ts';
import type { EnvironmentReader } from './environment.ts';

/*
 * The administrator: who it is, and what is shown and allowed on /admin.
 */

export interface AdminConfig {
  readonly user: string;
  readonly password: string;
  /** Whether titles and descriptions are shown; they are other people's words, on a page that stays open. */
  readonly showContent: boolean;
  /** Whether a submission can be redriven, a job retried, and a webhook changed. */
  readonly allowActions: boolean;
  /** Whether a webhook may lead into a private network. */
  readonly allowPrivateWebhooks: boolean;
}

/** Undefined without a password. */
export function admin(reader: EnvironmentReader, actions: '0' | '1' = '0'): AdminConfig | undefined {
  const given = { user: adminUser(reader), ...permissions(reader, actions) };
  const password = reader.text('ADMIN_PASSWORD');
  return password === undefined ? undefined : { ...given, password };
}

/** Where whoever starts it is the administrator: actions are allowed, and `made` says that nobody knows the password yet. */
export function startAdmin(reader: EnvironmentReader): AdminConfig & { readonly made: boolean } {
  const given = admin(reader, '1');
  if (given !== undefined) return { ...given, made: false };
  return { user: adminUser(reader), password: makeSecret(12), ...permissions(reader, '1'), made: true };
}

function adminUser(reader: EnvironmentReader): string {
  const user = reader.text('ADMIN_USER') ?? 'admin';
  if (user.includes(':'))
    reader.mistake('ADMIN_USER', `must not hold a colon, as ${JSON.stringify(user)} does`);
  return user;
}

function permissions(reader: EnvironmentReader, actions: '0' | '1') {
  return {
    showContent: reader.oneOf('ADMIN_SHOW_CONTENT', ['0', '1'], '0') === '1',
    allowActions: reader.oneOf('ADMIN_ACTIONS', ['0', '1'], actions) === '1',
    allowPrivateWebhooks: allowPrivate(reader),
  };
}
