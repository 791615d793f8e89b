import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';

export interface ChaosOptions {
  /** How long faults strike. */
  readonly minutes: number;
  readonly seed: number;
  /** Undefined: all of them. */
  readonly faults: readonly string[] | undefined;
  /** Users at a time. */
  readonly users: number;
  /** Submissions a second, when nothing is in their way. */
  readonly perSecond: number;
  readonly lanes: number;
  /** Most faults at a time. */
  readonly together: number;
  /** How often each fault strikes; undefined: once for every four minutes. */
  readonly rounds?: number | undefined;
}

export interface CommandOptions extends ChaosOptions {
  /** The JSON report; the Markdown one lies beside it. */
  readonly out: string | undefined;
}

const USAGE = `npm run chaos -- [options]
  --minutes N    how long faults strike (20)
  --seed N       the same seed gives the same schedule (a random one)
  --faults a,b   only these
  --users N      users at a time (300)
  --rate N       submissions a second when all is well (80)
  --together N   most faults at a time (3)
  --rounds N     how often each fault strikes (once for every 4 minutes)
  --out FILE     where the report goes (test/chaos/results/<time>.json), with a .md beside it`;

/** @throws Error when an option is not known or not what it should be */
export function readOptions(args: readonly string[]): CommandOptions {
  const values = parse(args);
  return {
    minutes: positive('minutes', values.minutes ?? '20'),
    seed: positive('seed', values.seed ?? String(1 + Math.floor(Math.random() * 1e6))),
    faults: values.faults?.split(',').map(name => name.trim()),
    users: positive('users', values.users ?? '300'),
    perSecond: positive('rate', values.rate ?? '80'),
    together: positive('together', values.together ?? '3'),
    rounds: values.rounds === undefined ? undefined : positive('rounds', values.rounds),
    lanes: 16,
    out: values.out,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    minutes: text,
    seed: text,
    faults: text,
    users: text,
    rate: text,
    together: text,
    rounds: text,
    out: text,
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new Error(`${messageOf(cause)}\n\n${USAGE}`, { cause });
  }
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0, not "${value}"`);
  return number;
}
