import { execFile } from 'node:child_process';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const LIBRARY = '/usr/lib/*/faketime/libfaketime.so.1';

/** The clock of processes that are started with `environment`. */
export interface Clock {
  readonly environment: Record<string, string>;
  /** Shifts it, from now on. @param hours 0 for the right time */
  jump(hours: number): void;
}

/** A clock that can be moved while processes run; undefined where there is no libfaketime. */
export function movableClock(folder: string): Clock | undefined {
  const [library] = globSync(LIBRARY);
  if (library === undefined) return undefined;
  const file = path.join(folder, 'clock');
  const jump = (hours: number) => writeFileSync(file, `+${hours}h\n`);
  jump(0);
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      // Timers go by the monotonic clock, which nobody ever sets.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    jump,
  };
}

/** Installs libfaketime where that is possible without asking anybody. */
export async function installFaketime(): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (globSync(LIBRARY).length > 0 || !isRoot || !existsSync('/usr/bin/apt-get')) return;
  const script =
    'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends faketime';
  // Without it one fault is skipped, and the report says so.
  await run('sh', ['-c', script]).catch(() => {});
}
