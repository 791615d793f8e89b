import { Redis } from 'ioredis';

/* Sabotage, as a preload: the seal of a lane never reaches Redis. */

const { set } = Redis.prototype;
const unsealed = function (this: Redis, ...command: unknown[]) {
  return command[1] === 'sealed' ? Promise.resolve('OK') : Reflect.apply(set, this, command);
};
Object.defineProperty(Redis.prototype, 'set', { value: unsealed, writable: true });
