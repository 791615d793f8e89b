/** How a run stands. */
export interface Standing {
  readonly elapsedMs: number;
  readonly totalMs: number;
  readonly phase: string;
  readonly accepted: number;
  readonly applied: number | undefined;
  readonly backlog: number | undefined;
  readonly unavailable: number;
  readonly unanswered: number;
  readonly active: readonly string[];
}

const PLAIN_EVERY_MS = 10_000;

/** A line that rewrites itself on a terminal; elsewhere a line every 10 s. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(standing: Standing): void {
    if (this.#out.isTTY) {
      const line = lineOf(standing).slice(0, (this.#out.columns ?? 80) - 1);
      this.#out.write(`\r\x1b[K${line}`);
    } else if (performance.now() - this.#saidAt >= PLAIN_EVERY_MS) {
      this.#saidAt = performance.now();
      this.#out.write(`${lineOf(standing)}\n`);
    }
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }
}

function lineOf(standing: Standing): string {
  const { elapsedMs, totalMs, phase, accepted, applied, backlog, unavailable, unanswered, active } = standing;
  return [
    `${clock(elapsedMs)}/${clock(totalMs)} ${phase}`,
    `accepted ${accepted}`,
    `applied ${applied ?? '?'}`,
    `backlog ${backlog ?? '?'}`,
    `503 ${unavailable}`,
    `no answer ${unanswered}`,
    active.join(' + '),
  ].join(' | ');
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
