import {expect, test} from 'vitest';
import {clientAddress} from '../../../../src/gate/listen/client-address.js';
import {TrustedProxies} from '../../../../src/gate/listen/trusted-proxies.js';

const proxies = new TrustedProxies(['10.0.0.0/8', 'fd00::/8', '192.168.1.1']);
const seenFrom = (peer: string, forwardedFor?: string, forwarded?: string): string =>
  clientAddress(peer, {forwardedFor, forwarded}, proxies);

test.each([
  ['9.9.9.9', '9.9.9.9'],
  ['1.1.1.1, 9.9.9.9', '9.9.9.9'],
  ['1.1.1.1, 9.9.9.9, 10.0.0.7,fd00::2', '9.9.9.9'],
  ['10.0.0.9, 10.0.0.8', '10.0.0.9'],
  ['::ffff:9.9.9.9', '9.9.9.9'],
  ['9.9.9.9:4711', '9.9.9.9'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['172.16.0.9', '172.16.0.9'],
  ['9.9.9.9, 2001:db8::1%eth0', '10.0.0.1'],
  ['9.9.9.9, ::%-', '10.0.0.1'],
  ['9.9.9.9, unknown', '10.0.0.1'],
  ['9.9.9.9,', '10.0.0.1'],
  ['', '10.0.0.1'],
])('C2: X-Forwarded-For %s of a trusted proxy at 10.0.0.1 gives %s', (header, address) =>
  expect(seenFrom('10.0.0.1', header)).toBe(address),
);

test.each([
  ['for=9.9.9.9', '9.9.9.9'],
  ['for=1.1.1.1;proto=https, For="[2001:db8::1]:443";by=10.0.0.1', '2001:db8::1'],
  ['for="9.9.9.9:1", for=10.0.0.3', '9.9.9.9'],
  ['for="a\\", for=1.1.1.1", for=9.9.9.9', '9.9.9.9'],
  ['for=_hidden', '10.0.0.1'],
  ['proto=https', '10.0.0.1'],
])('Forwarded %s of a trusted proxy gives %s', (header, address) =>
  expect(seenFrom('::ffff:10.0.0.1', undefined, header)).toBe(address),
);

test('headers of an untrusted peer are ignored', () => {
  expect(seenFrom('8.8.8.8', '9.9.9.9', 'for=9.9.9.9')).toBe('8.8.8.8');
  expect(seenFrom('192.168.1.2', '9.9.9.9')).toBe('192.168.1.2');
});

test('two contradicting headers are ignored', () => {
  expect(seenFrom('10.0.0.1', '9.9.9.9', 'for=9.9.9.9')).toBe('9.9.9.9');
  expect(seenFrom('10.0.0.1', '9.9.9.9', 'for=8.8.8.8')).toBe('10.0.0.1');
});

test.each([
  '10.0.0.0/33',
  '10.0.0/8',
  'fd00::/129',
  'proxy.example',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  'fe80::1%1',
  '10.0.0.0/',
])('refuses the trusted proxy %s', (range) =>
  expect(() => new TrustedProxies([range])).toThrow(`invalid trusted proxy "${range}"`),
);
