import { SignJWT } from 'jose';

export const TOKEN_SECRET = 'a secret that is long enough for HS256, and known to the tests only';

/** A good access token of a user, for an hour or as long as is said. */
export function tokenOf(userId: string, lifetime = '1h'): Promise<string> {
  return tokenUntil(userId, lifetime);
}

/** One that was good until an hour ago. */
export function expiredTokenOf(userId: string): Promise<string> {
  return tokenUntil(userId, '-1h');
}

function tokenUntil(userId: string, expiration: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setExpirationTime(expiration)
    .sign(new TextEncoder().encode(TOKEN_SECRET));
}
