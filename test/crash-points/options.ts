import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { FLEETS } from './plan.ts';
import { POINTS, type Point } from './points.ts';

export interface CommandOptions {
  readonly runs: number;
  readonly seed: number;
  readonly points: readonly Point[];
  /** How many fleets there are side by side. */
  readonly fleets: number;
  /** The JSON report; the Markdown one lies beside it. */
  readonly out: string | undefined;
}

const DEFAULT_FLEETS = 6;

const USAGE = `npm run crash-points -- [options]
  --runs N       how many (540: each point ${540 / POINTS.length} times)
  --seed N       the same seed gives the same runs (a random one)
  --points a,b   only these: ${POINTS.map(({ name }) => name).join(', ')}
  --fleets N     how many side by side, 1 to ${FLEETS.length} (${DEFAULT_FLEETS})
  --out FILE     where the report goes, as JSON, with a .md beside it`;

/** @throws Error when an option is not known or not what it should be */
export function readOptions(args: readonly string[]): CommandOptions {
  const { runs, seed, points, fleets, out } = parse(args);
  const fleetCount = whole('fleets', fleets ?? String(DEFAULT_FLEETS));
  if (fleetCount > FLEETS.length) throw new Error(`--fleets must be at most ${FLEETS.length}`);
  return {
    runs: whole('runs', runs ?? '540'),
    seed: whole('seed', seed ?? String(1 + Math.floor(Math.random() * 1e6))),
    points: points === undefined ? POINTS : points.split(',').map(pointNamed),
    fleets: fleetCount,
    out,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { runs: text, seed: text, points: text, fleets: text, out: text };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new Error(`${messageOf(cause)}\n\n${USAGE}`, { cause });
  }
}

function pointNamed(text: string): Point {
  const found = POINTS.find(({ name }) => name === text.trim());
  if (found === undefined) throw new Error(`there is no point "${text}"\n\n${USAGE}`);
  return found;
}

function whole(name: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${name} must be a whole number above 0, not "${value}"`);
  return Number(value);
}
