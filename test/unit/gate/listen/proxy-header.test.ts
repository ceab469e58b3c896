import fc from 'fast-check';
import {expect, test} from 'vitest';
import {parseProxyHeader} from '../../../../src/gate/listen/proxy-header.js';
import {runs} from '../../../support/tiers.js';

const signature = '0d0a0d0a000d0a515549540a';
const v2 = (hex: string): Buffer => Buffer.from(signature + hex, 'hex');

test.each([
  ['PROXY TCP4 9.9.9.9 10.0.0.1 5000 443\r\n', {address: '9.9.9.9', port: 5000}],
  ['PROXY TCP6 2001:db8::1 ::1 65535 1\r\n', {address: '2001:db8::1', port: 65535}],
  ['PROXY UNKNOWN\r\n', undefined],
  ['PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n', undefined],
])('version 1: %j', (text, peer) => {
  const bytes = Buffer.from(`${text}\x10\x0c`, 'latin1');
  expect(parseProxyHeader(bytes)).toEqual({length: text.length, peer});
  for (let cut = 0; cut < text.length; cut += 1)
    expect(parseProxyHeader(bytes.subarray(0, cut))).toBeUndefined();
});

test.each([
  ['2111000c09090909 0a000001138801bb', {address: '9.9.9.9', port: 5000}],
  [
    '2121002420010db8000000000000000000000001 00000000000000000000000000000001 138801bb',
    {address: '2001:db8:0:0:0:0:0:1', port: 5000},
  ],
  ['21110010 09090909 0a000001 1388 01bb 04000161', {address: '9.9.9.9', port: 5000}],
  ['20000000', undefined],
  ['21000000', undefined],
])('version 2: %s', (hex, peer) => {
  const header = v2(hex.replaceAll(' ', ''));
  expect(parseProxyHeader(Buffer.concat([header, Buffer.from('rest')]))).toEqual({
    length: header.length,
    peer,
  });
  for (let cut = 0; cut < header.length; cut += 1)
    expect(parseProxyHeader(header.subarray(0, cut))).toBeUndefined();
});

test.each([
  Buffer.from('GET / HTTP/1.1\r\n'),
  Buffer.from('\x10\x0c\0\x04MQTT', 'latin1'),
  Buffer.from('PROXY TCP4 9.9.9.9 10.0.0.1 5000\r\n'),
  Buffer.from('PROXY TCP4 2001:db8::1 ::1 5000 443\r\n'),
  Buffer.from('PROXY TCP4 9.9.9.9 10.0.0.1 65536 443\r\n'),
  Buffer.from('PROXY TCP4 9.9.9.9 10.0.0.1 -1 443\r\n'),
  Buffer.from('PROXY TCP4 9.9.9.9 10.0.0.1 1 443 x\r\n'),
  Buffer.from(`PROXY TCP4 ${'9'.repeat(200)}`),
  v2('1111000c090909090a000001138801bb'),
  v2('2211000c090909090a000001138801bb'),
  v2('2111000b090909090a000001138801'),
  v2('2111ffff'),
])('refuses bytes that are not a header: %#', (bytes) =>
  expect(() => parseProxyHeader(bytes)).toThrow(/PROXY header/),
);

test('reads no byte after the header, and rejects malformed headers', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 200}), (bytes) => {
      let header: ReturnType<typeof parseProxyHeader>;
      try {
        header = parseProxyHeader(Buffer.from(bytes));
      } catch {
        return;
      }
      if (header !== undefined) expect(header.length).toBeLessThanOrEqual(bytes.length);
      else expect(bytes.length).toBeLessThan(107);
    }),
    {numRuns: runs(2_000)},
  );
});
