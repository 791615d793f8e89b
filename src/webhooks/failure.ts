import { AddressNotPublicError } from './public-lookup.ts';

/** What went wrong, by the code of the error. */
const KINDS: readonly [RegExp, string][] = [
  [/^(ENOTFOUND|ENODATA|ESERVFAIL|EREFUSED|ETIMEOUT|EAI_)/, 'its name cannot be resolved'],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL)$/, 'it cannot be reached'],
  [/^(CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERR_TLS_CERT_)/, 'its TLS certificate is not trusted'],
  [/^HPE_/, 'what it answered is not HTTP'],
];

/** Why there is no answer, for people. Nothing that the other side has written is in it. */
export function failureOf(error: Error): string {
  if (error instanceof AddressNotPublicError) return error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const kind = KINDS.find(([codes]) => codes.test(code))?.[1] ?? 'the connection broke';
  return `${kind} (${code})`;
}
