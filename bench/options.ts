import { parseArgs } from 'node:util';

/** How much of everything one run does. */
export interface Sizes {
  /** Submissions queued before the clock of *apply* starts, and those that are not counted. */
  readonly queued: number;
  readonly warmUp: number;
  /** The slow one of a comparison is not waited for longer than this. */
  readonly applySeconds: number;
  /** Of one load phase: what is measured, and what runs before. */
  readonly loadSeconds: number;
  readonly loadWarmUpSeconds: number;
  readonly joinQueued: number;
  /** *fleet*: before something happens, and what is watched after it. */
  readonly settleSeconds: number;
  readonly joinWatchSeconds: number;
  readonly killWatchSeconds: number;
  readonly memoryQueued: number;
  readonly embeddedQueued: number;
}

export interface Options {
  readonly only: readonly string[] | undefined;
  readonly quick: boolean;
  /** Only writes the documents again, from the newest full run or from this file. */
  readonly render: boolean;
  readonly from: string | undefined;
  readonly rounds: number;
  readonly sizes: Sizes;
}

const FULL: Sizes = {
  queued: 12_000,
  warmUp: 1000,
  applySeconds: 5,
  loadSeconds: 5,
  loadWarmUpSeconds: 1.5,
  joinQueued: 40_000,
  settleSeconds: 5,
  joinWatchSeconds: 12,
  killWatchSeconds: 15,
  memoryQueued: 500_000,
  embeddedQueued: 4000,
};

const QUICK: Sizes = {
  queued: 3000,
  warmUp: 500,
  applySeconds: 1.5,
  loadSeconds: 1.5,
  loadWarmUpSeconds: 0.5,
  joinQueued: 12_000,
  settleSeconds: 3,
  joinWatchSeconds: 8,
  killWatchSeconds: 10,
  memoryQueued: 20_000,
  embeddedQueued: 800,
};

export const USAGE = `npm run bench -- [options]
  --only a,b    only these measurements
  --rounds N    how often each is measured (3; with --quick 1)
  --quick       small sizes: shows that it works, the figures mean little
  --render      measures nothing, writes the documents again from the newest full run
  --from FILE   ... or from this file of figures`;

/** @throws Error when an option is not known or not what it should be */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      render: { type: 'boolean', default: false },
      from: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds must be 1 or more, not "${values.rounds}"`);
  return {
    only: values.only?.split(',').map(name => name.trim()),
    quick: values.quick,
    render: values.render,
    from: values.from,
    rounds,
    sizes: values.quick ? QUICK : FULL,
  };
}
