import { defineEntity, p } from '@mikro-orm/core';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  checks: [{ name: 'users_id_length', expression: 'char_length(id) >= 1 and char_length(id) <= 128' }],
  properties: {
    // The token's subject, as the identity provider spells it: never ours to generate.
    id: p.text().primary(),
    email: p.text().nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** Who signs in. Made when the user's first submission is applied. */
export class User extends UserSchema.class {}

UserSchema.setClass(User);
