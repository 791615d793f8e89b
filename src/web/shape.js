/**
 * Readers of what comes from elsewhere: each takes any value, and gives one of a
 * known type or throws a TypeError. The types of what the API answers are those of
 * its readers.
 *
 * @template T
 * @typedef {(value: unknown) => T} Reader
 */

/**
 * What the readers of an object's fields make; a field that may be undefined may be absent.
 *
 * @template {Record<string, Reader<unknown>>} S
 * @typedef {{ [K in keyof S as undefined extends ReturnType<S[K]> ? never : K]: ReturnType<S[K]> }
 *   & { [K in keyof S as undefined extends ReturnType<S[K]> ? K : never]?: Exclude<ReturnType<S[K]>, undefined> }} Shape
 */

/** @type {Reader<string>} */
export const string = value => (typeof value === 'string' ? value : wrong('a string', value));

/** @type {Reader<number>} */
export const number = value => (typeof value === 'number' ? value : wrong('a number', value));

/** @type {Reader<boolean>} */
export const boolean = value => (typeof value === 'boolean' ? value : wrong('true or false', value));

/**
 * @template {string} T
 * @param {...T} names
 * @returns {Reader<T>}
 */
export function oneOf(...names) {
  return value => names.find(name => name === value) ?? wrong(`one of ${names.join(', ')}`, value);
}

/**
 * @template T
 * @param {Reader<T>} read
 * @returns {Reader<T | undefined>}
 */
export function optional(read) {
  return value => (value === undefined ? undefined : read(value));
}

/**
 * @template T
 * @param {Reader<T>} read
 * @returns {Reader<T | null>}
 */
export function nullable(read) {
  return value => (value === null ? null : read(value));
}

/**
 * @template T
 * @param {Reader<T>} read
 * @returns {Reader<T[]>}
 */
export function list(read) {
  return value => (Array.isArray(value) ? value.map(read) : wrong('a list', value));
}

/**
 * @template T
 * @param {Reader<T>} read
 * @returns {Reader<Record<string, T>>} any names, with values of one type
 */
export function dictionary(read) {
  return value => Object.fromEntries(Object.entries(fields(value)).map(([name, each]) => [name, read(each)]));
}

/**
 * @template {Record<string, Reader<unknown>>} S
 * @param {S} readers one for each field that is of interest; others are left out
 * @returns {Reader<Shape<S>>}
 */
export function object(readers) {
  return value => {
    const given = fields(value);
    const read = Object.entries(readers).map(([name, reader]) => [name, reader(given[name])]);
    return Object.fromEntries(read.filter(([, each]) => each !== undefined));
  };
}

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
function fields(value) {
  return typeof value === 'object' && value !== null ? { ...value } : wrong('an object', value);
}

/**
 * @param {string} expected
 * @param {unknown} value
 * @returns {never}
 */
function wrong(expected, value) {
  throw new TypeError(`expected ${expected}, got ${JSON.stringify(value)}`);
}
