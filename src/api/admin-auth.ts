import { createHash, timingSafeEqual } from 'node:crypto';
import basicAuth from '@fastify/basic-auth';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';

export interface AdminCredentials {
  readonly user: string;
  readonly password: string;
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
  { user, password }: AdminCredentials,
): Promise<void> {
  const expectedUser = digest(user);
  const expectedPassword = digest(password);

  await app.register(basicAuth, {
    authenticate: { realm: 'issue-intake' },
    validate(givenUser, givenPassword, _request, _reply, done) {
      // Digests have one length, and both are always compared: the time taken tells nothing.
      const userIsRight = timingSafeEqual(digest(givenUser), expectedUser);
      const passwordIsRight = timingSafeEqual(digest(givenPassword), expectedPassword);
      done(userIsRight && passwordIsRight ? undefined : new AdminCredentialsWrongError());
    },
  });
  app.addHook('onRequest', app.basicAuth);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
