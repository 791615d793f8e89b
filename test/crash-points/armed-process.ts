import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ProductProcess, startProduct } from '../support/product-process.ts';
import { armedLine, firedLine, ORDER_FILE, ORDER_SIGNAL, type Order } from './order.ts';

const PRELOAD = path.join(import.meta.dirname, 'preload', 'main.ts');
const READY = { api: '"msg":"listening"', worker: '"running these lanes"' };

export interface ProcessPlace {
  readonly role: 'api' | 'worker';
  readonly environment: Record<string, string>;
  /** For its orders. */
  readonly folder: string;
}

/** A process of the product that can be told where to kill itself. */
export class ArmedProcess {
  readonly #process: ProductProcess;
  readonly #orderFile: string;
  #order: Order | undefined;
  #isDead = false;
  /** Resolves when the process is dead, and all that it printed is here. */
  readonly ended: Promise<void>;

  /** Resolves when it works. */
  static async start(place: ProcessPlace): Promise<ArmedProcess> {
    const started = new ArmedProcess(place);
    await started.#process.line(line => line.includes(READY[place.role]));
    return started;
  }

  private constructor({ role, environment, folder }: ProcessPlace) {
    this.#orderFile = path.join(folder, `${randomUUID()}.json`);
    const { NODE_OPTIONS = '', ...rest } = environment;
    this.#process = startProduct(role, {
      ...rest,
      NODE_OPTIONS: `--import=${PRELOAD} ${NODE_OPTIONS}`,
      [ORDER_FILE]: this.#orderFile,
    });
    this.ended = once(this.#process.child, 'close').then(() => {
      this.#isDead = true;
    });
  }

  /** Resolves when it has its order. */
  async arm(order: Omit<Order, 'id'>): Promise<void> {
    this.#order = { ...order, id: randomUUID() };
    await writeFile(this.#orderFile, JSON.stringify(this.#order));
    this.#process.child.kill(ORDER_SIGNAL);
    const line = armedLine(this.#order.id);
    await this.#process.line(each => each === line);
  }

  /** Whether it killed itself where it was told to. */
  get hasFired(): boolean {
    const order = this.#order;
    return order !== undefined && this.#process.lines.includes(firedLine(order.id));
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The end of its log. */
  get log(): string {
    return this.#process.lines.slice(-40).join('\n');
  }

  async stop(): Promise<void> {
    await this.#process.end('SIGTERM');
  }
}
