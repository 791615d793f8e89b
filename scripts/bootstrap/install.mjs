import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { pinnedNode, run } from './run.mjs';

/** Development packages are wanted even where NODE_ENV says production: `npm test` needs them. */
const INSTALL = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];

/**
 * Installs the packages when they are not there or not those of the lock file.
 *
 * @param {string} root
 * @param {string[]} tools files in node_modules that the command needs
 * @returns {Promise<number>} 0, or the exit code of what failed
 */
export async function ensureInstalled(root, tools) {
  const reason = installReason(root, tools);
  if (reason === undefined) return 0;

  console.log(
    `Installing packages with "npm ci", because ${reason}. This takes from ten seconds to some minutes.`,
  );
  const code = await run('npm', INSTALL);
  if (code !== 0) {
    console.error('\n"npm ci" failed; npm says above why.');
    return code;
  }
  if (existsSync(pinnedNode(root))) return 0;

  console.error(
    `\n${pinnedNode(root)} is missing: npm did not run the install script of the package "node".\n` +
      'Is "ignore-scripts" set? Then run: npm ci --ignore-scripts=false',
  );
  return 1;
}

/**
 * Why the packages have to be installed, or undefined when they need not be.
 *
 * @param {string} root
 * @param {string[]} tools
 * @returns {string | undefined}
 */
export function installReason(root, tools) {
  const modules = path.join(root, 'node_modules');
  // npm writes this file last, so it is not there after an interrupted installation.
  const installed = changedAt(path.join(modules, '.package-lock.json'));
  if (installed === undefined) return 'they are not installed yet';
  if (installed < (changedAt(path.join(root, 'package-lock.json')) ?? 0)) return 'package-lock.json is newer';

  const missing = [pinnedNode(root), ...tools.map(tool => path.join(modules, tool))].find(
    file => !existsSync(file),
  );
  return missing && `${path.relative(root, missing)} is missing`;
}

/** @param {string} file @returns {number | undefined} */
function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
