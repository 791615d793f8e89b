import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../public-addresses.ts';

/*
 * Finds the addresses of a name for a connection that is about to be made, and
 * refuses the name if one of them is not public. What is checked is what is
 * connected to: there is no moment between the two in which the name could lead
 * elsewhere (DNS rebinding).
 *
 * It asks the name servers itself. The system's own way would take what
 * /etc/hosts says, and would keep one of the process's four threads for as long
 * as a name server is silent: some slow names, and all the others wait.
 */

const TIMEOUT_MS = 2_000;
const TRIES = 2;

/** A name leads to an address that no webhook is sent to. */
export class AddressNotPublicError extends Error {
  override readonly name = 'AddressNotPublicError';

  constructor() {
    super('its name leads to an address that is not public');
  }
}

/** @param nameServers those of a test; without them, the system's */
export function openPublicLookup(nameServers?: readonly string[]): LookupFunction {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (nameServers !== undefined) resolver.setServers(nameServers);
  return (name, { all }, callback) => {
    publicAddresses(resolver, name).then(
      ([first, ...others]) => {
        if (all) callback(null, [first, ...others]);
        else callback(null, first.address, first.family);
      },
      error => callback(error, ''),
    );
  };
}

/** @throws AddressNotPublicError, or the resolver's error when the name has no address */
async function publicAddresses(
  resolver: Resolver,
  name: string,
): Promise<[LookupAddress, ...LookupAddress[]]> {
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const [first, ...others] = [...found(four, 4), ...found(six, 6)];
  if (first === undefined) throw four.status === 'rejected' ? four.reason : new Error('no address');
  const addresses: [LookupAddress, ...LookupAddress[]] = [first, ...others];
  if (!addresses.every(({ address }) => isPublicAddress(address))) throw new AddressNotPublicError();
  return addresses;
}

/** Most names have addresses of one family only, and that of the other is an error. */
function found(asked: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return asked.status === 'fulfilled' ? asked.value.map(address => ({ address, family })) : [];
}
