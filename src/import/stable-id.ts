import { createHash } from 'node:crypto';

/*
 * The same old row always gets the same new id, so an import that runs again, or
 * one that brings other tables later, meets what is there. Ids are UUIDs of
 * version 5 (RFC 9562, 5.5): a name, hashed within a namespace that is ours.
 */

/** Never to change: every id of an imported row is made of it. */
const NAMESPACE = Buffer.from('5f0c7c2e0b8e4d0f9a59d7f0b1c2a3e4', 'hex');

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/**
 * The new id of an organization of the old CRM. One that is a UUID already, with
 * or without hyphens, is kept.
 *
 * @param oldId null for the organization that stands in where the old row names none
 */
export function organizationIdOf(oldId: string | null): string {
  return oldId !== null && UUID.test(oldId) ? hyphened(oldId) : stableId('organizations', oldId ?? '');
}

/** The new id of a user's profile of a type: there is one, however many the old CRM has. */
export function profileIdOf(userId: string, profileType: string): string {
  return stableId('user_profiles', `${profileType}:${userId}`);
}

/** The new id of a user's business with an organization. */
export function customerIdOf(userId: string, organizationId: string): string {
  return stableId('customers', `${organizationId}:${userId}`);
}

function stableId(table: string, name: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(`${table}:${name}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hyphened(hash.toString('hex', 0, 16));
}

function hyphened(id: string): string {
  return id
    .toLowerCase()
    .replaceAll('-', '')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
