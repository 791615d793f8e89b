import { setTimeout as delay } from 'node:timers/promises';
import { DEMO_ORGANIZATIONS, DEMO_USERS } from '../../../src/demo-data.ts';
import { asObject } from '../../support/system.ts';

const USERS = 40;
const STEP_MS = 250;
/** One in so many is for an organization that takes none, or that nobody knows. */
const ONE_IN = 25;

/** Raises issues on an `npm start`, now more and now less, until the signal is given. */
export async function keepBusy(address: string, signal: AbortSignal): Promise<void> {
  const names = [...DEMO_USERS.slice(0, 2), ...Array.from({ length: USERS }, (_, n) => `user-${n}`)];
  const tokens = await Promise.all(names.map(userId => signIn(address, userId)));
  for (let step = 0; !signal.aborted; step++) {
    const perSecond = 26 + 15 * Math.sin(step / 70) + 6 * Math.sin(step / 17);
    await burst(address, tokens, Math.round((perSecond * STEP_MS) / 1000), step);
    await delay(STEP_MS);
  }
}

/** As many at once, of different users. */
async function burst(address: string, tokens: readonly string[], many: number, step: number): Promise<void> {
  const sent = Array.from({ length: many }, (_, n) => {
    const turn = step * 7 + n;
    return raise(address, tokens[(turn * 13) % tokens.length] ?? '', organizationOf(turn));
  });
  await Promise.all(sent);
}

function organizationOf(turn: number): string {
  const [acme, borealis, closed] = DEMO_ORGANIZATIONS;
  if (turn % ONE_IN === 0) return closed.id;
  if (turn % (3 * ONE_IN) === 1) return crypto.randomUUID();
  return turn % 2 === 0 ? acme.id : borealis.id;
}

async function signIn(address: string, userId: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ userId });
  const response = await fetch(`${address}/dev/sign-in`, { method: 'POST', headers, body });
  return String(asObject(await response.json()).token);
}

async function raise(address: string, token: string, organizationId: string): Promise<void> {
  const response = await fetch(`${address}/api/client/issues/raise`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ organizationId, title: 'The tap drips' }),
  });
  await response.arrayBuffer();
}
