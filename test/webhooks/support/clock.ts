import { onTestFinished, vi } from 'vitest';

/** The clock of this process, until the test is over. @returns what lets so many milliseconds go by */
export function openClock(): (ms: number) => void {
  const now = performance.now.bind(performance);
  let ahead = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  onTestFinished(() => clock.mockRestore());
  return ms => {
    ahead += ms;
  };
}
