import { ApiError } from './api-error.ts';

/*
 * Why a request is not let in (RFC 6750). Messages are fixed texts: they go into
 * a header, and must never repeat what the token said.
 */

abstract class TokenError extends ApiError {
  override readonly status = 401;
  override readonly title: string = 'The access token is not accepted';

  override get headers() {
    return {
      'www-authenticate': `Bearer realm="issue-intake", error="invalid_token", error_description="${this.message}"`,
    };
  }
}

/** Whether the client is to blame, and not the issuer who does not answer. */
export function isBadToken(error: unknown): boolean {
  return error instanceof TokenError;
}

export class TokenMissingError extends TokenError {
  override readonly code = 'token_missing';
  override readonly title = 'An access token is needed';

  constructor() {
    super('send the header Authorization: Bearer <token>');
  }

  /** A request without credentials is told the scheme only (RFC 6750, 3.1). */
  override get headers() {
    return { 'www-authenticate': 'Bearer realm="issue-intake"' };
  }
}

export class TokenMalformedError extends TokenError {
  override readonly code = 'token_malformed';

  constructor() {
    super('the token is not a signed JSON Web Token');
  }
}

export class TokenWrongAlgorithmError extends TokenError {
  override readonly code = 'token_wrong_algorithm';

  constructor(algorithms: readonly string[]) {
    super(`the token must be signed with ${algorithms.join(' or ')}`);
  }
}

export class TokenBadSignatureError extends TokenError {
  override readonly code = 'token_bad_signature';

  constructor() {
    super('the signature of the token is wrong');
  }
}

export class TokenUnknownKeyError extends TokenError {
  override readonly code = 'token_unknown_key';

  constructor() {
    super('the token is signed with a key that its issuer does not list');
  }
}

export class TokenExpiredError extends TokenError {
  override readonly code = 'token_expired';

  constructor() {
    super('the token has expired; get a new one');
  }
}

export class TokenNeverExpiresError extends TokenError {
  override readonly code = 'token_never_expires';

  constructor() {
    super('the token must have an exp claim, in seconds since 1970');
  }
}

export class TokenNotYetValidError extends TokenError {
  override readonly code = 'token_not_yet_valid';

  constructor() {
    super('the token is not valid yet; see its nbf claim');
  }
}

export class TokenWrongIssuerError extends TokenError {
  override readonly code = 'token_wrong_issuer';

  constructor() {
    super('the token comes from another issuer; see its iss claim');
  }
}

export class TokenWrongAudienceError extends TokenError {
  override readonly code = 'token_wrong_audience';

  constructor() {
    super('the token is meant for another audience; see its aud claim');
  }
}

export class TokenSubjectInvalidError extends TokenError {
  override readonly code = 'token_subject_invalid';

  constructor() {
    super('the sub claim must be a text of 1 to 128 characters without U+0000 or lone surrogates');
  }
}

/** The keys to check tokens with cannot be fetched: nobody can be let in, and nobody is to blame. */
export class TokenKeysUnavailableError extends ApiError {
  override readonly code = 'token_keys_unavailable';
  override readonly status = 503;
  override readonly title = 'The keys to check tokens with cannot be reached';

  constructor(options?: ErrorOptions) {
    super('the issuer of the tokens did not give its keys; try again', options);
  }
}
