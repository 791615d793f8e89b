import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Throws away at once what nobody refers to. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node has no garbage collection to call');
  collect();
}
