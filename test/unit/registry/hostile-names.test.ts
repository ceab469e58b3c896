import {describe, expect, test} from 'vitest';
import {isPublishableAddress} from '../../../src/bus/node-address.js';
import {parseNode} from '../../../src/registry/node-record.js';
import {parseStaticList} from '../../../src/registry/static-registry.js';
import {FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';

const hostile = [
  '',
  '.',
  'a..b',
  '.a',
  'a.',
  'gate.*.list',
  'gate.>',
  'a b',
  'a\tb',
  'a\r\nPUB x 1\r\ny',
  'a\u0000b',
  'x'.repeat(1000),
];

describe('B18: a name from the network never becomes another subject', () => {
  test.each(hostile)('%j is no address', (address) => {
    expect(isPublishableAddress(address)).toBe(false);
    expect(parseNode({id: 'Gate@a', address}, 'test')).toBeUndefined();
    expect(() => parseStaticList(`Gate@a=${address}`)).toThrow();
  });

  test.each(['Gate', '@a', 'Gate@a@b', `Gate@${'x'.repeat(300)}`])('%j is no node', (id) => {
    expect(parseNode({id, address: 'ok'}, 'test')).toBeUndefined();
  });

  test.each(['a b', 'a\r\nPUB x 1', 'Gate@a/b/c', 'x'.repeat(1000), '/x', 'Gate@a/'])(
    '%j names no session, and nobody is asked',
    async (reference) => {
      const gate = new FakeGate('Gate@a');
      const {code} = await gatectl(['sessions', 'get', reference], {gates: [gate]});
      expect({code, calls: gate.calls}).toEqual({code: 2, calls: []});
    },
  );
});
