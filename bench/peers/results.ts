import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Findings } from './judge.ts';
import type { Machine } from './machine.ts';
import type { AddRates } from './measure-add.ts';
import type { Scenario } from './measure-order.ts';
import type { Peer } from './peer.ts';
import type { Scale } from './scale.ts';

const FOLDER = new URL('../results/', import.meta.url);

export interface PeerResult extends Pick<Peer, 'name' | 'how' | 'version' | 'options' | 'failsIn'> {
  /** Submissions a second, one figure for each round. */
  readonly drain: { readonly oneProcess: number[]; readonly twoProcesses: number[] };
  readonly adds: AddRates;
  readonly order: Readonly<Record<Scenario, Findings>>;
}

export interface Results {
  readonly at: string;
  /** Every peer at full scale. */
  readonly whole: boolean;
  readonly seconds: number;
  readonly machine: Machine;
  readonly settings: Readonly<Record<'redis' | 'postgres', Readonly<Record<string, string>>>>;
  readonly scale: Scale;
  readonly peers: readonly PeerResult[];
}

/**
 * A whole run's figures are kept; those of any other are for looking at.
 *
 * @returns the file's path
 */
export function writeResults(results: Results): string {
  const folder = results.whole ? FOLDER : new URL('tmp/', FOLDER);
  mkdirSync(folder, { recursive: true });
  const stamp = results.at.replaceAll(/[-:]|\.\d+/g, '');
  const file = new URL(`peers-${stamp}.json`, folder);
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  return file.pathname;
}

/** Those of the newest whole run, or undefined. */
export function newestResults(): Results | undefined {
  // The time is in the name, and sorts as text does.
  const newest = listResults().sort().at(-1);
  return newest === undefined
    ? undefined
    : (JSON.parse(readFileSync(new URL(newest, FOLDER), 'utf8')) as Results);
}

function listResults(): string[] {
  try {
    return readdirSync(FOLDER).filter(name => /^peers-.*\.json$/.test(name));
  } catch {
    return [];
  }
}
