import { crc32 } from 'node:zlib';

const PERCENT = 2;

/** Whether a submission is one of the 2 % whose first attempt is made to fail. */
export function isChosen(submissionId: string): boolean {
  return crc32(submissionId) % 100 < PERCENT;
}
