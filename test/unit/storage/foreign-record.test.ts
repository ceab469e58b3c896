import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {DecodeError, UnreadableRecordError} from '../../../src/base/errors.js';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, type Session, stringBag} from '../../../src/session/session.js';
import {ForeignRecord} from '../../../src/storage/foreign/foreign-record.js';
import {jsonFormat} from '../../../src/storage/foreign/json-map.js';
import {msgpackFormat} from '../../../src/storage/foreign/msgpack-map.js';
import {
  decodeRecord,
  nonSessionMemberNames,
  updateStoredDocument,
} from '../../../src/storage/record-encoding.js';
import {anyText} from '../../support/session-arbitrary.js';

const text = anyText.map((value) => value.toWellFormed());
const space = fc.constantFrom('', ' ', '\n  ', '\t', '\r\n');
const spellings = [
  ['userId', 'sessionId', 'settings'],
  ['UserId', 'SessionId', 'Settings'],
  ['userid', 'sessionid', 'settings'],
  ['user_id', 'session_id', 'settings'],
  ['USERID', 'SESSIONID', 'SETTINGS'],
] as const;

/** Values that JSON.parse and JSON.stringify would not give back as they stand. */
const oddValues = fc.constantFrom(
  ...[
    '1.0',
    '1e3',
    '-0',
    '9007199254740993',
    '123456789012345678901234567890',
    'null',
    'true',
    '"\\u0041\\/"',
  ],
  ...['[1.50, {"userId":"x"}]', '{"a":1,"a":2}', '{ }', '[]', '"}],{["', '{"settings":{"b":"2.0"}}'],
);
const oddMember = fc.tuple(
  fc.constantFrom('VipLevel', 'x', '__proto__', 'id2', 'Level', 'userIds'),
  oddValues,
);
const bag = fc.uniqueArray(fc.tuple(text, text), {maxLength: 5, selector: ([key]) => key});
const document = fc.record({
  spelling: fc.constantFrom(...spellings),
  odd: fc.array(oddMember, {maxLength: 6}),
  settings: bag,
  spaces: fc.array(space, {minLength: 7, maxLength: 7}),
  at: fc.nat({max: 6}),
});

/** A JSON text with a session among other members. */
function jsonOf({
  spelling,
  odd,
  settings,
  spaces,
  at,
}: typeof document extends fc.Arbitrary<infer T> ? T : never) {
  const [a, b, c, d, e, f, g] = spaces;
  const [user, id, bagName] = spelling;
  const own = [
    `"${user}"${a}:${b}"u1"`,
    `"${id}"${a}:${b}"s1"`,
    `"${bagName}"${c}:{${settings.map(([key, value]) => `${d}${JSON.stringify(key)}${e}:${JSON.stringify(value)}`).join(',')}${f}}`,
  ];
  const others = odd.map(([key, value]) => `"${key}"${c}:${d}${value}`);
  const members = [...others.slice(0, at), ...own, ...others.slice(at)];
  return {text: `${a}{${members.map((member) => `${e}${member}${f}`).join(',')}}${g}`, others};
}

const withSettings = (session: Session, settings: readonly (readonly [string, string])[]): Session => ({
  ...session,
  settings: stringBag(settings),
});

