import { ensureProgram } from './debian-package.mjs';

export const CHROMIUM_PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * Finds a browser for the tests of the page: the program of CHROMIUM_PATH, else
 * one on the PATH, else Debian's package, where it may be installed.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./debian-package.mjs').Run} run
 * @returns {Promise<number>} 0 when the tests will find a browser
 */
export async function ensureChromium(env, run) {
  if (env.CHROMIUM_PATH) return 0;
  const wanted = {
    programs: CHROMIUM_PROGRAMS,
    debianPackage: 'chromium',
    hasService: false,
    complaint: 'The tests need a browser: install chromium or google-chrome, or set CHROMIUM_PATH.',
  };
  return ensureProgram(wanted, env, run);
}
