import { isIP } from 'node:net';
import { isPublicAddress } from './public-addresses.ts';

/*
 * What the URL of an endpoint may be. A name in it is not resolved here: what it
 * leads to can change at any time, so that is looked at for each connection
 * (public-lookup.ts). An address in it never gets there, so it is checked here.
 */

export type CheckedUrl = { readonly url: URL } | { readonly mistake: string };

/**
 * @param allowPrivate whether it may lead into private networks, and be http
 * @returns the URL, or what it must be
 */
export function checkEndpointUrl(text: string, allowPrivate: boolean): CheckedUrl {
  const url = URL.parse(text);
  const schemes = allowPrivate ? ['https:', 'http:'] : ['https:'];
  if (url === null || !schemes.includes(url.protocol)) return { mistake: MUST_BE_HTTPS };
  if (url.username !== '' || url.password !== '') return { mistake: 'must not hold a user or a password' };
  if (!allowPrivate && isPrivateAddress(url.hostname)) return { mistake: 'must not be of a private network' };
  return { url };
}

const MUST_BE_HTTPS = 'must be a URL like https://crm.example/hooks';

/** `URL` has already made 127.1 and 0x7f000001 the address that they mean. */
function isPrivateAddress(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) !== 0 && !isPublicAddress(address);
}
