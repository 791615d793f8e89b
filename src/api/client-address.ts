import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** Proxies that are believed when they say whom a request is from: that many in a row, or these networks. */
export type TrustedProxies = number | string[];

/**
 * The same as Fastify takes it. By itself Fastify trusts no mere number: who can
 * reach the API past the proxies could then say what they like. That is for the
 * operator to prevent, and said where the number is set.
 */
export function trust(proxies: TrustedProxies | undefined) {
  if (typeof proxies !== 'number') return proxies ?? false;
  return (_address: string, distance: number) => distance < proxies;
}

const MAPPED_IPV4 = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i;

/** Where no address is known, all who are unknown are one. */
const UNKNOWN = 'unknown';

/**
 * Whom an address stands for. Of IPv6 its first 64 bits: the rest of them is the
 * client's own to choose. Some proxies add a port.
 */
export function clientOf(address: string | undefined): string {
  if (address === undefined) return UNKNOWN;
  const bare = isIPv6(address) || isIPv4(address) ? address : SocketAddress.parse(address)?.address;
  if (bare === undefined) return UNKNOWN;
  if (isIPv4(bare)) return bare;
  return MAPPED_IPV4.exec(bare)?.groups?.ipv4 ?? `${firstHalf(bare)}::/64`;
}

/** The first four of the eight groups, written in one way. */
function firstHalf(ipv6: string): string {
  const [withoutZone = ''] = ipv6.split('%');
  const [left = '', right] = withoutZone.split('::');
  const groups = left.split(':').filter(group => group !== '');
  const after = (right ?? '').split(':').filter(group => group !== '');
  const missing = right === undefined ? 0 : 8 - groups.length - after.length - (right.includes('.') ? 1 : 0);
  const all = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...after];
  return all
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':');
}
