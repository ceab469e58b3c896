import {describe, expect, test} from 'vitest';
import {celTerms} from '../../../src/selector/cel-terms.js';
import {parseSelector} from '../../../src/selector/selector.js';
import {parseSessionOrder, TopRows} from '../../../src/selector/sort-order.js';
import {canonicalIpAddress, clientAddressOfSession, joinHostPort} from '../../../src/session/ip-address.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';

/** What gates say of a client at 127.0.0.1: of ours today, of mqant, of ours before, and of a proxy that spells it its own way. */
const spellings: readonly (readonly ['tcp' | 'websocket', string])[] = [
  ['tcp', '127.0.0.1:4711'],
  ['websocket', '127.0.0.1'],
  ['tcp', '::ffff:127.0.0.1:4711'],
  ['tcp', '[::ffff:127.0.0.1]:4711'],
  ['tcp', '::ffff:7f00:1:4711'],
  ['websocket', '::ffff:127.0.0.1'],
  ['websocket', '::FFFF:7F00:0001'],
  ['websocket', '0:0:0:0:0:ffff:127.0.0.1'],
  ['websocket', '0000:0000:0000:0000:0000:ffff:7f00:0001'],
];

const rowAt = (network: string, ip: string, sessionId = 's1') => aRow({network, ip, sessionId});

describe('C2: an IPv4-mapped IPv6 address', () => {
  test.each(spellings)('is an IPv4 address to every selector, over %s as %s', async (network, ip) => {
    const row = rowAt(network, ip);
    const selectors = [
      'ip == "127.0.0.1"',
      'ip == "::ffff:127.0.0.1"',
      '"::FFFF:7f00:1" == ip',
      '!(ip != "0:0:0:0:0:ffff:7f00:1")',
      'ip in ["10.0.0.1", "::ffff:7f00:1"]',
      'ip.startsWith("127.")',
      're(ip, "^127[.]")',
      'received >= 0 ? ip == "::ffff:7f00:1" : false',
      ...[
        '127.0.0.1',
        '127.0.0.0/8',
        '::ffff:127.0.0.0/104',
        '::ffff:7f00:1',
        '::ffff:0:0/96',
        '0.0.0.0/0',
      ].map(celTerms.cidr),
    ];
    for (const text of selectors)
      expect([text, (await parseSelector(text)).matches(row, 'Gate@a', 0)]).toEqual([text, true]);
    for (const text of ['128.0.0.0/8', '::/0', '::1', '::ffff:10.0.0.0/104'].map(celTerms.cidr))
      expect([text, (await parseSelector(text)).matches(row, 'Gate@a', 0)]).toEqual([text, false]);
  });

  test.each([
    ['tcp', '[2001:db8::1]:50', '2001:db8::1'],
    ['tcp', '2001:db8::1:50', '2001:db8::1'],
    ['tcp', '::1:50', '::1'],
    ['websocket', '::1:50', '::1:50'],
    ['websocket', '2001:DB8:0:0::1', '2001:db8::1'],
    ['websocket', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['tcp', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['tcp', '10.0.0.1:50', '10.0.0.1'],
    ['tcp', '', ''],
    ['tcp', 'nonsense', 'nonsense'],
    ['tcp', '::ffff:999.0.0.1:50', '::ffff:999.0.0.1:50'],
  ])('other addresses are not changed: over %s %s is %s', (network, ip, expected) => {
    expect(clientAddressOfSession(ip, network)).toBe(expected);
  });

  test("is written by the listener in mqant's form", () => {
    expect(joinHostPort('::ffff:127.0.0.1', 50)).toBe('127.0.0.1:50');
    expect(joinHostPort('::1', 50)).toBe('[::1]:50');
    expect(joinHostPort('10.0.0.1', 50)).toBe('10.0.0.1:50');
    expect(canonicalIpAddress('::FFFF:7F00:1')).toBe('127.0.0.1');
  });

  test('is found by --ip on gates that filter and on others, in encoded and decoded rows', async () => {
    for (const filters of [true, false]) {
      const gate = new FakeGate(
        'Gate@a',
        spellings.map(([network, ip], at) => rowAt(network, ip, `s${at}`)),
      );
      gate.filters = filters;
      gate.add(rowAt('tcp', '[::1]:9', 'other'));
      const {out} = await gatectl('sessions count --ip 127.0.0.0/8 -o json', {gates: [gate]});
      expect(JSON.parse(out).sessions).toBe(spellings.length);
      const listed = await gatectl('sessions list --ip ::ffff:127.0.0.1 -o ids', {gates: [gate]});
      expect(listed.out.trim().split('\n')).toHaveLength(spellings.length);
    }
  });

  test('sorts like IPv4', () => {
    const top = new TopRows<string>(parseSessionOrder('ip'), 10);
    const ips = ['::ffff:10.0.0.3', '10.0.0.2', '::ffff:a00:1'];
    for (const ip of ips) top.offer(ip, {row: rowAt('websocket', ip), node: 'Gate@a', now: 0}, ip);
    expect(top.rows()).toEqual(['::ffff:a00:1', '10.0.0.2', '::ffff:10.0.0.3']);
  });
});
