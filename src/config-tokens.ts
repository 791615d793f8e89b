import type { EnvironmentReader } from './environment.ts';

/** How access tokens are checked. */
export interface TokenConfig {
  readonly key: { readonly secret: string } | { readonly jwksUrl: string };
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
}

/** As long as HS256's digest (RFC 7518, 3.2). */
const SHORTEST_SECRET_BYTES = 32;

const JWKS = { schemes: ['https', 'http'], example: 'https://issuer.example/.well-known/jwks.json' };

/** @param secret used where neither a secret nor a JWKS URL is set; without it, one of them must be */
export function tokens(reader: EnvironmentReader, secret?: string): TokenConfig {
  const jwksUrl = reader.url('JWT_JWKS_URL', JWKS);
  const hasJwks = reader.text('JWT_JWKS_URL') !== undefined;
  const given = jwtSecret(reader);
  if (hasJwks && given !== undefined) {
    reader.mistake('JWT_SECRET', 'and JWT_JWKS_URL exclude each other; unset one of them');
  }
  const usable = given ?? (hasJwks ? '' : secret);
  const expected = `at least ${SHORTEST_SECRET_BYTES} bytes; or set JWT_JWKS_URL`;
  return {
    key: jwksUrl === undefined ? { secret: reader.required('JWT_SECRET', expected, usable) } : { jwksUrl },
    issuer: reader.text('JWT_ISSUER'),
    audience: reader.text('JWT_AUDIENCE'),
  };
}

function jwtSecret(reader: EnvironmentReader): string | undefined {
  const secret = reader.text('JWT_SECRET');
  const bytes = Buffer.byteLength(secret ?? '');
  if (secret !== undefined && bytes < SHORTEST_SECRET_BYTES) {
    reader.mistake('JWT_SECRET', `must have at least ${SHORTEST_SECRET_BYTES} bytes, not ${bytes}`);
  }
  return secret;
}
