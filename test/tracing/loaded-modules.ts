import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

/* Preloaded into a role of the product: tells of each of OpenTelemetry's modules that is loaded. */

registerHooks({
  load(url, context, nextLoad) {
    if (/@opentelemetry|bullmq-otel/.test(url)) writeSync(2, `loaded ${url}\n`);
    return nextLoad(url, context);
  },
});
