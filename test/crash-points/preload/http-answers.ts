import { ServerResponse } from 'node:http';
import { passOrDie } from './order-taker.ts';

/*
 * Between the API and its clients: the answers to those who raise.
 */

const { end } = ServerResponse.prototype;

Object.defineProperty(ServerResponse.prototype, 'end', {
  writable: true,
  value(this: ServerResponse, ...last: unknown[]) {
    if (this.req.method !== 'POST') return Reflect.apply(end, this, last);
    passOrDie('before-answer');
    // The system has all of it then.
    this.once('finish', () => passOrDie('after-answer'));
    return Reflect.apply(end, this, last);
  },
});
