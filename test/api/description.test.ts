import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { openApp } from './support/open-app.ts';
import { SECRET } from './support/tokens.ts';

/*
 * The API's description is held against the rules that its tools agree on.
 */

const config = await createConfig({
  extends: ['recommended-strict'],
  // What nobody can ask wrongly answers with no 4xx: /healthz and /readyz.
  rules: { 'operation-4xx-response': 'off' },
});

async function faultsOf(description: unknown): Promise<string[]> {
  const problems = await lintFromString({ source: JSON.stringify(description), config });
  return problems.map(({ ruleId, location: [place] }) => `${ruleId} ${place?.pointer}`);
}

test('the description has no fault, with and without the demo sign-in', async () => {
  const production = await openApp();
  const demo = await openApp({ devSignIn: { secret: SECRET, users: [] } });

  for (const { app } of [production, demo]) {
    expect(await faultsOf((await app.inject('/openapi.json')).json())).toEqual([]);
  }
});

test('this test sees faults', async () => {
  const { app } = await openApp();
  const description = (await app.inject('/openapi.json')).json();
  const raise = description.paths['/api/client/issues/raise'].post;

  delete raise.operationId;
  raise.security = [{ unknown: [] }];
  raise.responses[201].content['application/json'].schema.type = 'thing';

  expect((await faultsOf(description)).map(line => line.split(' ')[0]).sort()).toEqual([
    'operation-operationId',
    'security-defined',
    'struct',
  ]);
});
