import { collectDefaultMetrics, Registry } from 'prom-client';
import type { ConnectionCounts } from '../database.ts';
import type { Figures } from '../figures/figures.ts';
import type { WebhookFigures } from '../figures/webhook-figures.ts';
import { gauge, histogram, only } from './collected.ts';
import { figureMetrics } from './figure-metrics.ts';
import { ownershipMetrics, type WaitingLane, waitingMetrics } from './lane-metrics.ts';
import type { RequestCounts } from './request-counts.ts';
import { webhookMetrics } from './webhook-metrics.ts';

/*
 * What Prometheus can ask a process. No label is a user, an organization or an
 * address: the number of series is bounded by lanes, codes and routes. All of it
 * is in docs/metrics.md.
 */

export interface MetricsSources {
  /** In a process that takes or applies submissions. */
  readonly figures?: Figures | undefined;
  /** Connections to PostgreSQL. */
  readonly connections: () => ConnectionCounts;
  /** Whether the queue store may lose accepted submissions; undefined before it has answered. */
  readonly isVolatile: () => boolean | undefined;
  /** Whether this process runs lanes. */
  readonly runsLanes?: boolean | undefined;
  /** In a process that takes submissions. */
  readonly waiting?: (() => readonly WaitingLane[]) | undefined;
  readonly requests?: RequestCounts | undefined;
  /** In a process that tells organizations of outcomes. */
  readonly webhooks?: WebhookFigures | undefined;
}

export interface Metrics {
  readonly contentType: string;
  /** In Prometheus's text format. */
  text(): Promise<string>;
}

export function openMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const { figures, connections, isVolatile, runsLanes, waiting, requests, webhooks } = sources;
  collectDefaultMetrics({ register: registry });
  if (figures !== undefined) figureMetrics(registry, figures);
  storeMetrics(registry, connections, isVolatile);
  if (figures !== undefined && runsLanes === true) ownershipMetrics(registry, figures);
  if (waiting !== undefined) waitingMetrics(registry, waiting);
  if (requests !== undefined) requestMetrics(registry, requests);
  if (webhooks !== undefined) webhookMetrics(registry, webhooks);
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

function storeMetrics(
  registry: Registry,
  connections: MetricsSources['connections'],
  isVolatile: MetricsSources['isVolatile'],
): void {
  gauge(
    registry,
    {
      name: 'issue_intake_database_connections',
      help: 'Connections of this process to PostgreSQL: open, those of them that are idle, and requests that wait for one',
    },
    ['state'],
    () => Object.entries(connections()).map(([state, count]) => [{ state }, count] as const),
  );
  gauge(
    registry,
    {
      name: 'issue_intake_queue_volatile',
      help: '1 when the queue store is set up so that it may lose accepted submissions, else 0',
    },
    [],
    () => {
      const volatile = isVolatile();
      return volatile === undefined ? [] : only(volatile ? 1 : 0);
    },
  );
}

function requestMetrics(registry: Registry, requests: RequestCounts): void {
  histogram(
    registry,
    {
      name: 'issue_intake_http_request_seconds',
      help: 'HTTP requests by route and class of status, and how long they took',
    },
    ['method', 'route', 'status'],
    function* () {
      for (const [{ method, url, status }, counts] of requests.all()) {
        yield [{ method, route: url, status }, counts] as const;
      }
    },
  );
}
