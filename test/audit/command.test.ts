import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type Audited, LANES, openAudited } from './support/audited.ts';

describe('npm run audit', () => {
  it('prints every check and ends with 0 when nothing is wrong', async () => {
    const audited = await openAudited();

    const { code, stdout } = await runAudit(audited);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^4 issues, .*; 4 jobs on 2 lanes, 0 waiting\n/);
    expect(stdout).toMatch(/a user has one profile of a type +ok\n/);
    expect(stdout).toMatch(/nothing is wrong \([\d.]+ s\)\n$/);
  });

  it('shows the rows to look at, without what people wrote, and ends with 1 when something is wrong', async () => {
    const audited = await openAudited();
    const [first, , last] = audited.submissions;
    await audited.sql(`update user_profiles set organization_id = '${audited.submissions[1].organizationId}'
                        where user_id = 'u1'`);

    const { code, stdout } = await runAudit(audited);

    expect(code).toBe(1);
    expect(stdout).toMatch(/a profile has the organization of its user’s last issue +1 wrong\n/);
    expect(stdout).toMatch(
      new RegExp(`\n {2}${last.id} {2}of "u1" {2}the last issue is for ${first.organizationId}`),
    );
    expect(stdout).not.toContain('secret');
  });

  it('prints one JSON object with --json', async () => {
    const audited = await openAudited();
    await audited.sql(`delete from issues where id = '${audited.submissions[0].id}'`);

    const { code, stdout } = await runAudit(audited, ['--json']);

    const checks = [{ name: 'completed_applied', count: 1, suspects: [{ id: audited.submissions[0].id }] }];
    expect(JSON.parse(stdout)).toMatchObject({
      issues: 3,
      checks: expect.arrayContaining([expect.objectContaining({ name: 'order', count: 0 })]),
    });
    expect(JSON.parse(stdout).checks.filter(({ count }: { count: number }) => count > 0)).toMatchObject(
      checks,
    );
    expect(code).toBe(1);
  });

  it.for([['--clock-skew-ms=soon'], ['--fast'], ['again']])(
    'says how it is used when given %s',
    async args => {
      const nowhere = { databaseUrl: 'postgres://nowhere/at-all', queueUrl: 'redis://nowhere' };

      const { code, stdout, stderr } = await runAudit(nowhere, args);

      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('usage: npm run audit -- [--clock-skew-ms N] [--json]');
    },
  );

  it('ends with 2 when it cannot look', async () => {
    const audited = await openAudited();
    const away = audited.databaseUrl.replace(/\/[^/]*$/, '/not_there');

    const { code, stdout, stderr } = await runAudit({ ...audited, databaseUrl: away });

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^issue-intake audit: /);
  });

  it('ends with 2 when the queue store does not answer', async () => {
    const audited = await openAudited();

    const { code, stderr } = await runAudit({ ...audited, queueUrl: 'redis://127.0.0.1:1' });

    expect(code).toBe(2);
    expect(stderr).toMatch(/issue-intake audit: .*\n$/);
  });
});

async function runAudit(
  { databaseUrl, queueUrl }: Pick<Audited, 'databaseUrl' | 'queueUrl'>,
  args: string[] = [],
) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, ['src/main.ts', 'audit', ...args], {
    env: { PATH, NODE_COMPILE_CACHE, DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, LANES: String(LANES) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}
