import type { Run } from './run.ts';
import type { Scale } from './scale.ts';

/** As many requests of an API as are under way at once. */
export const IN_FLIGHT = 64;

/** Enough that they do not run out. */
const PREPARED = 300_000;

export interface AddRates {
  /** Single adds a second with many under way at once, as in an API. */
  readonly concurrent: number;
  /** Single adds a second, each when the one before is acknowledged. */
  readonly oneByOne: number;
}

/** Adds without a worker at work. */
export async function measureAdds(run: Run, { addMs }: Scale): Promise<AddRates> {
  const submissions = run.makeSubmissions(PREPARED).values();
  const add = async (until: number): Promise<number> => {
    let added = 0;
    for (; performance.now() < until; added++) {
      const { value } = submissions.next();
      if (value === undefined) throw new Error('prepare more submissions for the adds');
      await run.producer.add(value);
    }
    return added;
  };
  const rate = async (inFlight: number, ms: number): Promise<number> => {
    const begin = performance.now();
    const added = await Promise.all(Array.from({ length: inFlight }, () => add(begin + ms)));
    return (added.reduce((sum, each) => sum + each, 0) / (performance.now() - begin)) * 1000;
  };
  await rate(IN_FLIGHT, addMs / 4);
  return { concurrent: await rate(IN_FLIGHT, addMs), oneByOne: await rate(1, addMs) };
}
