import { readFileSync } from 'node:fs';

/*
 * A secret may stand in a file instead of in the environment, as Docker and
 * Kubernetes hand secrets over: what a process's environment holds is seen by
 * whoever may look at the process.
 */

export const SECRETS = ['DATABASE_URL', 'QUEUE_URL', 'JWT_SECRET', 'ADMIN_PASSWORD'];

/** The variable that names the secret's file. */
export function fileVariable(secret: string): string {
  return `${secret}_FILE`;
}

/** What a secret's file holds, without the newline that editors put at its end; or what is wrong with it. */
export function readSecretFile(path: string): { readonly text: string } | { readonly mistake: string } {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return text.trim() === '' ? { mistake: `names an empty file, ${path}` } : { text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    return { mistake: `must name a file that can be read; ${path} cannot (${code})` };
  }
}
