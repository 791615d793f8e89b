/**
 * Finds a Redis for the tests: the one of REDIS_URL, else a server program for
 * them to start on their own, else Debian's package, where it may be installed.
 */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export const REDIS_PROGRAMS = ['redis-server', 'valkey-server'];

/**
 * Installs the program but starts no service, now or at the next boot: while
 * the policy file says 101, Debian's packages start nothing.
 */
const INSTALL_SCRIPT = `
  set -e
  policy=/usr/sbin/policy-rc.d
  restore() {
    rm -f $policy
    if [ -e $policy.issue-intake ]; then mv $policy.issue-intake $policy; fi
  }
  apt-get update -qq
  if [ -e $policy ]; then mv $policy $policy.issue-intake; fi
  trap restore EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > $policy
  chmod 755 $policy
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends redis-server > /dev/null
  if command -v systemctl > /dev/null; then systemctl --quiet disable redis-server || true; fi
  if command -v update-rc.d > /dev/null; then update-rc.d redis-server disable || true; fi
`;

/**
 * @typedef {(file: string, args: string[]) => Promise<number>} Run
 * @param {NodeJS.ProcessEnv} env
 * @param {Run} run
 * @returns {Promise<number>} 0 when the tests will find a Redis
 */
export async function ensureRedis(env, run) {
  if (env.REDIS_URL) return 0;
  if (findProgram(REDIS_PROGRAMS, env)) return 0;

  const asRoot = findProgram(['apt-get'], env) && (await commandAsRoot(env, run));
  if (asRoot) {
    console.log('Installing redis-server with apt-get for the tests. This takes up to a minute.');
    const [file = '', ...args] = [...asRoot, 'sh', '-c', INSTALL_SCRIPT];
    if ((await run(file, args)) === 0 && findProgram(REDIS_PROGRAMS, env)) return 0;
  }
  console.error('The tests need Redis: install redis-server or valkey-server, or set REDIS_URL.');
  return 1;
}

/**
 * What to put in front of a command to run it as root without being asked for a password.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {Run} run
 * @returns {Promise<string[] | undefined>}
 */
async function commandAsRoot(env, run) {
  if (process.getuid?.() === 0) return [];
  const allowed = findProgram(['sudo'], env) && (await run('sh', ['-c', 'sudo -n true 2> /dev/null'])) === 0;
  return allowed ? ['sudo', '-n'] : undefined;
}

/**
 * @param {string[]} names
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} the full path of the first that is on the PATH
 */
export function findProgram(names, env) {
  const folders = (env.PATH ?? '').split(path.delimiter).filter(folder => folder !== '');
  return names.flatMap(name => folders.map(folder => path.join(folder, name))).find(isExecutable);
}

/** @param {string} file @returns {boolean} */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
