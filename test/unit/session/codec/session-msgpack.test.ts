import {createRequire} from 'node:module';
import {encode as packWithOthers} from '@msgpack/msgpack';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {DecodeError} from '../../../../src/base/errors.js';
import {readMsgpack} from '../../../../src/session/codec/msgpack-reader.js';
import {sessionFromJson, sessionToJson} from '../../../../src/session/codec/session-json.js';
import {decodeSessionMsgpack, encodeSessionMsgpack} from '../../../../src/session/codec/session-msgpack.js';
import {decodeSession, encodeSession} from '../../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../../src/session/session.js';
import {fastestCpuMs} from '../../../support/fastest.js';
import {runs} from '../../../support/tiers.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/[\s-]/g, ''), 'hex');

type Case = Readonly<Record<string, unknown>> & {readonly msgpack: readonly string[]};
const suite = createRequire(import.meta.url)('msgpack-test-suite/dist/msgpack-test-suite.json') as Readonly<
  Record<string, readonly Case[]>
>;
const cases = Object.entries(suite).flatMap(([file, list]) =>
  list.flatMap((one) => one.msgpack.map((bytes) => ({file, bytes, one}))),
);

/** The value of a case as the reader gives it. */
function expected({nil: _, msgpack: __, ...one}: Case): unknown {
  const [[kind, value] = ['nil', null]] = Object.entries(one);
  if (kind === 'bignum') return BigInt(value as string);
  if (kind === 'binary') return Uint8Array.from(hex(value as string));
  if (kind === 'timestamp') {
    const [seconds, nanoseconds] = value as readonly [number, number];
    return new Date(seconds * 1000 + nanoseconds / 1e6);
  }
  if (kind === 'ext') {
    const [extension, bytes] = value as readonly [number, string];
    return {extension, bytes: Uint8Array.from(hex(bytes))};
  }
  return value;
}

/** Maps as objects and small bigints as numbers, to compare with what is written in the suite. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

describe('E07: the msgpack suite', () => {
  test('has 233 encodings of 85 values', () => {
    expect(cases).toHaveLength(233);
  });

  test.each(cases)('$file: $bytes', ({bytes, one}) => {
    const wanted = expected(one);
    const got = plain(readMsgpack(hex(bytes)));
    if (wanted instanceof Date) expect((got as Date).getTime()).toBeCloseTo(wanted.getTime(), 0);
    else expect(got).toEqual(plain(wanted));
  });
});

describe('E08: malicious msgpack', () => {
  const bombs: readonly (readonly [name: string, bytes: Buffer, why: RegExp])[] = [
    ['an array of 2^32-1', hex('dd ffffffff'), /truncated/],
    ['a map of 2^32-1', hex('df ffffffff'), /truncated/],
    ['a text of 2^32-1', hex('db ffffffff'), /truncated/],
    ['bytes of 2^32-1', hex('c6 ffffffff'), /truncated/],
    ['an extension of 2^32-1', hex('c9 ffffffff 05'), /truncated/],
    [
      'arrays of a million in arrays',
      Buffer.concat(Array.from({length: 60}, () => hex('dd000fffff'))),
      /truncated/,
    ],
    ['100,000 arrays, one in the other', Buffer.alloc(100_000, 0x91), /deeper than 64 at byte/],
    ['5,000,000 arrays, one in the other', Buffer.alloc(5_000_000, 0x91), /deeper than 64 at byte/],
    [
      '100,000 maps, one in the other',
      Buffer.concat(Array.from({length: 100_000}, () => hex('8101'))),
      /deeper than 64/,
    ],
    ['a key that is nested', Buffer.concat([hex('81'), Buffer.alloc(1000, 0x91)]), /deeper than 64/],
    ['the byte c1', hex('c1'), /invalid msgpack type 0xc1 at byte 0/],
    ['bytes after the value', hex('c0 c0'), /1 byte after the msgpack value at byte 1/],
    ['more of them', hex('c0 c0 c0'), /2 bytes after the msgpack value at byte 1/],
    [
      'a timestamp of 96 bits beyond all calendars',
      hex('c7 0c ff 00000000 7fffffffffffffff'),
      /out of range/,
    ],
    ['a timestamp of a length that there is not', hex('c7 03 ff 010203'), /out of range/],
    ['a text that is not UTF-8', hex('a2 c328'), /invalid UTF-8 at byte 1/],
    ['nothing', hex(''), /truncated/],
  ];

  test.each(bombs)('rejects %s at once, without allocating', (_, bytes, why) => {
    const refused = () => {
      const started = performance.now();
      expect(() => readMsgpack(bytes)).toThrow(why);
      expect(() => readMsgpack(bytes)).toThrow(DecodeError);
      return performance.now() - started;
    };
    const before = process.memoryUsage().rss;
    expect(Math.min(...Array.from({length: 5}, refused))).toBeLessThan(50);
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024);
  });

  test('decodes a megabyte of tiny values in linear time', async () => {
    const size = 1024 * 1024 - 5;
    const head = Buffer.alloc(5, 0xdd);
    head.writeUInt32BE(size, 1);
    const bytes = Buffer.concat([head, Buffer.alloc(size, 0xc0)]);
    const read = () => expect(readMsgpack(bytes)).toHaveLength(size);
    expect(await fastestCpuMs(read, 799)).toBeLessThan(800);
  });

  test('accepts repeated keys and keys that are not text', () => {
    expect(readMsgpack(hex('82 a161 01 a161 02'))).toEqual(new Map([['a', 2]]));
    expect(readMsgpack(hex('82 01 02 c0 03'))).toEqual(
      new Map<unknown, unknown>([
        [1, 2],
        [null, 3],
      ]),
    );
  });
});

describe('sessions as msgpack', () => {
  const text = fc.string({unit: 'grapheme', maxLength: 40});
  const anySession = fc
    .record({
      ip: text,
      userId: text,
      settings: fc.array(fc.tuple(text, text), {maxLength: 8}).map((entries) => stringBag(entries)),
    })
    .map((fields) => newSession(fields));

  test('are the same after encoding and decoding, by gatectl and other libraries', () => {
    fc.assert(
      fc.property(anySession, (session) => {
        expect(decodeSessionMsgpack(encodeSessionMsgpack(session))).toEqual(session);
        const document = sessionToJson(session);
        if (!('__proto__' in Object.fromEntries(Object.entries(document.settings))))
          expect(decodeSessionMsgpack(packWithOthers(document))).toEqual(session);
      }),
      {numRuns: runs(500)},
    );
  });
});

describe('E09: keys that could change a prototype', () => {
  const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const clean = (): void => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  };

  test.each(keys)('treats %s as data in protobuf, msgpack and JSON', (key) => {
    const session = newSession({settings: stringBag([[key, 'polluted']])});
    for (const again of [
      decodeSession(encodeSession(session)),
      decodeSessionMsgpack(encodeSessionMsgpack(session)),
      sessionFromJson(JSON.parse(`{"settings":{${JSON.stringify(key)}:"polluted"}}`)),
    ]) {
      expect(Object.entries(again.settings)).toEqual([[key, 'polluted']]);
      clean();
    }
    expect(() =>
      sessionFromJson(JSON.parse(`{"settings":{${JSON.stringify(key)}:{"polluted":"1"}}}`)),
    ).toThrow(DecodeError);
    clean();
  });
});
