import { parseArgs } from 'node:util';
import { ConfigError } from '../environment.ts';
import { messageOf } from '../errors.ts';

/** Which refusals to redrive: those that match all that is given. */
export interface Selection {
  readonly code: string | undefined;
  readonly userId: string | undefined;
}

export interface RedriveArguments {
  readonly selection: Selection;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
}

const OPTIONS = {
  code: { type: 'string' },
  user: { type: 'string' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

export const REDRIVE_HELP = `npm run redrive -- [--code <code>] [--user <id>] [--dry-run]

Puts submissions that were rejected or failed on their lanes again, to be decided anew.

  --code <code>  only those refused with this code, such as organization_inactive
  --user <id>    only those of this user
  --dry-run      says what would be done, and does nothing

The lane went on after a refusal, and each issue stands for itself: a redriven
submission takes its place at the end of its lane, behind what its user has sent
since. A user's redriven submissions keep their order among themselves.
It may be stopped at any point and run again. Reads DATABASE_URL, QUEUE_URL and LANES.
`;

/** @throws ConfigError with one line */
export function readRedriveArguments(args: readonly string[]): RedriveArguments {
  const { code, user: userId, 'dry-run': dryRun = false } = parse(args);
  if (code === '') throw new ConfigError(['--code needs a code, such as organization_inactive']);
  if (userId === '') throw new ConfigError(['--user needs the id of a user']);
  return { selection: { code, userId }, dryRun };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const [what = ''] = messageOf(error).split(/\. |\n/);
    const names = Object.keys(OPTIONS).map(name => `--${name}`);
    throw new ConfigError([`${what}; the options are ${names.join(', ')}`]);
  }
}
