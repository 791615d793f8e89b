import { once } from 'node:events';
import { connect } from 'node:net';

/*
 * HTTP as bytes: what a client library would tidy up arrives as it was written.
 */

export interface RawAnswer {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ExchangeOptions {
  /** Ends our side after the last byte, as clients with nothing more to say may do. */
  readonly end?: boolean;
  readonly withinMs?: number;
}

/**
 * Sends bytes on a connection of their own.
 *
 * @returns all that came back until the server closed it
 * @throws when it stays open and silent
 */
export async function exchange(
  address: string,
  bytes: Buffer | string,
  { end = false, withinMs = 10_000 }: ExchangeOptions = {},
): Promise<Buffer> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  const parts: Buffer[] = [];
  let hung = false;
  // A server that has refused a request may close while we still send.
  socket.on('error', () => {});
  socket.on('data', part => parts.push(part));
  socket.setTimeout(withinMs, () => {
    hung = true;
    socket.destroy();
  });
  const closed = once(socket, 'close');
  if (end) socket.end(bytes);
  else socket.write(bytes);
  await closed;
  if (hung) throw new Error(`the connection was open and silent for ${withinMs} ms`);
  return Buffer.concat(parts);
}

const HEAD = /^HTTP\/1\.1 (?<status>\d{3})[^\r\n]*\r\n(?<lines>(?:[^\r\n]+\r\n)*)\r\n/;

/**
 * The answers in what came back, without those that only say to go on.
 *
 * @param isHead they answer HEAD, and have no bodies
 */
export function parseAnswers(bytes: Buffer, isHead = false): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = bytes.toString('latin1');
  while (rest !== '') {
    const found = HEAD.exec(rest);
    if (found === null) throw new Error(`not an answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const { status = '', lines = '' } = found.groups ?? {};
    rest = rest.slice(found[0].length);
    const headers = parseHeaders(lines);
    const announced = status.startsWith('1') || status === '304' ? 0 : bodyLength(headers, rest);
    // What is not HTTP is answered without knowing that it was meant as HEAD.
    const length = isHead && rest.length !== announced ? 0 : announced;
    const body = Buffer.from(rest.slice(0, length), 'latin1').toString('utf8');
    rest = rest.slice(length);
    if (!status.startsWith('1')) answers.push({ status: Number(status), headers, body });
  }
  return answers;
}

function parseHeaders(lines: string): Record<string, string> {
  const each = lines.split('\r\n').filter(line => line !== '');
  return Object.fromEntries(
    each.map(line => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function bodyLength(headers: Readonly<Record<string, string>>, rest: string): number {
  if (headers['content-length'] !== undefined) return Number(headers['content-length']);
  // Chunked, and the last on its connection.
  return headers['transfer-encoding'] === undefined ? 0 : rest.length;
}
