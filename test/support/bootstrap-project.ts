import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';

export const PROJECT = path.resolve(import.meta.dirname, '..', '..');

/** A project with our bootstrap and nothing installed, until the test is finished. */
export async function makeProject(): Promise<string> {
  const root = await makeTempFolder('project');
  onTestFinished(() => removeTempFolder(root));
  await cp(path.join(PROJECT, 'scripts'), path.join(root, 'scripts'), { recursive: true });
  await writeFile(path.join(root, 'package-lock.json'), '{}');
  return root;
}

/** A project that looks installed, with `tools` (a file in node_modules and its code) in place of the real ones. */
export async function makeInstalledProject(tools: Record<string, string> = {}): Promise<string> {
  const root = await makeProject();
  const modules = path.join(root, 'node_modules');
  await mkdir(path.join(modules, 'node', 'bin'), { recursive: true });
  await symlink(process.execPath, path.join(modules, 'node', 'bin', 'node'));
  for (const [tool, code] of Object.entries(tools)) {
    await mkdir(path.dirname(path.join(modules, tool)), { recursive: true });
    await writeFile(path.join(modules, tool), code);
  }
  await writeFile(path.join(modules, '.package-lock.json'), '{}');
  return root;
}

/** Makes a file look changed a minute ago, or in a minute. */
export async function shiftTime(file: string, seconds: number): Promise<void> {
  const time = Date.now() / 1000 + seconds;
  await utimes(file, time, time);
}

export interface Command {
  readonly child: ChildProcess;
  output(): string;
  /** Answers its exit code, or the signal that ended it. */
  ended(): Promise<number | string>;
}

/** Runs a command in a process group of its own; what is left of the group goes when the test is finished. */
export function runCommand(cwd: string, file: string, args: readonly string[], env = process.env): Command {
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  }
  return {
    child,
    output: () => output,
    async ended() {
      const [code, signal] = await exit;
      return code ?? signal;
    },
  };
}

export function runBootstrap(root: string, args: readonly string[], env = process.env): Command {
  return runCommand(root, process.execPath, ['scripts/bootstrap.mjs', ...args], env);
}
