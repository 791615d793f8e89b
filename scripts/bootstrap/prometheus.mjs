import { ensureProgram } from './debian-package.mjs';

export const PROMETHEUS_PROGRAMS = ['prometheus'];

/**
 * Finds a Prometheus for the tests of the metrics and the alert rules; Debian's
 * package has `promtool` too.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./debian-package.mjs').Run} run
 * @returns {Promise<number>} 0 when the tests will find it
 */
export async function ensurePrometheus(env, run) {
  const wanted = {
    programs: PROMETHEUS_PROGRAMS,
    debianPackage: 'prometheus',
    hasService: true,
    complaint: 'The tests need Prometheus: install prometheus, with its promtool.',
  };
  return ensureProgram(wanted, env, run);
}
