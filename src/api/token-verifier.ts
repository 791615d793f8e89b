import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { IntakeError } from '../errors.ts';
import { issuerKeys } from './issuer-keys.ts';
import {
  TokenBadSignatureError,
  TokenExpiredError,
  TokenMalformedError,
  TokenNeverExpiresError,
  TokenNotYetValidError,
  TokenSubjectInvalidError,
  TokenWrongAlgorithmError,
  TokenWrongAudienceError,
  TokenWrongIssuerError,
} from './token-errors.ts';
import { VerifiedTokens } from './verified-tokens.ts';

/*
 * Who sent a request, by its JSON Web Token (RFC 7519). One kind of key is
 * configured and only its algorithms are taken, so that nobody signs with HS256
 * and a public key as the secret. A token must say when it expires: one that
 * never does cannot be taken back.
 */

export interface TokenOptions {
  /** A shared secret for HS256, or where the issuer lists its keys for RS256 and ES256. */
  readonly key: { readonly secret: string } | { readonly jwksUrl: string };
  /** Checked where set. */
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

/** The user behind a request. */
export interface Caller {
  readonly userId: string;
  readonly email?: string;
}

export interface TokenVerifier {
  /** The caller of a token that was verified a moment ago. Costs a look into a map. */
  recall(token: string): Caller | undefined;
  /** @throws one of the errors of token-errors.ts */
  verify(token: string): Promise<Caller>;
}

const MOST_SUBJECT_CHARACTERS = 128;
const MOST_EMAIL_CHARACTERS = 320;

/** The issuer's clock may be ahead of ours. For `exp` there is no such kindness. */
const NOT_BEFORE_LEEWAY_SECONDS = 5;

/** Prepares to verify tokens. Fetches nothing before the first one comes. */
export async function openTokenVerifier({ key, issuer, audience }: TokenOptions): Promise<TokenVerifier> {
  const algorithms = 'secret' in key ? ['HS256'] : ['RS256', 'ES256'];
  const getKey = 'secret' in key ? await hs256Key(key.secret) : issuerKeys(key.jwksUrl);
  const options = {
    algorithms,
    requiredClaims: ['exp'],
    clockTolerance: NOT_BEFORE_LEEWAY_SECONDS,
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  const verified = new VerifiedTokens();

  return {
    recall: token => verified.get(token),
    async verify(token) {
      const { payload } = await jwtVerify(token, getKey, options).catch(error => {
        throw tokenError(error, algorithms);
      });
      const expiresAt = (payload.exp ?? 0) * 1000;
      // As after `"exp":1e999`.
      if (!Number.isFinite(expiresAt)) throw new TokenNeverExpiresError();
      if (expiresAt <= Date.now()) throw new TokenExpiredError();
      const caller = callerOf(payload);
      verified.add(token, caller, expiresAt);
      return caller;
    },
  };
}

/** Imported once: jose would import a bare secret again for each token. */
async function hs256Key(secret: string): Promise<JWTVerifyGetKey> {
  const bytes = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
  return async () => key;
}

function callerOf({ sub, email }: JWTPayload): Caller {
  if (!isText(sub, MOST_SUBJECT_CHARACTERS)) throw new TokenSubjectInvalidError();
  // The user is who counts: an address that we cannot keep is no reason to turn them away.
  return isText(email, MOST_EMAIL_CHARACTERS) ? { userId: sub, email } : { userId: sub };
}

/** Characters as PostgreSQL counts them, and only such as it can store. */
function isText(value: unknown, mostCharacters: number): value is string {
  if (typeof value !== 'string' || value === '' || value.length > 2 * mostCharacters) return false;
  if (value.includes('\0') || !value.isWellFormed()) return false;
  return value.length <= mostCharacters || [...value].length <= mostCharacters;
}

function tokenError(error: unknown, algorithms: readonly string[]): unknown {
  if (error instanceof IntakeError) return error;
  if (error instanceof errors.JWTExpired) return new TokenExpiredError();
  if (error instanceof errors.JWTClaimValidationFailed) return claimError(error.claim, error.reason);
  if (error instanceof errors.JOSEAlgNotAllowed) return new TokenWrongAlgorithmError(algorithms);
  if (error instanceof errors.JWSSignatureVerificationFailed) return new TokenBadSignatureError();
  if (error instanceof errors.JOSEError) return new TokenMalformedError();
  return error;
}

function claimError(claim: string, reason: string): Error {
  if (claim === 'iss') return new TokenWrongIssuerError();
  if (claim === 'aud') return new TokenWrongAudienceError();
  if (claim === 'exp') return new TokenNeverExpiresError();
  if (claim === 'nbf' && reason === 'check_failed') return new TokenNotYetValidError();
  return new TokenMalformedError();
}
