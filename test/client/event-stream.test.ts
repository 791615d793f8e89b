import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readEvents, type StreamedEvent } from '../../client/event-stream.js';

/*
 * Events are the same, however the network cuts their bytes into pieces.
 */

async function read(bytes: Uint8Array<ArrayBuffer>, cuts: readonly number[] = []): Promise<StreamedEvent[]> {
  const places = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [...places, bytes.length].map((end, n) => bytes.subarray(places[n - 1] ?? 0, end));
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  return Array.fromAsync(readEvents(body, () => {}));
}

const encode = (text: string) => new TextEncoder().encode(text);
const line = fc.oneof(
  fc.constantFrom(
    '',
    '',
    ':',
    'data',
    'id: 7',
    'id',
    'id:\0',
    'retry: 15',
    'retry: 1x',
    'event: status',
    'data:a',
  ),
  fc.string({ unit: 'grapheme' }).map(text => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
);
const stream = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')))
  .map(lines => encode(lines.flat().join('')));

it('reads the same, wherever the pieces end', async () => {
  await fc.assert(
    fc.asyncProperty(stream, fc.array(fc.nat()), async (bytes, cuts) => {
      expect(await read(bytes, cuts)).toEqual(await read(bytes));
    }),
  );
});

it('reads the same with each kind of line end', async () => {
  const text = ': hello\nretry: 1500\n\nid: 1\ndata: ä\ndata:  b\n\n:\n\ndata\n\nevent: x\n\ndata: cut off';

  const events = await read(encode(text));

  expect(events).toEqual([
    { id: '', data: undefined, retryMs: 1500 },
    { id: '1', data: 'ä\n b', retryMs: undefined },
    { id: '1', data: '', retryMs: undefined },
  ]);
  expect(await read(encode(`\uFEFF${text.replaceAll('\n', '\r\n')}`))).toEqual(events);
  expect(await read(encode(text.replaceAll('\n', '\r')))).toEqual(events);
});
