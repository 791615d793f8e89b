const WIDTH = 30;

/** A bar on a terminal; a line for each step where nobody watches. */
export class Progress {
  readonly #steps: number;
  readonly #began = Date.now();
  #done = 0;

  constructor(steps: number) {
    this.#steps = steps;
  }

  /** A step begins; the one before is over. */
  step(what: string): void {
    const elapsed = (Date.now() - this.#began) / 1000;
    const count = `${this.#done + 1}/${this.#steps}`;
    if (process.stderr.isTTY) {
      const full = Math.round((this.#done / this.#steps) * WIDTH);
      const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
      process.stderr.write(`\r\x1b[K${bar} ${count}  ${clock(elapsed)}${this.#left(elapsed)}  ${what}`);
    } else {
      process.stderr.write(`${clock(elapsed)}  ${count}  ${what}\n`);
    }
    this.#done++;
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  #left(elapsed: number): string {
    if (this.#done < 3) return '';
    return `, about ${clock((elapsed / this.#done) * (this.#steps - this.#done))} left`;
  }
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}
