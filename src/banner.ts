import type { StartConfig } from './config.ts';
import { DEMO_ORGANIZATIONS, DEMO_USERS } from './demo-data.ts';

export interface BannerOptions {
  readonly address: string;
  readonly admin: StartConfig['admin'];
  /** Whether /dev/sign-in is there. */
  readonly signIn: boolean;
}

/** What to open, and a command to paste: the first issue in one minute. */
export function banner({ address, admin, signIn }: BannerOptions): string {
  const password = admin.made ? admin.password : '(ADMIN_PASSWORD)';
  return `
  issue-intake is running. Ctrl-C stops it; what is in .data/ stays.

    where to begin         ${address}/
    the API's description  ${address}/docs
    the pipeline           ${address}/admin   user ${admin.user}, password ${password}
    its lanes              ${address}/admin/queues
${signIn ? firstIssue(address) : ''}
`;
}

function firstIssue(address: string): string {
  const [organization] = DEMO_ORGANIZATIONS;
  return `
  Raise an issue as ${DEMO_USERS[0]} (or ${DEMO_USERS.slice(1).join(', ')}) with ${organization.name}, and wait for it:

    TOKEN=$(curl -s ${address}/dev/sign-in -H 'content-type: application/json' -d '{"userId":"${DEMO_USERS[0]}"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    curl -s ${address}/api/client/issues/raise -H "authorization: Bearer $TOKEN" -H 'prefer: wait=5' \\
      -H 'content-type: application/json' -d '{"organizationId":"${organization.id}","title":"The tap drips"}'
`;
}
