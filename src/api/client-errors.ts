import { ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { FrameworkRequestError } from './framework-errors.ts';
import { PROBLEM_TYPE, toProblem } from './problem-details.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/*
 * What cannot even be read as HTTP. There is no request and no reply then, only
 * the socket.
 */

const TIMEOUT = new FrameworkRequestError({
  code: 'request_timeout',
  status: 408,
  title: 'The request came too slowly',
  detail: 'the request was not complete in time',
});

const HEADERS_TOO_LARGE = new FrameworkRequestError({
  code: 'headers_too_large',
  status: 431,
  title: 'The headers are too large',
  detail: 'the headers may have up to 16 KiB together',
});

const NOT_HTTP = new FrameworkRequestError({
  code: 'not_http',
  status: 400,
  title: 'The request cannot be read',
  detail: 'what came is not a well-formed HTTP request',
});

const HEADER_LINES = Object.entries(SECURITY_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');

/** Answers on the socket, and closes it; after the answer that is under way on it, if there is one. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const earlier = answerUnderWay(socket);
  if (earlier !== undefined) {
    socket.pause();
    earlier.once('close', () => socket.destroySoon());
    return;
  }
  const body = JSON.stringify(toProblem(problemOf(error.code)));
  const { status } = problemOf(error.code);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${HEADER_LINES}` +
      `Content-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/**
 * Nothing is done for a request whose client has been answered on the socket. It
 * may still come to its end: its last bytes are read after the answer, as when this
 * process was stopped and they came meanwhile. From there on, nothing is too slow.
 */
export function leaveWhatIsAnswered(app: FastifyInstance): void {
  app.addHook('preValidation', ({ raw }, _reply, done) => {
    done(raw.socket.writableEnded ? TIMEOUT : undefined);
  });
}

/**
 * That to an earlier request on this connection: its client would take ours for
 * it. So it is the last one, and what could not be read goes without an answer.
 */
function answerUnderWay(socket: Socket): ServerResponse | undefined {
  // Node's own name for it; there is no other way to it.
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  const isEarlier = answer instanceof ServerResponse && (answer.req.complete || answer.headersSent);
  return isEarlier ? answer : undefined;
}

function problemOf(code: string | undefined): FrameworkRequestError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return TIMEOUT;
  if (code === 'HPE_HEADER_OVERFLOW') return HEADERS_TOO_LARGE;
  return NOT_HTTP;
}
