import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { within } from '../within.ts';
import { TokenKeysUnavailableError, TokenUnknownKeyError } from './token-errors.ts';

/*
 * The keys that an issuer lists. jose fetches them and finds the one that fits;
 * when they are fetched again is decided here:
 *
 * - what is older than `FRESH_MS` is fetched before it is used, so a key that the
 *   issuer has withdrawn is honoured no longer than that;
 * - a token with a key that is not listed has them fetched at once, but no more
 *   often than every `PAUSE_MS`, whatever comes: a new key is known immediately;
 * - an issuer that is away does no harm for `KEEP_MS`: the keys that we have are
 *   used, and nobody waits for it twice within `PAUSE_MS`.
 */

export const FRESH_MS = 5 * 60_000;
export const PAUSE_MS = 10_000;
export const KEEP_MS = 24 * 60 * 60_000;

const FETCH_TIMEOUT_MS = 3_000;
/** With keys at hand, nobody waits longer than this for newer ones. */
const REFRESH_TIMEOUT_MS = 1_000;
/** Some hundred keys. */
const MOST_BYTES = 256 * 1024;

/**
 * Finds the key that a token is signed with. Fetches nothing before the first token comes.
 *
 * @throws TokenUnknownKeyError, TokenKeysUnavailableError
 */
export function issuerKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
    [customFetch]: fetchBounded,
  });
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;

  const fetchKeys = async () => {
    triedAt = Date.now();
    await keys.reload();
    fetchedAt = Date.now();
  };
  const mayTry = () => Date.now() - triedAt >= PAUSE_MS;
  const freshen = async () => {
    const age = Date.now() - fetchedAt;
    if (age < FRESH_MS) return;
    if (age >= KEEP_MS) await fetchKeys();
    else if (mayTry()) await within(REFRESH_TIMEOUT_MS, fetchKeys()).catch(() => {});
  };

  return async (header, token) => {
    try {
      await freshen();
      return await keys(header, token);
    } catch (cause) {
      if (!(cause instanceof errors.JWKSNoMatchingKey)) throw refusal(cause);
    }
    try {
      if (mayTry() || keys.reloading) await fetchKeys();
      return await keys(header, token);
    } catch (cause) {
      throw refusal(cause);
    }
  };
}

function refusal(cause: unknown): Error {
  const isUnknown =
    cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys;
  return isUnknown ? new TokenUnknownKeyError() : new TokenKeysUnavailableError({ cause });
}

/** @throws when the answer is longer than keys can be */
async function fetchBounded(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (response.body === null) return response;
  let bytes = 0;
  const bounded = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MOST_BYTES)
        controller.error(new Error(`the issuer's keys are longer than ${MOST_BYTES} bytes`));
      else controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(bounded), response);
}
