import type { Caller } from './token-verifier.ts';

const MOST_TOKENS = 10_000;

/** A key that we know to be withdrawn is honoured no longer than this. */
const LONGEST_MS = 60_000;

interface Entry {
  readonly caller: Caller;
  readonly until: number;
}

/**
 * Tokens whose signature was found good a moment ago. A signature does not turn
 * bad, but a token expires: that is looked at on each use.
 */
export class VerifiedTokens {
  readonly #entries = new Map<string, Entry>();

  get(token: string): Caller | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    if (Date.now() < entry.until) return entry.caller;
    this.#entries.delete(token);
    return undefined;
  }

  add(token: string, caller: Caller, expiresAt: number): void {
    if (this.#entries.size >= MOST_TOKENS) this.#deleteOldest();
    this.#entries.set(token, { caller, until: Math.min(expiresAt, Date.now() + LONGEST_MS) });
  }

  #deleteOldest(): void {
    for (const token of this.#entries.keys()) {
      this.#entries.delete(token);
      return;
    }
  }
}
