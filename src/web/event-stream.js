/**
 * Server-sent events read by fetch, because EventSource cannot send a token.
 *
 * @typedef {object} Part
 * @property {string} [id]
 * @property {string} [data]
 * @property {number} [retryMs]
 */

/**
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {AsyncGenerator<Part>} also an empty part for each heartbeat
 */
export async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let rest = ''; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) yield partOf(block);
  }
}

/**
 * @param {string} block
 * @returns {Part}
 */
function partOf(block) {
  /** @type {Part} */
  const part = {};
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^(id|data|retry): ?(.*)$/.exec(line) ?? [];
    if (name === 'retry') part.retryMs = Number(value);
    else if (name === 'id' || name === 'data') part[name] = value;
  }
  return part;
}
