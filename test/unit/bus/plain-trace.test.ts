import fc from 'fast-check';
import {expect, test} from 'vitest';
import {decodeArgument, encodeArgument, isPlainTrace} from '../../../src/bus/rpc/rpc-arguments.js';

const id = fc.stringMatching(/^[0-9a-f]{16}$/);

test('accepts a trace in the usual form', () => {
  fc.assert(
    fc.property(id, id, (trace, span) => {
      const {bytes} = encodeArgument({type: 'trace', value: {trace, span}});
      expect(isPlainTrace(bytes)).toBe(true);
      expect(decodeArgument('trace', bytes)).toEqual({type: 'trace', value: {trace, span}});
    }),
  );
});

test('decodes a trace fully if one byte differs', () => {
  const {bytes} = encodeArgument({type: 'trace', value: {trace: '0'.repeat(16), span: 'f'.repeat(16)}});
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const changed = Uint8Array.from(bytes);
      changed[at] = byte;
      if (!isPlainTrace(changed)) return;
      expect(decodeArgument('trace', changed).type).toBe('trace');
    }),
  );
  expect(isPlainTrace(bytes.subarray(1))).toBe(false);
  expect(isPlainTrace(undefined)).toBe(false);
});
