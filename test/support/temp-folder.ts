import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that PostgreSQL's system user can enter too, when the tests run as root. */
export async function makeTempFolder(purpose: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), `issue-intake-${purpose}-`));
  await chmod(folder, 0o711);
  return folder;
}

export async function removeTempFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
