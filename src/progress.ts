const BAR_WIDTH = 30;
const REDRAW_EVERY_MS = 100;

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How far a long work is: a bar on a terminal, else a line for every tenth. */
export class Progress {
  readonly #total: number;
  readonly #stream: ProgressStream;
  readonly #beganAt = performance.now();
  #done = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(total: number, stream: ProgressStream) {
    this.#total = total;
    this.#stream = stream;
  }

  /** One more is done, or `count` of them. */
  step(count = 1): void {
    if (count === 0) return;
    const before = this.#done;
    this.#done += count;
    if (this.#stream.isTTY) this.#draw();
    else if (tenths(this.#done, this.#total) > tenths(before, this.#total)) {
      this.#stream.write(`${this.#done} of ${this.#total}\n`);
    }
  }

  #draw(): void {
    const now = performance.now();
    const isLast = this.#done === this.#total;
    if (!isLast && now - this.#drawnAt < REDRAW_EVERY_MS) return;
    this.#drawnAt = now;
    const filled = Math.floor((BAR_WIDTH * this.#done) / this.#total);
    const bar = '='.repeat(filled).padEnd(BAR_WIDTH);
    const secondsLeft = Math.ceil(((now - this.#beganAt) / this.#done) * (this.#total - this.#done) * 1e-3);
    const rest = isLast ? '' : `, ${secondsLeft} s left`;
    this.#stream.write(`\r\x1b[K[${bar}] ${this.#done} of ${this.#total}${rest}${isLast ? '\n' : ''}`);
  }
}

function tenths(done: number, total: number): number {
  return Math.floor((10 * done) / total);
}
