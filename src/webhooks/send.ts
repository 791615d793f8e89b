import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import manifest from '../../package.json' with { type: 'json' };
import { checkEndpointUrl } from '../webhook-url.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { openPublicLookup } from './public-lookup.ts';
import { retryAfterMs } from './retry-after.ts';
import { signedHeaders } from './sign.ts';

/*
 * Sends a webhook, after Standard Webhooks 1.0, and says what became of it.
 */

export interface Recipient {
  readonly url: string;
  /** `whsec_…`; each signs, the current one first. */
  readonly secrets: readonly string[];
}

export interface Message {
  /** The same on every try. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

export type Sent =
  | { readonly result: 'delivered' }
  /** `afterMs` is what the receiver asks to wait, at most an hour. */
  | { readonly result: 'again'; readonly reason: string; readonly afterMs?: number }
  /** It wants no more (410). */
  | { readonly result: 'gone'; readonly reason: string };

export interface Sender {
  /** Never rejects; once aborted, the message is to be sent again. */
  send(to: Recipient, message: Message, abort: AbortSignal): Promise<Sent>;
  /** Closes all connections; what is being sent is to be sent again. */
  close(): void;
}

export interface SenderOptions {
  /** Whether webhooks may go into private networks, and by http. */
  readonly allowPrivate: boolean;
  /** For an exchange from its beginning to its end. */
  readonly timeoutMs?: number;
  /** Those of a test; without them, the system's. */
  readonly nameServers?: readonly string[];
}

const TIMEOUT_MS = 10_000;

/** A connection that nobody needed for so long is closed. */
const IDLE_MS = 30_000;

const USER_AGENT = `${manifest.name}/${manifest.version}`;

/**
 * Opens what sends webhooks. Connections are kept, and used again.
 *
 * @example
 * const sender = openSender({ allowPrivate: false });
 * const sent = await sender.send({ url, secrets: [secret] }, { id, body }, abort);
 */
export function openSender({ allowPrivate, timeoutMs = TIMEOUT_MS, nameServers }: SenderOptions): Sender {
  const lookup = allowPrivate ? {} : { lookup: openPublicLookup(nameServers) };
  const kept = { keepAlive: true, timeout: IDLE_MS, ...lookup };
  const transports = {
    'http:': { request: httpRequest, kept: new HttpAgent(kept), anew: new HttpAgent(lookup) },
    'https:': { request: httpsRequest, kept: new HttpsAgent(kept), anew: new HttpsAgent(lookup) },
  };

  return {
    async send({ url: text, secrets }, { id, body }, abort) {
      const checked = checkEndpointUrl(text, allowPrivate);
      if ('mistake' in checked) return { result: 'again', reason: `its URL ${checked.mistake}` };
      const { url } = checked;
      const { request, kept, anew } = transports[url.protocol === 'http:' ? 'http:' : 'https:'];
      const headers = {
        ...signedHeaders(id, body, secrets, Date.now()),
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': USER_AGENT,
      };
      const begin = (isAnew: boolean) =>
        request(url, { method: 'POST', agent: isAnew ? anew : kept, headers });
      return sentOf(await exchange({ begin, body, timeoutMs, abort }));
    },
    close() {
      for (const { kept, anew } of Object.values(transports)) {
        kept.destroy();
        anew.destroy();
      }
    },
  };
}

function sentOf(exchanged: Exchanged): Sent {
  if ('failure' in exchanged) return { result: 'again', reason: exchanged.failure };
  const { status, retryAfter } = exchanged;
  if (status >= 200 && status < 300) return { result: 'delivered' };
  if (status === 410) return { result: 'gone', reason: 'answered 410: it wants no more' };
  const isRedirect = status >= 300 && status < 400;
  const reason = `answered ${status}${isRedirect ? '; redirects are not followed' : ''}`;
  const afterMs = retryAfterMs(retryAfter, Date.now());
  return { result: 'again', reason, ...(afterMs === undefined ? {} : { afterMs }) };
}
