/*
 * What the text of an old value means.
 */

/** Without U+0000, which SQLite keeps in a text and PostgreSQL does not. */
export function storable(text: string): string {
  return text.replaceAll('\0', '');
}

/** Counted as PostgreSQL does: by code points. */
export function isLongerThan(text: string, most: number): boolean {
  return text.length > most && [...text].length > most;
}

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'true', 'y', 'yes', 'on', 'active']);

/** Whether a flag is set: a boolean, a number or a word. */
export function isTrue(value: string | null): boolean {
  return TRUE.has(word(value));
}

/** In small letters, without spaces around it; Django's choices are often in capital ones. */
export function word(value: string | null): string {
  return (value ?? '').trim().toLowerCase();
}

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** A time as ISO 8601, to the millisecond; without a zone it is UTC, as Django stores it. Null for what is none. */
export function timeOf(value: string | null): string | null {
  const [, day, time, fraction = '0', zone = 'Z'] = TIME.exec(value ?? '') ?? [];
  if (day === undefined || time === undefined) return null;
  const offset = zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours, minutes = '00') => `${hours}:${minutes}`);
  const at = new Date(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
