import { expect, test } from 'vitest';
import { openApp } from './support/open-app.ts';
import { SECRET } from './support/tokens.ts';

const TOKENS = { key: { secret: SECRET }, issuer: 'me', audience: 'you' };
const signIn = (payload: object) => ({ method: 'POST', url: '/dev/sign-in', payload }) as const;

test('anybody signs in as anybody, where that is allowed', async () => {
  const { app, intake } = await openApp({
    tokens: TOKENS,
    devSignIn: { ...TOKENS, secret: SECRET, users: [] },
  });

  const { token } = (await app.inject(signIn({ userId: 'ada' }))).json();
  await app.inject({
    method: 'POST',
    url: '/api/client/issues/raise',
    headers: { authorization: `Bearer ${token}` },
    payload: { organizationId: crypto.randomUUID(), title: 't' },
  });

  expect(intake.accepted).toMatchObject([{ userId: 'ada' }]);
});

test('elsewhere there is no such address', async () => {
  const { app } = await openApp();

  expect((await app.inject(signIn({ userId: 'ada' }))).statusCode).toBe(404);
});

test.each([{}, { userId: '' }, { userId: 7 }, { userId: 'x'.repeat(129) }, { userId: 'a', role: 'admin' }])(
  '%o signs nobody in',
  async payload => {
    const { app } = await openApp({ devSignIn: { secret: SECRET, users: [] } });

    expect((await app.inject(signIn(payload))).json()).toMatchObject({
      status: 400,
      code: 'validation_failed',
    });
  },
);
