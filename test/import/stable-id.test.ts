import { expect, it } from 'vitest';
import { customerIdOf, organizationIdOf, profileIdOf } from '../../src/import/stable-id.ts';

it('never gives an old row another id than in earlier versions', () => {
  expect([
    organizationIdOf('7'),
    organizationIdOf(null),
    profileIdOf('42', 'customer'),
    customerIdOf('42', '7'),
  ]).toEqual([
    '99396d1f-87a7-54cc-bf9d-9a69739d7316',
    '37d3432a-9cb5-552e-a3c0-ddb77bf27ed5',
    'bce2420f-94ce-5421-863c-b2cef7f79af1',
    'e3bde560-0007-5cf8-8300-8f8accac52c6',
  ]);
});

it('keeps an id that is a UUID, however it is written', () => {
  const id = '0198c0de-0000-7000-8000-00000000000a';

  expect(organizationIdOf(id.toUpperCase())).toBe(id);
  expect(organizationIdOf(id.replaceAll('-', ''))).toBe(id);
});

it('gives UUIDs of version 5', () => {
  expect(organizationIdOf('1')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});
