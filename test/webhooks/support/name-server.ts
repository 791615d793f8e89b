import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { onTestFinished } from 'vitest';

/*
 * A real name server (RFC 1035), as small as it can be: it answers one question
 * for A or AAAA by UDP.
 */

const TYPES = { A: 1, AAAA: 28 } as const;

export interface NameServer {
  /** For `setServers`. */
  readonly address: string;
  /** The names asked for, with the type: `A crm.example`. */
  readonly asked: readonly string[];
}

/** @param addressesOf what a name leads to, at this moment; undefined: it says nothing at all */
export async function openNameServer(
  addressesOf: (name: string) => readonly string[] | undefined,
): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { name, type, question } = readQuestion(query);
    const family = type === TYPES.A ? 'A' : 'AAAA';
    asked.push(`${family} ${name}`);
    const all = addressesOf(name);
    if (all === undefined) return;
    const fitting = all.filter(each => isIPv4(each) === (type === TYPES.A));
    socket.send(answerTo(query, question, type, all.length === 0, fitting), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { address: `127.0.0.1:${socket.address().port}`, asked };
}

function readQuestion(query: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), question: query.subarray(12, end) };
}

function answerTo(
  query: Buffer,
  question: Buffer,
  type: number,
  isUnknown: boolean,
  addresses: readonly string[],
): Buffer {
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // An answer, recursion wanted and available; name error if there is nothing of that name.
  header.writeUInt16BE(isUnknown ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const answers = addresses.map(address => {
    const data = bytesOf(address);
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    // It may be kept for no second.
    record.writeUInt32BE(0, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([header, question, ...answers]);
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // The URL class writes what is in IPv4's form as hexadecimal, too.
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const groups = (text: string) => text.split(':').filter(group => group !== '');
  const end = groups(tail ?? '');
  const start = groups(head);
  const zeros = Array.from({ length: 8 - start.length - end.length }, () => '0');
  const hex = [...start, ...zeros, ...end].map(group => group.padStart(4, '0')).join('');
  return Buffer.from(hex, 'hex');
}
