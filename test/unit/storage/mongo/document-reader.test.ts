import fc from 'fast-check';
import {Binary, BSON, Int32, Long, ObjectId} from 'mongodb';
import {describe, expect, test} from 'vitest';
import {DocumentReader} from '../../../../src/storage/mongo/document-reader.js';

const reader = new DocumentReader(['_id', 'Session', 'UpdateAt']);
const decoded = (bytes: Uint8Array) => BSON.deserialize(bytes, {useBigInt64: true});

const usual = fc.oneof(
  fc.string({unit: 'binary'}),
  fc.uint8Array().map((bytes) => new Binary(bytes)),
  fc.uint8Array({minLength: 12, maxLength: 12}).map((bytes) => new ObjectId(bytes)),
  fc.date({noInvalidDate: true}),
);
const other = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer().map((number) => new Int32(number)),
  fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n}).map(Long.fromBigInt),
  fc.double({noNaN: true}),
  fc.uint8Array().map((bytes) => new Binary(bytes, 4)),
  fc.array(fc.string()),
  fc.record({a: fc.string()}),
);

describe('a document of a listing', () => {
  test('is what the driver decodes, whatever its fields and types', () => {
    const name = fc.constantFrom('_id', 'Session', 'UpdateAt', 'Sess', 'Session2', '');
    const documents = fc.dictionary(name, fc.oneof({weight: 4, arbitrary: usual}, other));
    fc.assert(
      fc.property(documents, (document) => {
        const bytes = BSON.serialize(document);
        expect(reader.read(bytes)).toEqual(decoded(bytes));
      }),
    );
  });

  test('is refused when the driver refuses it', () => {
    const whole = BSON.serialize({_id: 'u1', Session: new Binary(Buffer.from('abc')), UpdateAt: new Date(0)});
    fc.assert(
      fc.property(fc.nat({max: whole.length - 1}), fc.nat({max: 255}), (at, byte) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = byte;
        const outcome = (decode: () => unknown): unknown => {
          try {
            return decode();
          } catch (error) {
            return (error as Error).name;
          }
        };
        expect(outcome(() => reader.read(bytes))).toEqual(outcome(() => decoded(bytes)));
      }),
    );
  });

  test('shares the memory of the reply', () => {
    const reply = Buffer.concat([
      Buffer.from('reply'),
      BSON.serialize({Session: new Binary(Buffer.from('abc'))}),
    ]);
    const {Session} = reader.read(reply.subarray(5)) as {readonly Session: Binary};
    expect(Session.buffer.buffer).toBe(reply.buffer);
  });
});
