import { expect, test } from 'vitest';
import { checkEndpointUrl } from '../../src/webhook-url.ts';

const strictly = (text: string) => checkEndpointUrl(text, false);

test.each([
  'https://crm.example/hooks',
  'https://crm.example:8443/hooks?key=1#part',
  'https://93.184.215.14/',
  'https://[2606:4700:4700::1111]/hooks',
  // A name is looked at when a connection is made.
  'https://localhost/',
])('%s may be one', text => {
  expect(strictly(text)).toEqual({ url: new URL(text) });
});

test.each(['', 'crm.example/hooks', 'http://crm.example/', 'ftp://crm.example/', 'https://', 'data:,x'])(
  '“%s” may not, and it says what it must be',
  text => {
    expect(strictly(text)).toEqual({ mistake: 'must be a URL like https://crm.example/hooks' });
  },
);

test.each(['https://ann:secret@crm.example/', 'https://ann@crm.example/', 'https://:secret@crm.example/'])(
  'no user and no password: %s',
  text => {
    expect(strictly(text)).toEqual({ mistake: 'must not hold a user or a password' });
    expect(checkEndpointUrl(text, true)).toEqual(strictly(text));
  },
);

/** However it is written. */
test.each([
  '127.0.0.1',
  '127.1',
  '127.0.0.1.',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '2130706433',
  '１２７.0.0.1',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '0',
  '0.0.0.0',
  '10.1.2.3',
  '169.254.169.254',
  '0xa9fea9fe',
  '192.168.1.1:8443',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::10.0.0.1]',
  '[2002:7f00:1::]',
  '[fe80::1]',
  '[fd00:ec2::254]',
])('an address of a private network may not: %s', host => {
  expect(strictly(`https://${host}/`)).toEqual({ mistake: 'must not be of a private network' });
});

test('where private networks are allowed, they are, and http', () => {
  for (const text of ['http://127.0.0.1:3000/', 'http://[::1]/', 'https://10.0.0.1/', 'http://crm/']) {
    expect(checkEndpointUrl(text, true)).toEqual({ url: new URL(text) });
  }
  expect(checkEndpointUrl('file:///etc/passwd', true)).toHaveProperty('mistake');
});
