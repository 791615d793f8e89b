import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const LIFELINE = fileURLToPath(new URL('./lifeline.mjs', import.meta.url));

/**
 * One Ctrl-C arrives twice: from the terminal, and from npm, which passes on
 * what the terminal sent to everybody. A person takes longer to mean it again.
 */
const REPEAT_MS = 300;

/**
 * Runs a command to its end and answers its exit code. The command has a process
 * group of its own, so every signal reaches it through us, and so just once.
 *
 * @typedef {{ env?: NodeJS.ProcessEnv, lifeline?: boolean }} RunOptions
 * @param {string} file
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>}
 */
export function run(file, args, { env = process.env, lifeline = false } = {}) {
  const child = spawn(file, args, {
    detached: true,
    env,
    stdio: ['inherit', 'inherit', 'inherit', lifeline ? 'pipe' : 'ignore'],
  });
  const stopForwarding = forwardSignals(child);

  return new Promise(resolve => {
    child.once('error', error => {
      stopForwarding();
      console.error(`cannot run ${file}: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code, signal) => {
      stopForwarding();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/**
 * Runs a script on the Node that the project pins. If we are killed, the script is told to end.
 *
 * @param {string} root
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function runNode(root, args) {
  const bin = path.join(root, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
  return run(pinnedNode(root), ['--import', LIFELINE, ...args], { env, lifeline: true });
}

/** @param {string} root @returns {string} */
export function pinnedNode(root) {
  return path.join(root, 'node_modules', 'node', 'bin', 'node');
}

/** @param {import('node:child_process').ChildProcess} child @returns {() => void} */
function forwardSignals(child) {
  let lastAt = Number.NEGATIVE_INFINITY;

  /** @param {NodeJS.Signals} signal */
  const forward = signal => {
    const repeated = performance.now() - lastAt < REPEAT_MS;
    lastAt = performance.now();
    if (!repeated) child.kill(signal);
  };
  // A terminal that was closed asks to end like the others do, if none did before; by default it ends Node at once.
  const hangUp = () => {
    if (lastAt === Number.NEGATIVE_INFINITY) forward('SIGTERM');
  };

  process.on('SIGINT', forward).on('SIGTERM', forward).on('SIGHUP', hangUp);
  return () => {
    process.off('SIGINT', forward).off('SIGTERM', forward).off('SIGHUP', hangUp);
  };
}
