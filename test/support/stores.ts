import { freshDatabase, freshRedisUrl } from './services.ts';

/** A queue store of each kind, for what must hold on both: its name, and who makes one. */
export const STORES: [string, () => Promise<string>][] = [
  ['Redis', freshRedisUrl],
  ['PostgreSQL', async () => (await freshDatabase({ holdsLanes: true })).url],
];
