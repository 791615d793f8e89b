import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const FOLDER = new URL('.', import.meta.url);

/** Installs the other libraries into this folder where they are missing or of another version than the lock file's. */
export function installPeers(): void {
  if (read('package-lock.json') === read('node_modules/.peers-lock.json')) return;
  console.log('Installing the other queues into bench/peers/node_modules.');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  execFileSync('cp', ['package-lock.json', 'node_modules/.peers-lock.json'], { cwd: FOLDER });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, FOLDER), 'utf8');
  } catch {
    return undefined;
  }
}
