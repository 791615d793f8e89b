/**
 * Programs that the tests need: found on the PATH, or installed as a Debian
 * package where that may be done without being asked for a password.
 */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * Installs a package but starts no service, now or at the next boot: while the
 * policy file says 101, Debian's packages start nothing.
 *
 * @param {string} name of the package, and of its service
 * @param {boolean} hasService
 */
const installScript = (name, hasService) => `
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
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ${name} > /dev/null
  ${hasService ? disableService(name) : ''}
`;

/** @param {string} name */
const disableService = name => `
  if command -v systemctl > /dev/null; then systemctl --quiet disable ${name} || true; fi
  if command -v update-rc.d > /dev/null; then update-rc.d ${name} disable || true; fi
`;

/**
 * @typedef {(file: string, args: string[]) => Promise<number>} Run
 *
 * @typedef {object} Wanted
 * @property {string[]} programs any one of them will do
 * @property {string} debianPackage
 * @property {boolean} hasService
 * @property {string} complaint what to say when there is none
 *
 * @param {Wanted} wanted
 * @param {NodeJS.ProcessEnv} env
 * @param {Run} run
 * @returns {Promise<number>} 0 when the tests will find the program
 */
export async function ensureProgram({ programs, debianPackage, hasService, complaint }, env, run) {
  if (findProgram(programs, env)) return 0;

  const asRoot = findProgram(['apt-get'], env) && (await commandAsRoot(env, run));
  if (asRoot) {
    console.log(`Installing ${debianPackage} with apt-get for the tests. This takes up to a minute.`);
    const [file = '', ...args] = [...asRoot, 'sh', '-c', installScript(debianPackage, hasService)];
    if ((await run(file, args)) === 0 && findProgram(programs, env)) return 0;
  }
  console.error(complaint);
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
