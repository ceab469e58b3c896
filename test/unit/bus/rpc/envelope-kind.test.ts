import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {envelopeKind} from '../../../../src/bus/rpc/envelope-kind.js';
import {rpcVectors} from '../../../support/rpc-vectors.js';
import {runs} from '../../../support/tiers.js';

describe('the kind of an envelope', () => {
  test('is recognised for every call and result of a real mqant', () => {
    const {calls, clientRequests} = rpcVectors;
    expect(calls.length).toBeGreaterThan(20);
    for (const {requestHex, replyHex, name} of calls) {
      expect([name, envelopeKind(Buffer.from(requestHex, 'hex'))]).toEqual([name, 'call']);
      if (replyHex !== '')
        expect([name, envelopeKind(Buffer.from(replyHex, 'hex'))]).toEqual([name, 'result']);
    }
    for (const {hex} of clientRequests.bus) expect(envelopeKind(Buffer.from(hex, 'hex'))).toBeDefined();
  });

  test('is unknown for other messages', () => {
    for (const foreign of ['', '{"type":"io.nats.micro"}', '+OK', '\n', '\n\x05ab'])
      expect(envelopeKind(Buffer.from(foreign))).toBeUndefined();
  });

  test('is one of the known kinds for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 100}), (bytes) => {
        expect([undefined, 'call', 'result']).toContain(envelopeKind(Uint8Array.of(0x0a, ...bytes)));
      }),
      {numRuns: runs(5000)},
    );
  });
});
