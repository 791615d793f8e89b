import { ensureProgram } from './debian-package.mjs';

export const REDIS_PROGRAMS = ['redis-server', 'valkey-server'];

/**
 * Finds a Redis for the tests: the one of REDIS_URL, else a server program for
 * them to start on their own, else Debian's package, where it may be installed.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./debian-package.mjs').Run} run
 * @returns {Promise<number>} 0 when the tests will find a Redis
 */
export async function ensureRedis(env, run) {
  if (env.REDIS_URL) return 0;
  const wanted = {
    programs: REDIS_PROGRAMS,
    debianPackage: 'redis-server',
    hasService: true,
    complaint: 'The tests need Redis: install redis-server or valkey-server, or set REDIS_URL.',
  };
  return ensureProgram(wanted, env, run);
}
