import { Histogram } from '../figures/histogram.ts';

/** Seconds. */
const REQUEST_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A route as it was defined, never the address that was asked for: that would be without end. */
export interface Route {
  readonly method: string;
  readonly url: string;
}

/** 1xx to 5xx. */
type ByStatusClass = (Histogram | undefined)[];

/** How many requests there were, and how long they took, by route and class of status. */
export class RequestCounts {
  readonly #routes = new Map<string, Map<string, ByStatusClass>>();

  observe({ method, url }: Route, status: number, ms: number): void {
    const methods = getOrMake(this.#routes, url, () => new Map<string, ByStatusClass>());
    const classes = getOrMake(methods, method, () => []);
    const statusClass = Math.floor(status / 100);
    const histogram = classes[statusClass] ?? new Histogram(REQUEST_BOUNDS);
    classes[statusClass] = histogram;
    histogram.observe(ms / 1000);
  }

  *all(): Generator<readonly [Route & { readonly status: string }, Histogram]> {
    for (const [url, methods] of this.#routes) {
      for (const [method, classes] of methods) {
        for (const [statusClass, histogram] of classes.entries()) {
          if (histogram !== undefined) yield [{ method, url, status: `${statusClass}xx` }, histogram];
        }
      }
    }
  }
}

function getOrMake<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
