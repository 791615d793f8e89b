import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Metrics } from '../metrics/metrics.ts';
import type { RequestCounts } from '../metrics/request-counts.ts';

/** GET /metrics, for Prometheus. It tells nobody's data, and is not for everybody: the proxy keeps it inside. */
export const metricsRoute: FastifyPluginAsync<{ readonly metrics: Metrics }> = async (app, { metrics }) => {
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.text();
  });
};

const NO_ROUTE = 'none';

/** Counts each request that is answered, by its route. To be called before there are routes. */
export function countRequests(app: FastifyInstance, requests: RequestCounts): void {
  app.addHook('onResponse', ({ method, routeOptions: { url = NO_ROUTE } }, reply, done) => {
    requests.observe({ method, url }, reply.statusCode, reply.elapsedTime);
    done();
  });
}
