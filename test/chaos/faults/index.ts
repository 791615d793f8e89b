import { CLOCK_FAULTS } from './clock.ts';
import type { Fault } from './fault.ts';
import { LANE_FAULTS } from './lanes.ts';
import { NETWORK_FAULTS } from './network.ts';
import { POSTGRES_FAULTS } from './postgres.ts';
import { PROCESS_FAULTS } from './processes.ts';
import { REDIS_FAULTS } from './redis.ts';

export const FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...REDIS_FAULTS,
  ...POSTGRES_FAULTS,
  ...NETWORK_FAULTS,
  ...CLOCK_FAULTS,
  ...LANE_FAULTS,
];

/** @throws when there is no fault of a name */
export function faultsNamed(names: readonly string[] | undefined): readonly Fault[] {
  const unknown = names?.filter(name => !FAULTS.some(fault => fault.name === name)) ?? [];
  if (unknown.length > 0) {
    const known = FAULTS.map(({ name }) => name).join(', ');
    throw new Error(`there is no fault ${unknown.join(', ')}; there are ${known}`);
  }
  return FAULTS.filter(({ name }) => names?.includes(name) ?? true);
}
