import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import protobufjs from 'protobufjs';
import {describe, expect, test} from 'vitest';
import {DecodeError} from '../../../src/base/errors.js';
import {seededRandom} from '../../../src/dev/clients/seeded-random.js';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, type Session, stringBag} from '../../../src/session/session.js';
import {protocDecode, protocDecodeMany, protocDecodeRaw, protocTakes} from '../../support/protoc.js';
import {describeWith} from '../../support/servers.js';
import {runs} from '../../support/tiers.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const good = encodeSession(
  newSession({
    ip: '127.0.0.1:56344',
    network: 'tcp',
    userId: 'u42',
    sessionId: '5f008e4b69780dc3',
    serverId: 'Gate@a',
    settings: stringBag([['room', 'a-b-c-d']]),
    topic: 'a/b',
  }),
);

/** The good one with a few bytes that are others: letters, which often leave it a session, or any. */
function changedAt(random: () => number, most: number): Buffer {
  const bytes = Buffer.from(good);
  for (let left = 1 + random() * most; left > 0; left -= 1)
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * (random() < 0.6 ? 128 : 256));
  return bytes;
}

interface Hostile {
  readonly name: string;
  readonly bytes: Buffer;
}
const entry = (inner: string): Buffer => Buffer.concat([hex('42'), Buffer.of(hex(inner).length), hex(inner)]);
const field = (tag: string, ...parts: readonly Buffer[]): Buffer => Buffer.concat([hex(tag), ...parts]);

const corpus: readonly Hostile[] = [
  ...Array.from({length: good.length}, (_, size) => ({
    name: `cut to ${size} bytes`,
    bytes: good.subarray(0, size),
  })),
  ...Object.entries({
    'a varint of eleven bytes': hex('58 ffffffffffffffffffff01'),
    'a varint of ten bytes': hex('58 ffffffffffffffffff01'),
    'a varint of more than 64 bits': hex('58 ffffffffffffffffff02'),
    'a length of eleven bytes': hex('0a 8080808080808080808001'),
    'wire type 3 without an end': hex('5b'),
    'wire type 3 with its end': hex('5b 5c'),
    'wire type 4 without a beginning': hex('5c'),
    'a group that another ends': hex('5b 64'),
    'a group in a group': hex('5b 63 64 5c'),
    'wire type 6': hex('5e 00'),
    'wire type 7': hex('5f 00'),
    'a known field of wire type 6': hex('0e 00'),
    'field 0': hex('00 00'),
    'field 0 with bytes': hex('02 00'),
    'the largest field': hex('f8ffffff0f 01'),
    'a field of 2^29': hex('80808080 10 01'),
    'a length of -1': hex('0a ffffffffffffffffff01'),
    'a length of 2^31': hex('0a 8080808008'),
    'a length of 2^63': hex('0a 80808080808080808001'),
    'a length of one too many': hex('0a 02 61'),
    'a known field as varint': hex('08 01'),
    'a known field as fixed64': hex('09 0102030405060708'),
    'a known field as fixed32': hex('0d 01020304'),
    'a known field as a group': hex('0b 0c'),
    'a fixed64 that is cut': hex('59 010203'),
    'a fixed32 that is cut': hex('5d 0102'),
    'an empty entry': entry(''),
    'an entry without a key': entry('12 01 78'),
    'an entry without a value': entry('0a 01 6b'),
    'an entry with a field of its own': entry('0a 01 6b 12 01 76 18 05'),
    'an entry whose key comes twice': entry('0a 01 61 0a 01 62 12 01 76'),
    'an entry whose key is a number': entry('08 05 12 01 76'),
    'an entry that is cut': hex('42 05 0a 01 6b'),
    'an entry with a length beyond it': entry('0a 7f 6b'),
    'an entry as varint': hex('40 01'),
    'two entries of one key': Buffer.concat([entry('0a 01 6b 12 01 31'), entry('0a 01 6b 12 01 32')]),
    'a key that is not UTF-8': entry('0a 01 ff 12 01 31'),
    'a value that is not UTF-8': entry('0a 01 6b 12 01 ff'),
    'an overlong NUL': hex('0a 02 c080'),
    'a surrogate': hex('0a 03 eda080'),
    'a code point over U+10FFFF': hex('0a 04 f4908080'),
    'a lone continuation byte': hex('0a 01 80'),
    'a lead byte at the end': hex('0a 01 c3'),
    'a NUL in a text': hex('0a 03 610062'),
    'a text that comes twice': hex('0a 01 61 0a 01 62'),
    'an unknown text that is not UTF-8': hex('5a 01 ff'),
    'an unknown field that is longer than all': hex('5a 7f 61'),
    'ten thousand unknown fields': Buffer.concat(Array.from({length: 10_000}, () => hex('58 01'))),
    'a tag of more bytes than it needs': hex('8a80808000 01 61'),
    'a tag of ten bytes': hex('8a80808080808080 8000 01 61'),
    nothing: hex(''),
    zeros: Buffer.alloc(64),
    ones: Buffer.alloc(64, 0xff),
    '90 groups, one in the other': Buffer.concat([Buffer.alloc(90, 0x5b), Buffer.alloc(90, 0x5c)]),
    '200,000 groups, one in the other': field('5b', Buffer.alloc(200_000, 0x5b)),
    JSON: Buffer.from('{"IP":"127.0.0.1"}'),
    gzip: hex('1f8b0800000000000003'),
  }).map(([name, bytes]) => ({name, bytes})),
];

