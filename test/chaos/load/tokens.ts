import { SignJWT } from 'jose';
import { TOKEN_SECRET } from '../../support/tokens.ts';

const secret = new TextEncoder().encode(TOKEN_SECRET);

/** A token that is still good for a process whose clock is an hour ahead. */
export function longTokenOf(userId: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setExpirationTime('24h')
    .sign(secret);
}
