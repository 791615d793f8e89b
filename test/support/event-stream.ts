import { once } from 'node:events';
import { get, type IncomingHttpHeaders } from 'node:http';
import { waitFor } from './wait-for.ts';

export interface StreamedEvent {
  readonly event: string | undefined;
  readonly id: string | undefined;
  /** As it came: not read yet. */
  readonly data: string;
}

/** A client that follows a submission, on a connection of its own. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All that came so far. */
  readonly text: string;
  readonly events: readonly StreamedEvent[];
  readonly heartbeats: number;
  /** True when the server has ended the answer as it should; false when the connection broke. */
  readonly ended: Promise<boolean>;
  /** Resolves when an event with this id has come. */
  event(id: string): Promise<void>;
  /** Goes away without a word. */
  leave(): void;
  /** Reads no more. */
  stall(): void;
}

export async function openEventStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const request = get(url, { headers, agent: false });
  const [response] = await once(request, 'response');
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  response.on('error', () => {});
  const { promise: ended, resolve } = Promise.withResolvers<boolean>();
  response.on('close', () => resolve(response.complete));
  const stream: EventStream = {
    status: response.statusCode,
    headers: response.headers,
    ended,
    get text() {
      return text;
    },
    get events() {
      return blocks(text).flatMap(block => eventOf(block) ?? []);
    },
    get heartbeats() {
      return blocks(text).filter(block => block === ':').length;
    },
    async event(id) {
      await waitFor(() => stream.events.some(event => event.id === id));
    },
    leave: () => request.destroy(),
    stall: () => response.pause(),
  };
  return stream;
}

/** What an empty line ends; what comes after the last one is not complete. */
function blocks(text: string): string[] {
  return text.split('\n\n').slice(0, -1);
}

function eventOf(block: string): StreamedEvent | undefined {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const data = field('data');
  return data === undefined ? undefined : { event: field('event'), id: field('id'), data };
}
