import { parseArgs } from 'node:util';
import { ConfigError } from '../environment.ts';
import { messageOf } from '../errors.ts';
import { MOST_LANES } from '../lanes.ts';

/** What to do with the lanes: show them, or change their number. */
export interface LanesArguments {
  /** Undefined: only to be shown. */
  readonly resizeTo: number | undefined;
  /** Whether to stay until the old lanes are drained. It is done without us as well. */
  readonly stay: boolean;
}

const OPTIONS = { 'no-wait': { type: 'boolean' }, help: { type: 'boolean' } } as const;

export const LANES_HELP = `npm run lanes                             shows the lanes, what waits on them, and who runs them
npm run lanes -- resize <N> [--no-wait]   changes their number to N, 1 to ${MOST_LANES}

Changing the number of lanes stops nothing. From this moment no old lane takes a
submission: what is accepted goes onto the new lanes, and waits there until the
old ones are empty. The worker processes see to that, whether this command stays
or not; it may be stopped at any point and run again. Reads QUEUE_URL, or
DATABASE_URL where that is not set.

  --no-wait  ends as soon as the change is on record
`;

/** @throws ConfigError with one line */
export function readLanesArguments(args: readonly string[]): LanesArguments {
  const { positionals, values } = parse(args);
  const [command, number, ...rest] = positionals;
  const stay = values['no-wait'] !== true;
  if (command === undefined) return { resizeTo: undefined, stay };
  if (command !== 'resize' || number === undefined || rest.length > 0)
    throw new ConfigError(['usage: npm run lanes, or npm run lanes -- resize <N> [--no-wait]']);
  if (!/^\d{1,4}$/.test(number) || Number(number) < 1 || Number(number) > MOST_LANES)
    throw new ConfigError([`resize needs a whole number from 1 to ${MOST_LANES}, not "${number}"`]);
  return { resizeTo: Number(number), stay };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const [what = ''] = messageOf(error).split(/\. |\n/);
    throw new ConfigError([`${what}; the options are --no-wait and --help`]);
  }
}
