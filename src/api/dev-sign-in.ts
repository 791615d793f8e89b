import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { SignJWT } from 'jose';
import { Type } from 'typebox';
import { problems } from './responses.ts';

/** Signs anybody in as anybody: for `npm start` alone. */
export interface DevSignInOptions {
  readonly secret: string;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Whom the page offers to sign in as. */
  readonly users: readonly string[];
}

const LIFETIME = '12h';

const SignIn = Type.Object(
  { userId: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
);

const schema = {
  operationId: 'devSignIn',
  tags: ['development'],
  summary: 'A token for any user; exists in `npm start` only',
  security: [],
  body: SignIn,
  response: { 200: Type.Object({ token: Type.String() }), ...problems(400, 413, 415) },
};

/** POST /dev/sign-in: a token for the user who is named. */
export const devSignIn: FastifyPluginAsyncTypebox<DevSignInOptions> = async (app, options) => {
  const secret = new TextEncoder().encode(options.secret);

  app.post('/dev/sign-in', { schema }, async request => {
    const token = new SignJWT()
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(request.body.userId)
      .setIssuedAt()
      .setExpirationTime(LIFETIME);
    if (options.issuer !== undefined) token.setIssuer(options.issuer);
    if (options.audience !== undefined) token.setAudience(options.audience);
    return { token: await token.sign(secret) };
  });
};
