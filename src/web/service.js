import { Requests } from '../client/requests.js';

/** Where the page comes from: this module is one step below it. */
export const SERVICE = new URL('..', import.meta.url);

/** For what no client of the API needs: signing in to the demonstration, and the administrator's view. */
export const requests = new Requests({ url: SERVICE });

/** One attempt: whoever asks tries again by themselves, or has somebody at the page do so. */
export const ONCE = Object.freeze({ attempts: 1 });