/**
 * Where protoc (the C++ library) and mqant's Go differ, ours does as Go: a field number is 29 bits in Go, and a tag of
 * more than 32 bits is no tag there.
 */
const goDiffers: readonly string[] = [
  'a tag of ten bytes',
  'a field of 2^29',
  'a varint of more than 64 bits', // C++ drops the bits above
];

function verdict(bytes: Buffer): Session | DecodeError {
  try {
    return decodeSession(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

describeWith('protoc')('E01: hostile sessions', () => {
  test.each(corpus)('agrees with protoc on $name, with the offset, at once', ({name, bytes}) => {
    const ours = verdict(bytes);
    const times = Array.from({length: 3}, () => {
      const started = performance.now();
      verdict(bytes);
      return performance.now() - started;
    });
    expect(Math.min(...times)).toBeLessThan(50 * Math.ceil((bytes.length + 1) / 65_536));
    if (ours instanceof DecodeError) {
      expect(ours.exitCode).toBe(9);
      expect(ours.offset).toBeGreaterThanOrEqual(0);
      expect(ours.offset).toBeLessThanOrEqual(bytes.length);
    }
    if (!goDiffers.includes(name))
      expect(ours instanceof DecodeError).toBe(protocDecode(bytes) === undefined);
  });

  test('accepts 100,000 settings, and takes the last of a repeated key', () => {
    const session = newSession({
      settings: stringBag(Array.from({length: 100_000}, (_, at) => [`key ${at}`, String(at)] as const)),
    });
    const bytes = Buffer.concat([encodeSession(session), hex('42 0c 0a 05 6b65792030 12 03 6e6577')]);
    const decoded = decodeSession(bytes);
    expect(Object.keys(decoded.settings)).toHaveLength(100_000);
    expect(decoded.settings['key 0']).toBe('new');
  });

  test('E02: agrees with protoc on verdict and fields of mutated sessions', async () => {
    const random = seededRandom(5);
    const changed = Array.from({length: runs(2000)}, () => changedAt(random, 2));
    const accepted = changed.flatMap((bytes) => {
      const ours = verdict(bytes);
      return ours instanceof DecodeError ? [] : [{bytes, again: encodeSession(ours)}];
    });
    const refused = changed.filter((bytes) => verdict(bytes) instanceof DecodeError);
    expect(Math.min(accepted.length, refused.length)).toBeGreaterThan(runs(300));
    const theirs = protocDecodeMany(accepted.map(({bytes}) => bytes));
    const kept = protocDecodeMany(accepted.map(({again}) => again));
    expect([theirs.length, kept.length]).toEqual([accepted.length, accepted.length]);
    // what is unknown inside an entry of a map Go drops, and protoc keeps
    const fields = (text = '') => text.split('\n').filter((line) => /^\w+: |^ {2}(?:key|value): /.test(line));
    for (const [at, {bytes}] of accepted.entries())
      expect(fields(kept[at]), bytes.toString('hex')).toEqual(fields(theirs[at]));
    expect((await protocTakes(refused)).map((bytes) => bytes.toString('hex'))).toEqual([]);
  }, 300_000); // in full it starts protoc for each of a thousand that are refused

  test("E04: changes only its own field on an edit of a newer writer's session", () => {
    const unknown = Buffer.concat(
      Array.from({length: 10}, (_, at) =>
        Buffer.concat([
          hex(at < 5 ? `${(0x5a + at * 8).toString(16)}` : `${(0x82 + (at - 5) * 8).toString(16)}01`),
          hex('02 7a2d'),
        ]),
      ),
    );
    const before = Buffer.concat([good, unknown]);
    const session = decodeSession(before);
    const after = encodeSession({...session, settings: stringBag([['room', 'another']])});
    const lines = (bytes: Buffer): string[] => protocDecodeRaw(bytes).split('\n');
    const [was, is] = [lines(before), lines(after)];
    expect(is.filter((line) => !was.includes(line))).toEqual(['  2: "another"']);
    expect(was.filter((line) => !is.includes(line))).toEqual(['  2: "a-b-c-d"']);
    expect(is.filter((line) => /^1[1-9]: |^20: /.test(line))).toHaveLength(10);
  });
});

const root = protobufjs.parse(readFileSync('test/vectors/session.proto', 'utf8'), {keepCase: true}).root;
const reference = root.lookupType('basegate.sessionImp');

/** What protobufjs makes of it. It is less strict about UTF-8, and no other way. */
function referenceOf(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    return reference.toObject(reference.decode(bytes), {defaults: true});
  } catch {
    return undefined;
  }
}

describe('compared with protobufjs', () => {
  test('E02: agrees on verdict and fields of mutated sessions', () => {
    const random = seededRandom(11);
    let accepted = 0;
    for (let round = 0; round < runs(50_000); round += 1) {
      const bytes = changedAt(random, 3);
      const ours = verdict(bytes);
      const theirs = referenceOf(bytes);
      if (ours instanceof DecodeError) {
        if (!/UTF-8|field number/.test(ours.message))
          expect(theirs, `${bytes.toString('hex')} ${ours.message}`).toBeUndefined();
        continue;
      }
      accepted += 1;
      expect(theirs, bytes.toString('hex')).toBeDefined();
      expect({...(theirs?.['Settings'] as object)}).toEqual({...ours.settings});
      expect(theirs).toMatchObject({
        IP: ours.ip,
        Network: ours.network,
        UserId: ours.userId,
        SessionId: ours.sessionId,
        ServerId: ours.serverId,
        TraceId: ours.traceId,
        SpanId: ours.spanId,
        Topic: ours.topic,
      });
    }
    expect(accepted).toBeGreaterThan(runs(1000));
  });
});

describe('E03: unknown fields', () => {
  const bytes = fc.uint8Array({maxLength: 20});
  const unknownField = fc.tuple(fc.integer({min: 11, max: 2 ** 29 - 1}), bytes).map(([number, value]) => {
    const writer = protobufjs.Writer.create();
    return Buffer.from(
      writer
        .uint32(number * 8 + 2)
        .bytes(value)
        .finish(),
    );
  });

  test('are kept byte for byte and in order', () => {
    fc.assert(
      fc.property(fc.array(unknownField, {maxLength: 8}), fc.nat(), (unknown, where) => {
        const front = unknown.slice(0, where % (unknown.length + 1));
        const back = unknown.slice(front.length);
        const once = encodeSession(decodeSession(Buffer.concat([...front, good, ...back])));
        expect(once).toEqual(Buffer.concat([good, ...unknown]));
        expect(encodeSession(decodeSession(once))).toEqual(once);
      }),
      {numRuns: runs(2000)},
    );
  });
});
