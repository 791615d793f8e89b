import { lost } from './answer.js';

/**
 * Server-sent events (WHATWG HTML, 9.2) read from a fetch, because EventSource
 * cannot send a token.
 *
 * @typedef {object} StreamedEvent
 * @property {string} id that of the last event that had one
 * @property {string | undefined} data
 * @property {number | undefined} retryMs
 */

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} onSign called for each sign of life, heartbeats included
 * @returns {AsyncGenerator<StreamedEvent>} events, and what is said of the retry time without one
 */
export async function* readEvents(body, onSign) {
  const parser = new EventParser();
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { value, done } = await reader.read().catch(lost);
      if (done) return;
      onSign();
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** What an empty line has not ended is no event, as when the connection breaks within it. */
class EventParser {
  #rest = '';
  #id = '';
  /** @type {string[]} */
  #data = [];
  /** @type {number | undefined} */
  #retryMs;

  /**
   * @param {string} text
   * @returns {Generator<StreamedEvent>}
   */
  *push(text) {
    const lines = (this.#rest + text).split(LINE_END);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') yield* this.#end();
      else this.#field(line);
    }
  }

  *#end() {
    const data = this.#data.length === 0 ? undefined : this.#data.join('\n');
    if (data !== undefined || this.#retryMs !== undefined) {
      yield { id: this.#id, data, retryMs: this.#retryMs };
    }
    this.#data = [];
    this.#retryMs = undefined;
  }

  /** @param {string} line one that begins with a colon is a comment */
  #field(line) {
    const [, name, value = ''] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.#retryMs = Number(value);
  }
}

/** A carriage return at the end may be the first half of an end, so it waits for what follows. */
const LINE_END = /\r\n|\n|\r(?!$)/;
