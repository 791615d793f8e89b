import type { Writable } from 'node:stream';

/** Writes what a corked stream holds back: the system has it then, even if this process is gone at once. */
export function flush(stream: Writable): void {
  while (stream.writableCorked > 0) stream.uncork();
}
