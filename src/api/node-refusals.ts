import type { FastifyInstance } from 'fastify';
import { FrameworkRequestError } from './framework-errors.ts';
import { PROBLEM_TYPE, toProblem } from './problem-details.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/*
 * What Node by itself would refuse with a bare status, or by hanging up.
 */

const EXPECTATION_UNKNOWN = new FrameworkRequestError({
  code: 'expectation_unknown',
  status: 417,
  title: 'The request expects what is not known here',
  detail: 'of the header Expect, only 100-continue is known',
});

const HOST_MISSING = new FrameworkRequestError({
  code: 'host_missing',
  status: 400,
  title: 'The header Host is missing',
  detail: 'a request of HTTP/1.1 must have the header Host',
});

/** Node's own check of Host is off (see server-timeouts.ts): this one answers with a problem. */
export function refuseAsProblems(app: FastifyInstance): void {
  app.server.on('checkExpectation', (_request, response) => {
    const { status } = EXPECTATION_UNKNOWN;
    // The body that was announced may or may not come.
    const body = JSON.stringify(toProblem(EXPECTATION_UNKNOWN));
    response
      .writeHead(status, {
        ...SECURITY_HEADERS,
        'content-type': PROBLEM_TYPE,
        'content-length': body.length,
        connection: 'close',
      })
      .end(body);
  });
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const isMissing = raw.headers.host === undefined && raw.httpVersion === '1.1';
    done(isMissing ? HOST_MISSING : undefined);
  });
}
