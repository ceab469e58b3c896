import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {DecodeError, UsageError} from '../../../../src/base/errors.js';
import {ProtobufReader} from '../../../../src/session/codec/protobuf-reader.js';
import {decodeSession, encodeSession, readSession} from '../../../../src/session/codec/session-protobuf.js';
import {defaultGuestRule, newSession, type Session, stringBag} from '../../../../src/session/session.js';

import {anyRow} from '../../../support/session-arbitrary.js';
import {runs} from '../../../support/tiers.js';

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly valid: boolean;
  readonly error?: string;
  readonly message?: Record<string, unknown>;
}
const vectors: Vector[] = JSON.parse(readFileSync('test/vectors/session.json', 'utf8'));

/** The names and shapes that the Go program wrote into the vectors. */
function asGoMessage(session: Session): Record<string, unknown> {
  return {
    IP: session.ip,
    Network: session.network,
    UserId: session.userId,
    SessionId: session.sessionId,
    ServerId: session.serverId,
    TraceId: session.traceId,
    SpanId: session.spanId,
    Settings: {...session.settings},
    Carrier: {...session.carrier},
    Topic: session.topic,
    isGuest: defaultGuestRule(session),
  };
}

describe("a session in mqant's protobuf", () => {
  test('has 208 vectors from the Go code', () => {
    expect(vectors).toHaveLength(208);
  });

  test.each(vectors.filter((vector) => vector.valid))('decodes $name like Go', ({hex, message}) => {
    expect(asGoMessage(decodeSession(Buffer.from(hex, 'hex')))).toEqual(message);
  });

  test.each(vectors.filter((vector) => !vector.valid))('rejects $name like Go', ({hex, error}) => {
    const bytes = Buffer.from(hex, 'hex');
    let thrown: unknown;
    try {
      decodeSession(bytes);
    } catch (cause) {
      thrown = cause;
    }
    expect(thrown).toBeInstanceOf(DecodeError);
    const {message, offset} = thrown as DecodeError;
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThanOrEqual(bytes.length);
    expect(/UTF-8/.test(message)).toBe(/UTF-8/.test(error ?? ''));
  });

  test.each(vectors.filter((vector) => vector.valid))('$name survives decoding and encoding', ({hex}) => {
    const session = decodeSession(Buffer.from(hex, 'hex'));
    expect(decodeSession(encodeSession(session))).toEqual(session);
  });

  test("keeps a newer writer's field byte for byte", () => {
    const newer = Buffer.concat([
      encodeSession(newSession({userId: 'u1'})),
      Buffer.from('a2010568656c6c6f7801', 'hex'),
    ]);
    expect(encodeSession(decodeSession(newer))).toEqual(newer);
  });

  test.each(['__proto__', 'constructor', 'toString', '12', ''])(
    'treats the settings key "%s" like any other',
    (key) => {
      const session = newSession({settings: stringBag([[key, 'x']])});
      const decoded = decodeSession(encodeSession(session));
      expect(Object.entries(decoded.settings)).toEqual([[key, 'x']]);
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    },
  );

  test('rejects a lone surrogate by the name of the field', () => {
    const session = newSession({settings: stringBag([['room', '\ud800']])});
    expect(() => encodeSession(session)).toThrow(UsageError);
    expect(() => encodeSession(session)).toThrow('Settings "room"');
  });

  const text = fc.string({unit: 'grapheme', maxLength: 80});
  const bag = fc.array(fc.tuple(text, text), {maxLength: 8}).map((entries) => stringBag(entries));
  const anySession = fc
    .record({
      ip: text,
      network: text,
      userId: text,
      sessionId: text,
      topic: text,
      settings: bag,
      carrier: bag,
    })
    .map((fields) => newSession(fields));

  test('any session is the same after encoding and decoding', () => {
    fc.assert(
      fc.property(anySession, (session) => {
        const decoded = decodeSession(encodeSession(session));
        expect(asGoMessage(decoded)).toEqual(asGoMessage(session));
      }),
    );
  });

  test('decodes mutated bytes or rejects them with an offset', () => {
    const good = vectors.filter(
      (vector) => vector.valid && vector.hex.length > 40 && vector.hex.length < 2000,
    );
    const mutation = fc.record({
      vector: fc.constantFrom(...good),
      at: fc.nat(),
      byte: fc.integer({min: 0, max: 255}),
      cut: fc.nat(),
    });
    fc.assert(
      fc.property(mutation, ({vector, at, byte, cut}) => {
        const bytes = Buffer.from(vector.hex, 'hex');
        bytes[at % bytes.length] = byte;
        const mutated = cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
        try {
          encodeSession(decodeSession(mutated));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          expect((error as DecodeError).offset).toBeTypeOf('number');
        }
      }),
      {numRuns: runs(5000)},
    );
  });
});

describe('bytes that are all ASCII', () => {
  const readChecked = (bytes: Uint8Array): Session => readSession(new ProtobufReader(bytes));

  /** What a decoder says of bytes, be it yes or no. */
  const verdict = (decode: (bytes: Uint8Array) => Session, bytes: Uint8Array): unknown => {
    try {
      return decode(bytes);
    } catch (error) {
      return String(error);
    }
  };

  test.each(vectors)('decode as with checks of the text: $name', ({hex}) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(verdict(decodeSession, bytes)).toEqual(verdict(readChecked, bytes));
  });

  test('decode like checked text after random changes', () => {
    const change = fc.record({at: fc.nat(), byte: fc.integer({min: 0, max: 127})});
    fc.assert(
      fc.property(anyRow, fc.array(change, {maxLength: 3}), ({session}, changes) => {
        const bytes = encodeSession(session);
        for (const {at, byte} of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        expect(verdict(decodeSession, bytes)).toEqual(verdict(readChecked, bytes));
      }),
      {numRuns: runs(1000)},
    );
  });
});
