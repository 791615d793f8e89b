import { SignJWT } from 'jose';

export const SECRET = 'a secret for the tests, 32 bytes or more';

/** Of any type, to try wrong ones. Undefined takes a claim out. */
export type Claims = Readonly<Record<string, unknown>>;

/** A good token of a user; `claims` replace or add some. */
export async function tokenOf(userId: string, claims: Claims = {}, secret = SECRET): Promise<string> {
  return new SignJWT({ sub: userId, exp: inSeconds(600), ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
}

export async function bearer(userId: string, claims?: Claims): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${await tokenOf(userId, claims)}` };
}

/** A time as tokens say it. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