describe("A3: JSON in the project's format", () => {
  test('keeps unchanged parts byte for byte', () => {
    fc.assert(
      fc.property(document, (shape) => {
        const bytes = Buffer.from(jsonOf(shape).text);
        const record = new ForeignRecord(jsonFormat, bytes);
        expect(record.session).toMatchObject({userId: 'u1', sessionId: 's1'});
        expect({...record.session.settings}).toEqual(Object.fromEntries(shape.settings));
        expect(record.edited(decodeSession(encodeSession(record.session)))).toEqual(bytes);
        expect(record.extras).toEqual(shape.odd.map(([key]) => key));
      }),
    );
  });

  test('keeps other members with their order and spelling on an edit', () => {
    fc.assert(
      fc.property(document, bag, fc.constantFrom('u1', 'u2'), (shape, after, userId) => {
        const {text: before, others} = jsonOf(shape);
        const record = new ForeignRecord(jsonFormat, Buffer.from(before));
        const edited = record.edited({...withSettings(record.session, after), userId}).toString();
        const again = new ForeignRecord(jsonFormat, Buffer.from(edited));
        expect({...again.session.settings}).toEqual(Object.fromEntries(after));
        expect(again.session.userId).toBe(userId);
        let from = 0;
        for (const other of others) {
          from = edited.indexOf(other, from);
          expect(from).toBeGreaterThanOrEqual(0);
          from += other.length;
        }
        expect(Object.keys(JSON.parse(edited))).toEqual(Object.keys(JSON.parse(before)));
        for (const [key, value] of shape.settings)
          if (after.some((pair) => pair[0] === key && pair[1] === value))
            expect(edited).toContain(`${JSON.stringify(key)}${shape.spaces[4]}:${JSON.stringify(value)}`);
      }),
    );
  });

  test.each([
    [
      '{"UserId":"u","Settings":{"a":"1"},"VipLevel":7}',
      {z: '1'},
      '{"UserId":"u","Settings":{"a":"1","z":"1"},"VipLevel":7}',
    ],
    ['{"UserId":"u","Settings":{"a":"1","b":"2"}}', {a: undefined}, '{"UserId":"u","Settings":{"b":"2"}}'],
    ['{"UserId":"u","Settings":{"a":"1"}}', {a: undefined}, '{"UserId":"u","Settings":{}}'],
    ['{"UserId":"u","Settings":null,"x":1.0}', {z: '1'}, '{"UserId":"u","Settings":{"z":"1"},"x":1.0}'],
    ['{"UserId":"u","x":1.0}', {z: '1'}, '{"UserId":"u","x":1.0,"Settings":{"z":"1"}}'],
    ['{"userid":"u"}', {z: '1'}, '{"userid":"u","settings":{"z":"1"}}'],
    ['{"user_id":"u"}', {z: '1'}, '{"user_id":"u","settings":{"z":"1"}}'],
    [
      '{\n  "userId": "u",\n  "settings": {\n    "a": "1"\n  }\n}\n',
      {b: '2'},
      '{\n  "userId": "u",\n  "settings": {\n    "a": "1",\n    "b": "2"\n  }\n}\n',
    ],
    [
      '\ufeff{"userId":"u","settings":{"a":"1","a":"1"}}',
      {a: '2'},
      '\ufeff{"userId":"u","settings":{"a":"2","a":"2"}}',
    ],
    ['{"id":7,"UserId":"u","gate":{}}', {z: '1'}, '{"id":7,"UserId":"u","gate":{},"Settings":{"z":"1"}}'],
  ])('%s', (before, change, after) => {
    const record = new ForeignRecord(jsonFormat, Buffer.from(before));
    const settings = Object.entries({...record.session.settings, ...change}).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    expect(record.edited(withSettings(record.session, settings)).toString()).toBe(after);
  });

  test.each([
    '{"UserId":"a","userId":"b"}',
    '{"UserId":"a","UserId":"b"}',
    '{"UserId":"a","Settings":{"x":"1","x":"2"}}',
    '{"UserId":7}',
    '{"UserId":"a","Settings":{"level":7}}',
    '{"UserId":"a","Settings":[]}',
    '{"UserId":"\\ud800"}',
    '[]',
    '{"roomName":"x"}',
    '{"UserId":"a"',
    '',
  ])('rejects %s, which is not a single session, and never overwrites it', (stored) => {
    expect(() => new ForeignRecord(jsonFormat, Buffer.from(stored))).toThrow(DecodeError);
    const value = encodeSession(newSession({userId: 'a'}));
    expect(() => updateStoredDocument(Buffer.from(stored), value, 'json')).toThrow(UnreadableRecordError);
    expect(decodeRecord(Buffer.from(stored), 'json')).toMatchObject({value: Buffer.from(stored)});
  });

  test("names the project's members, and none for gatectl's own documents", () => {
    const bytes = Buffer.from('{"UserId":"a","VipLevel":7}');
    expect(nonSessionMemberNames({encoding: 'json', bytes})).toEqual(['VipLevel']);
    expect(decodeRecord(bytes, 'json').stored).toEqual({encoding: 'json', bytes});
    const session = newSession({userId: 'a', unknownFields: Buffer.from([0xfa, 0x01, 0x00])});
    const ours = updateStoredDocument(Buffer.from('{}'), encodeSession(session), 'json');
    expect(nonSessionMemberNames({encoding: 'json', bytes: ours})).toEqual([]);
    expect(decodeSession(decodeRecord(ours, 'json').value)).toEqual(session);
  });

  test('rejects bytes that are not UTF-8 instead of replacing them', () => {
    const bytes = Buffer.concat([Buffer.from('{"UserId":"a","x":"'), Buffer.of(0xff), Buffer.from('"}')]);
    expect(decodeRecord(bytes, 'json').fault).toContain('invalid UTF-8');
  });
});

