import { BlockList, isIPv4, isIPv6 } from 'node:net';

/*
 * What is not the public Internet, after IANA's registries of special-purpose
 * addresses (RFC 6890). A webhook that led there would let whoever names its URL
 * reach what only this service can: other services, the metadata of a cloud.
 */

const SPECIAL_IPV4 = blockList('ipv4', [
  '0.0.0.0/8', // this host
  '10.0.0.0/8',
  '100.64.0.0/10', // shared by a carrier's customers
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, and the metadata of clouds
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24', // documentation, as two below
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16',
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]);

/**
 * All that is public, but for the special ones below. So whatever holds an IPv4
 * address in another form (mapped, NAT64), and loopback, link-local, unique-local
 * and multicast addresses are left out without being listed.
 */
const GLOBAL_IPV6 = blockList('ipv6', ['2000::/3']);

const SPECIAL_IPV6 = blockList('ipv6', [
  '2001::/23', // protocols' own, Teredo among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address in another form
  '3fff::/20', // documentation
]);

/** Whether an IP address is one of the public Internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !SPECIAL_IPV4.check(address);
  // With a zone (fe80::1%eth0) it is of one link only.
  if (!isIPv6(address) || address.includes('%')) return false;
  return GLOBAL_IPV6.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6');
}

function blockList(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
