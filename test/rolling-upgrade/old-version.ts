import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { makeTempFolder, removeTempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);

/** Whether the history is here, and reaches back to a commit. */
export async function hasCommit(commit: string): Promise<boolean> {
  try {
    await run('git', ['cat-file', '-e', `${commit}^{commit}`]);
    return true;
  } catch {
    return false;
  }
}

/**
 * The program as it was at a commit, with the libraries of today.
 *
 * @returns its `main.ts`
 */
export async function checkOut(commit: string): Promise<string> {
  const folder = await makeTempFolder('old-version');
  onTestFinished(() => removeTempFolder(folder));
  const archive = path.join(folder, 'old.tar');
  await run('git', ['archive', '--output', archive, commit, 'src', 'package.json']);
  await run('tar', ['-xf', archive, '-C', folder]);
  await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  return path.join(folder, 'src/main.ts');
}