/** `key` and a value in bytes that no library would write so. */
const oddPacked = fc.constantFrom(
  ...['a376697007', 'a3766970cd0007', 'a3766970d300000000000000ff', 'a3766970ca3f800000', 'a3766970c4020102'],
  ...[
    'a3766970d801000102030405060708090a0b0c0d0e0f',
    'a3766970de0001a16181c0c2',
    '07a178',
    'c0a178',
    'a3766970d9026162',
  ],
);
const packedDocument = fc.record({
  odd: fc.array(oddPacked, {maxLength: 20}),
  at: fc.nat({max: 20}),
  wide: fc.constantFrom('fix', 'de', 'df'),
  settings: bag,
});

describe("A3: msgpack in the project's format", () => {
  const string = (value: string) => Buffer.from(msgpackFormat.text(value), 'latin1');

  function packed({
    odd,
    at,
    wide,
    settings,
  }: {
    odd: string[];
    at: number;
    wide: string;
    settings: [string, string][];
  }) {
    const others = odd.map((hex) => Buffer.from(hex, 'hex'));
    const map = Buffer.from(msgpackFormat.map(settings), 'latin1');
    const own = [Buffer.concat([string('UserId'), string('u1')]), Buffer.concat([string('Settings'), map])];
    const members = [...others.slice(0, at), ...own, ...others.slice(at)];
    const {length} = members;
    const narrow = wide === 'fix' && length < 16;
    const header = narrow
      ? Buffer.of(0x80 | length)
      : Buffer.of(...(wide === 'df' ? [0xdf, 0, 0, 0, length] : [0xde, 0, length]));
    return Buffer.concat([header, ...members]);
  }

  test('keeps unchanged parts byte for byte, and integers, extensions and binary on an edit', () => {
    fc.assert(
      fc.property(packedDocument, bag, (shape, after) => {
        const bytes = packed(shape);
        const record = new ForeignRecord(msgpackFormat, bytes);
        expect({...record.session.settings}).toEqual(Object.fromEntries(shape.settings));
        expect(record.edited(decodeSession(encodeSession(record.session)))).toEqual(bytes);
        const edited = record.edited(withSettings(record.session, after));
        // entries that stay come first, as they stood, and new ones behind them
        const kept = shape.settings.filter(([key]) => after.some((pair) => pair[0] === key));
        const want = [
          ...kept.map(([key]) => [key, after.find((pair) => pair[0] === key)?.[1] ?? ''] as [string, string]),
          ...Object.entries(stringBag(after)).filter(
            ([key]) => !shape.settings.some((pair) => pair[0] === key),
          ),
        ];
        expect(edited).toEqual(packed({...shape, settings: want}));
      }),
    );
  });

  test('widens the header of a map that grows beyond 15 entries', () => {
    const settings = Array.from({length: 15}, (_, at): [string, string] => [`k${at}`, 'v']);
    const record = new ForeignRecord(msgpackFormat, packed({odd: [], at: 0, wide: 'fix', settings}));
    const edited = record.edited(withSettings(record.session, [...settings, ['k15', 'v']]));
    expect(Object.keys(new ForeignRecord(msgpackFormat, edited).session.settings)).toHaveLength(16);
  });
});
