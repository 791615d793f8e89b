/*
 * What an audit finds, and when it believes it. The system is at work meanwhile,
 * so what looks wrong is looked at again after a moment, and is wrong only if it
 * is there both times.
 */

/** A row to look at. Ids only: what people wrote is nobody's business here. */
export interface Suspect {
  readonly userId?: string;
  /** Of the row; a submission's, where it is about one. */
  readonly id?: string;
  readonly lane?: string;
  readonly what: string;
}

/** One check, once looked at. */
export interface Look {
  /** Stable, for programs. */
  readonly name: string;
  /** What should be so, for people. */
  readonly title: string;
  /** How many look wrong; `suspects` has not more than {@link MOST_SUSPECTS} of them. */
  readonly count: number;
  readonly suspects: readonly Suspect[];
}

/** Enough to recognise them at the second look; nobody reads more. */
export const MOST_SUSPECTS = 1000;

/** Looks at several things at once; at the second look only those named have to be there. */
export type LookAt = (only?: ReadonlySet<string>) => Promise<Look[]>;

/**
 * Looks, and once more at what looks wrong.
 *
 * @param pause resolves when it is time for the second look
 */
export async function lookTwice(lookAt: LookAt, pause: () => Promise<void>): Promise<Look[]> {
  const first = await lookAt();
  const doubtful = new Set(first.filter(({ count }) => count > 0).map(({ name }) => name));
  if (doubtful.size === 0) return first;
  await pause();
  const second = new Map((await lookAt(doubtful)).map(look => [look.name, look]));
  return first.map(look => (doubtful.has(look.name) ? inBoth(look, second.get(look.name)) : look));
}

function inBoth(first: Look, second: Look | undefined): Look {
  // Too many to compare are no accident of timing.
  if (second !== undefined && Math.min(first.count, second.count) > MOST_SUSPECTS) return second;
  const seen = new Set(first.suspects.map(identityOf));
  const suspects = (second?.suspects ?? []).filter(suspect => seen.has(identityOf(suspect)));
  return { ...first, suspects, count: suspects.length };
}

/** Without `what`: a row may be wrong in other words the second time. */
function identityOf({ userId = '', id = '', lane = '' }: Suspect): string {
  return JSON.stringify([userId, id, lane]);
}

/** Gathers the suspects of one check. */
export class Suspicion {
  readonly #name: string;
  readonly #title: string;
  readonly #suspects: Suspect[] = [];
  #count = 0;

  constructor(name: string, title: string) {
    this.#name = name;
    this.#title = title;
  }

  add(suspect: Suspect): void {
    this.#count++;
    if (this.#suspects.length < MOST_SUSPECTS) this.#suspects.push(suspect);
  }

  look(): Look {
    return { name: this.#name, title: this.#title, count: this.#count, suspects: this.#suspects };
  }
}
