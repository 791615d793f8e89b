import { isIP } from 'node:net';
import type { EnvironmentReader } from './environment.ts';
import type { RateLimit } from './rate-limit.ts';

/*
 * How often clients may come, from where, and whom to believe where they come from.
 */

/** Raises per second: no person sends as many, and a program that does can wait. */
const DEFAULT_RATE = 20;
const MOST_RATE = 100_000;
/** Seconds of raises that may come at once: a device that was offline sends what it has gathered. */
const BURST_SECONDS = 5;

const MOST_HOPS = 9;

export interface AccessConfig {
  /** Of each user; undefined: none. */
  readonly userLimit: RateLimit | undefined;
  /** Proxies that are believed when they say whom a request is from: that many in a row, or these networks. */
  readonly trustProxy: number | string[] | undefined;
  /** Of pages on other hosts that may use the API. */
  readonly corsOrigins: string[];
}

export function access(reader: EnvironmentReader): AccessConfig {
  return {
    userLimit: userLimit(reader),
    trustProxy: trustProxy(reader),
    corsOrigins: corsOrigins(reader),
  };
}

function userLimit(reader: EnvironmentReader): RateLimit | undefined {
  const perSecond = reader.limit('RATE_LIMIT', MOST_RATE, DEFAULT_RATE);
  return Number.isFinite(perSecond) ? { perSecond, burst: perSecond * BURST_SECONDS } : undefined;
}

function trustProxy(reader: EnvironmentReader): AccessConfig['trustProxy'] {
  const text = reader.text('TRUST_PROXY');
  if (text === undefined || text === 'off') return undefined;
  if (/^\d$/.test(text) && Number(text) >= 1) return Number(text);
  const networks = listOf(text);
  if (networks.every(isNetwork)) return networks;
  const expected = `must be off, the number of proxies (1 to ${MOST_HOPS}), or their addresses like 10.0.0.0/8,::1`;
  reader.mistake('TRUST_PROXY', `${expected}, not ${JSON.stringify(text)}`);
  return undefined;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function corsOrigins(reader: EnvironmentReader): string[] {
  const origins = listOf(reader.text('CORS_ORIGINS') ?? '');
  const wrong = origins.find(origin => !isOrigin(origin));
  if (wrong !== undefined) {
    const expected = 'must be origins like https://crm.example,https://app.example:8443';
    reader.mistake('CORS_ORIGINS', `${expected}; ${JSON.stringify(wrong)} is none`);
  }
  return origins;
}

/** Written as browsers send it: nothing behind the host, no port that is the scheme's own. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && !text.includes('*') && URL.parse(text)?.origin === text;
}

function listOf(text: string): string[] {
  return text.split(',').flatMap(each => each.trim() || []);
}
