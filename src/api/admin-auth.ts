import { createHash, timingSafeEqual } from 'node:crypto';
import basicAuth from '@fastify/basic-auth';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';
import type { AttemptLimits } from './attempt-limit.ts';
import { clientOf } from './client-address.ts';
import { SignInGuard } from './sign-in-guard.ts';

export interface AdminCredentials {
  readonly user: string;
  readonly password: string;
}

export interface AdminOptions extends AdminCredentials {
  readonly attempts?: AttemptLimits | undefined;
}

class AdminCredentialsWrongError extends ApiError {
  override readonly code = 'admin_credentials_wrong';
  override readonly status = 401;
  override readonly title = 'User or password is wrong';

  constructor() {
    super('user or password is wrong');
  }
}

/** Lets only the administrator through to the routes of this scope, by HTTP basic authentication. */
export async function requireAdmin(
  app: FastifyInstance,
  { user, password, attempts }: AdminOptions,
): Promise<void> {
  const expectedUser = digest(user);
  const expectedPassword = digest(password);
  const guard = new SignInGuard(attempts?.wrongPasswords);

  await app.register(basicAuth, {
    authenticate: { realm: 'issue-intake' },
    validate(givenUser, givenPassword, request, _reply, done) {
      const userDigest = digest(givenUser);
      const attempt = { client: clientOf(request.ip), name: userDigest.toString('base64') };
      const refused = guard.refusal(attempt);
      if (refused !== undefined) return done(refused);
      // Digests have one length, and both are always compared: the time taken tells nothing.
      const userIsRight = timingSafeEqual(userDigest, expectedUser);
      const passwordIsRight = timingSafeEqual(digest(givenPassword), expectedPassword);
      const isRight = userIsRight && passwordIsRight;
      guard.tried(attempt, isRight);
      done(isRight ? undefined : new AdminCredentialsWrongError());
    },
  });
  app.addHook('onRequest', app.basicAuth);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
