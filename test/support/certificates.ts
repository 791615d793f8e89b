import { execFile } from 'node:child_process';
import { chmod, chown, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { serverAccount } from '../../src/embedded-postgres/system-user.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';

export interface Certificates {
  /** Of the authority that signed the server's certificate. */
  readonly ca: string;
  /** Of another, which signed nothing. */
  readonly otherCa: string;
  readonly certificate: string;
  readonly key: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes an authority, a certificate of localhost signed by it, and an authority that has nothing to do with it. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await makeTempFolder('certificates');
  onTestFinished(() => removeTempFolder(folder));
  const at = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder });

  for (const name of ['ca', 'other']) {
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    await openssl('req', '-x509', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...subject);
  }
  await openssl('req', ...NEW_KEY, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
  await writeFile(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  await openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.pem');

  // PostgreSQL takes a key only if it is its own, and nobody else's to read.
  const account = await serverAccount();
  if (account) await chown(at('server.key'), account.uid, account.gid);
  await chmod(at('server.key'), 0o600);
  return { ca: at('ca.pem'), otherCa: at('other.pem'), certificate: at('server.pem'), key: at('server.key') };
}
