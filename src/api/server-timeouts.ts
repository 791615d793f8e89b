/*
 * How long a client may take over each part of a connection. Without limits, a
 * few thousand that send a byte a minute keep every socket of the process busy.
 */

/** In milliseconds. */
export interface ServerTimeouts {
  /** For all headers to come. */
  readonly headers: number;
  /** For all of the request to come, its body included. How long it takes to answer does not count. */
  readonly request: number;
  /** Without a byte in either direction. More than the longest wait for an outcome. */
  readonly silence: number;
  /** How often headers and request are looked at: they may take so much longer. */
  readonly checkEvery: number;
}

/** A phone on a bad network sends 64 KiB in less. */
const DEFAULTS: ServerTimeouts = { headers: 10_000, request: 20_000, silence: 60_000, checkEvery: 2_000 };

/** Longer than load balancers keep a connection that nobody uses (60 s is usual), so that they close it and not we. */
const KEEP_ALIVE_MS = 72_000;

/** The options of Fastify's that say so. */
export function serverTimeouts({ headers, request, silence, checkEvery } = DEFAULTS) {
  return {
    requestTimeout: request,
    connectionTimeout: silence,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: headers, connectionsCheckingInterval: checkEvery, requireHostHeader: false },
  };
}
