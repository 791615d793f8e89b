import type { DestinationStream } from 'pino';

/**
 * Writes the lines of one turn of the event loop at once, at its end: a system
 * call for each line took 4 % of the API's time (docs/performance.md). A process
 * that ends by itself, or by an error nobody caught, has written them all; one
 * that is killed (`kill -9`) takes the lines of the turn that it dies in with it.
 */
export function gatherLines(destination: DestinationStream): DestinationStream {
  let gathered = '';
  const flush = () => {
    if (gathered === '') return;
    const lines = gathered;
    gathered = '';
    destination.write(lines);
  };
  process.on('exit', flush);
  return {
    write(line) {
      if (gathered === '') setImmediate(flush);
      gathered += line;
    },
  };
}
