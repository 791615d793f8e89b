import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { Type } from 'typebox';

/** What the figures were measured on. */
export const Machine = Type.Object({
  cpu: Type.String(),
  cores: Type.Integer(),
  memoryGiB: Type.Number(),
  kernel: Type.String(),
  node: Type.String(),
  redis: Type.String(),
  postgres: Type.String(),
  commit: Type.String(),
  /** How much of the processor's time went to programs that are not ours, while it was measured. */
  othersPercent: Type.Number(),
});
export type Machine = Type.Static<typeof Machine>;

export function describeMachine(
  versions: { readonly redis: string; readonly postgres: string },
  othersPercent: number,
): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    ...versions,
    commit: commit(),
    othersPercent,
  };
}

/** With a mark when the sources have changed since. */
function commit(): string {
  try {
    const hash = git('rev-parse', '--short', 'HEAD');
    return git('status', '--porcelain', '--', 'src', 'bench') === '' ? hash : `${hash} and changes`;
  } catch {
    return 'unknown';
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
}
