import {spawnSync} from 'node:child_process';
import {deflateSync, gzipSync} from 'node:zlib';
import {encode as packWithOthers} from '@msgpack/msgpack';
import {describe, expect, test} from 'vitest';
import {DecodeError, UsageError} from '../../../../src/base/errors.js';
import {encodeCall} from '../../../../src/bus/rpc/envelope.js';
import {byteEncodings, bytesOfText} from '../../../../src/cluster/decode/byte-encodings.js';
import {isSnappyBlock} from '../../../../src/cluster/decode/compression.js';
import {decodeAsKind} from '../../../../src/cluster/decode/decode-as-kind.js';
import {decodeInput, decodeText} from '../../../../src/cluster/decode/decode-text.js';
import {
  encodeSessionAs,
  sessionFormats,
  sessionFromDocument,
  textEncodings,
  textOfBytes,
} from '../../../../src/cluster/decode/encode-session.js';
import {jsonDocumentOf} from '../../../../src/cluster/decode/json-document.js';
import {encodeRecordPage} from '../../../../src/session/codec/record-page.js';
import {sessionToJson} from '../../../../src/session/codec/session-json.js';
import {SessionPageWriter} from '../../../../src/session/codec/session-page.js';
import {encodeSession} from '../../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../../src/session/session.js';
import {decodeRecord} from '../../../../src/storage/record-encoding.js';
import {rpcVectors} from '../../../support/rpc-vectors.js';

const session = newSession({
  ip: '127.0.0.1:56344',
  network: 'tcp',
  userId: 'u42',
  sessionId: '5f008e4b69780dc3',
  serverId: 'Gate@ef3baf91ee4eda8d',
  settings: stringBag([
    ['roomName', 'mqant'],
    ['名', '"\\\n'],
  ]),
});
const protobuf = encodeSession(session);

/** A session, by the encoders of github.com/klauspost/compress. */
const packed = {
  'a snappy block':
    'aa01f0830a0f3132372e302e302e313a353633343412037463701a037534322210356630303865346236393738306463332a1547617465406566336261663931656534656461386442110a08726f6f6d4e616d6512056d71616e7442240a09726f6f6d4e616d653212176d71616e74206d71616e74206d71616e74206d71616e74422b0a01631226525500002f3e7d00',
  snappy:
    'ff060000734e6150705900940000ffcfbc7aaa01f0830a0f3132372e302e302e313a353633343412037463701a037534322210356630303865346236393738306463332a1547617465406566336261663931656534656461386442110a08726f6f6d4e616d6512056d71616e7442240a09726f6f6d4e616d653212176d71616e74206d71616e74206d71616e74206d71616e74422b0a01631226525500002f3e7d00',
  S2: 'ff06000053327354774f00800000ffcfbc7aaa01f05a0a0f3132372e302e302e313a353633343412037463701a037534322210356630303865346236393738306463332a1547617465406566336261663931656534656461386442110a08726f6f6d4e616d6512056d71616e7442240a091113083212170514002042060018422b0a01631226525500002f3e7d00',
  zstd: '28b52ffd0400cd030074060a0f3132372e302e302e313a353633343412037463701a037534322210356630303865346236393738306463332a1547617465406566336261663931656534656461386442110a08726f6f6d4e616d6512056d71616e7442240a0932121720422b0a016312262f0500004304163e4b99f7a698cd8869065395e122',
};

describe('E13: compressed bytes, and formats of old gates', () => {
  test.each(Object.entries(packed))('%s is named, with the command that unpacks it', async (name, text) => {
    const refused = await decodeText(text, {}).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DecodeError);
    expect((refused as DecodeError).message).toContain(`these bytes are ${name}`);
    expect((refused as DecodeError).hint).toMatch(/decompress them first: .*\| gatectl decode -/);
  });

  test('a damaged snappy block is not taken for snappy', () => {
    const block = Buffer.from(packed['a snappy block'], 'hex');
    expect(isSnappyBlock(block)).toBe(true);
    for (let end = 0; end < block.length; end += 1) expect(isSnappyBlock(block.subarray(0, end))).toBe(false);
    expect(isSnappyBlock(Buffer.concat([block, Buffer.of(0, 1)]))).toBe(false);
    expect(isSnappyBlock(Buffer.of(4, 0x01, 0x01))).toBe(false);
    expect(isSnappyBlock(Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0))).toBe(false);
  });

  test('no session, changed or not, is taken for snappy', () => {
    for (let at = 0; at < protobuf.length; at += 1)
      for (const byte of [0, 1, 0x7f, 0xff]) {
        const changed = Buffer.from(protobuf);
        changed[at] = byte;
        expect(isSnappyBlock(changed)).toBe(false);
      }
  });

  test('a map of settings, as gates of 2017 stored it, is not taken for a session', async () => {
    const {decoded} = await decodeText('{"roomName":"mqant","level":"7"}', {});
    expect(decoded).toEqual({kind: 'json', value: {roomName: 'mqant', level: '7'}});
    const refused = 'it has no field of a session, only "roomName", "level"';
    expect(() => sessionFromDocument(Buffer.from('{"roomName":"mqant","level":"7"}'))).toThrow(refused);
    const stored = Buffer.from('{"roomName":"mqant"}');
    const packed = Buffer.from(packWithOthers({roomName: 'mqant'}));
    // shown as undecodable, not as an empty session
    for (const [bytes, encoding] of [
      [stored, 'json'],
      [packed, 'msgpack'],
    ] as const) {
      const decoded = decodeRecord(bytes, encoding);
      expect(decoded).toEqual({
        value: bytes,
        fault: `cannot decode it as ${encoding}: it has no field of a session, only "roomName"`,
        stored: {encoding, bytes},
      });
    }
  });

  test('E10: numbers and keys of a call are not changed', async () => {
    const names = {cid: 'c', fn: 'f', replyTo: 'r', track: '', caller: '', hostname: ''};
    const call = encodeCall({
      ...names,
      expired: 0,
      reply: true,
      argsType: ['map', 'map'],
      args: ['{"gold":12345678901234567890}', '{"a":1,"a":2}'].map((text) => Buffer.from(text)),
    });
    const document = jsonDocumentOf(await decodeAsKind('call', call));
    expect(document).toMatchObject({
      call: {
        args: [
          {type: 'map', value: {gold: '12345678901234567890'}},
          {type: 'map', undecodable: expect.stringContaining('"a" appears twice')},
        ],
      },
    });
  });
});

describe('E12: text encodings of bytes', () => {
  test.each([
    ['hex', '0a0e31', '0a0e31'],
    ['hex', '0A 0E 31\n', '0a0e31'],
    ['hex', '0x0a0e31', '0a0e31'],
    ['hex', '0x0a, 0x0e, 0x31', '0a0e31'],
    ['hex', '0a:0e:31', '0a0e31'],
    ['base64', 'Cg4x', '0a0e31'],
    ['base64', 'Cg4xMg==', '0a0e3132'],
    ['base64', 'Cg4xMg', '0a0e3132'],
    ['base64', 'Cg4x\nMg==', '0a0e3132'],
    ['base64url', '_-8', 'ffef'],
    ['escapes', '"\\x0a\\x0e1"', '0a0e31'],
    ['escapes', '\\n\\x0e1', '0a0e31'],
    ['escapes', '"\\u00e9\\U0001F600\\012"', 'c3a9f09f98800a'],
    ['escapes', '"\\a\\b\\t\\v\\f\\r\\"\\\\"', '0708090b0c0d225c'],
    ['escapes', '"é"', 'c3a9'],
    ['numbers', '[10 14 49]', '0a0e31'],
    ['numbers', '[]byte{0xa, 0xe, 49}', '0a0e31'],
    ['hex', ' 0a 0e\n 31\n', '0a0e31'],
    ['hex', '"0a0e31"', '0a0e31'],
    ['hex', '\\x0a0e31', '0a0e31'],
    ['hex', '<Buffer 0a 0e 31>', '0a0e31'],
    ['base64', '"Cg4xMg=="', '0a0e3132'],
    ['base64url', "'_-8='", 'ffef'],
    ['escapes', "b'\\n\\x0e1\\''", '0a0e3127'],
    ['escapes', 'b"\\n\\x0e\'"', '0a0e27'],
    ['escapes', '1) "\\n\\x0e1"', '0a0e31'],
    ['escapes', '"\\n\\/\\0"', '0a2f00'],
    ['numbers', '{0x0a, 0x0e, 0x31}', '0a0e31'],
    ['numbers', 'unsigned char x[] = {\n  0x0a, 0x0e,\n  0x31\n};\nunsigned int x_len = 3;\n', '0a0e31'],
    ['numbers', 'const uint8_t x[3] = { 10, 14, 49, };', '0a0e31'],
    ['numbers', 'Uint8Array(3) [\n  10, 14, 49\n]', '0a0e31'],
    ['numbers', 'bytes([10, 14, 49])', '0a0e31'],
    ['numbers', '[10, -1, -128]', '0aff80'],
    ['numbers', '{"type":"Buffer","data":[10,14,49]}', '0a0e31'],
    ['raw', 'a\n', '610a'],
    ['hexdump', '0000000 0e0a 0031\n0000003\n', '0a0e31'],
    ['hexdump', '0000   0a 0e 31   ..1\n', '0a0e31'],
    ['hexdump', '00000000: 0a0e 31                                  ..1\n', '0a0e31'],
    ['hexdump', '00000000  0a 0e 31                                          |..1|\n00000003\n', '0a0e31'],
  ] as const)('%s: %j', (encoding, text, hex) => {
    expect(bytesOfText(text, encoding)?.toString('hex')).toBe(hex);
  });

  test.each([
    ['hex', '0a0'],
    ['hex', 'xyz'],
    ['base64', 'Cg4xM'],
    ['base64', 'Cg4xMg='],
    ['base64url', 'Cg4x'],
    ['escapes', 'plain'],
    ['escapes', '"\\q"'],
    ['escapes', '"\\x0"'],
    ['numbers', '[256]'],
    ['numbers', '[-129]'],
    ['numbers', '10 14'],
    ['numbers', '{"a":[10,14]}'],
    ['numbers', '"[10, 14]"'],
    ['hex', '<Buffer 0a 0e ... 50 more bytes>'],
    ['hexdump', '0000000 0e0a 0031\n0000002\n'],
    ['hexdump', '0a0e31'],
    ['hexdump', '00000010: 0a0e 31'],
    ['hexdump', '00000000: 0a0e 31\n00000010: 0a'],
  ] as const)('not %s: %j', (encoding, text) => {
    expect(bytesOfText(text, encoding)).toBeUndefined();
  });
});

describe('a session', () => {
  test.each(textEncodings)('is recognised as protobuf in %s and decoded', async (encoding) => {
    const found = await decodeText(textOfBytes(protobuf, encoding), {});
    expect(found.decoded).toEqual({kind: 'session', form: 'protobuf', session});
    expect(found.bytes).toEqual(protobuf);
  });

  test.each(sessionFormats)('as %s is decoded to the same value', async (form) => {
    const {decoded} = await decodeInput(await encodeSessionAs(session, form), {});
    expect(decoded).toEqual({kind: 'session', form, session});
    const document = Buffer.from(JSON.stringify(jsonDocumentOf(decoded)));
    expect(sessionFromDocument(document)).toEqual(session);
  });

  test('is recognised in the msgpack of other libraries', async () => {
    const {decoded} = await decodeInput(Buffer.from(packWithOthers(sessionToJson(session))), {});
    expect(decoded).toEqual({kind: 'session', form: 'msgpack', session});
  });

  test('keeps unknown fields when converted to JSON and back', async () => {
    const newer = Buffer.concat([protobuf, Buffer.from([0x5a, 0x01, 0x37])]);
    const {decoded} = await decodeInput(newer, {});
    const again = sessionFromDocument(Buffer.from(JSON.stringify(jsonDocumentOf(decoded))));
    expect(encodeSession(again)).toEqual(newer);
  });
});

describe('typical input', () => {
  const found = {kind: 'session', form: 'protobuf', session} as const;

  test('may end with the line break of redis-cli --raw', async () => {
    const input = Buffer.concat([protobuf, Buffer.from('\n')]);
    expect(await decodeInput(input, {})).toMatchObject({decoded: found, bytes: protobuf, encoding: 'raw'});
  });

  test.each([
    ['xxd', []],
    ['xxd', ['-g', '1', '-c', '8']],
    ['hexdump', ['-C']],
    ['hexdump', []],
    ['od', ['-A', 'x', '-t', 'x1z', '-v']],
    ['od', ['-t', 'x1']],
    ['od', ['-A', 'd', '-t', 'x1']],
    ['od', ['-x']],
  ])('is a dump by %s %j', async (program, argv) => {
    const input = Buffer.concat([
      protobuf,
      Buffer.from(encodeSession(newSession({traceId: 'a'.repeat(200)}))),
    ]);
    const dump = dumpBy(program, argv, input);
    if (dump === undefined) return;
    expect(bytesOfText(dump, 'hexdump')).toEqual(input);
    expect((await decodeInput(Buffer.from(dumpBy(program, argv, protobuf) ?? ''), {})).decoded).toEqual(
      found,
    );
  });

  test('may be escaped as by Redis and Go', async () => {
    const redis = `"${[...protobuf].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"\n`;
    expect((await decodeInput(Buffer.from(redis), {})).decoded).toEqual(found);
    const go = `[${[...protobuf].join(' ')}]\n`;
    expect((await decodeInput(Buffer.from(go), {})).decoded).toEqual(found);
  });

  test.each([
    ['gzip', gzipSync],
    ['zlib', deflateSync],
  ] as const)('is %s, itself and in base64', async (compression, pack) => {
    const packed = pack(protobuf);
    expect(await decodeInput(packed, {})).toMatchObject({decoded: found, compression, bytes: protobuf});
    const text = Buffer.from(packed.toString('base64'));
    expect(await decodeInput(text, {})).toMatchObject({decoded: found, compression, encoding: 'base64'});
  });

  test('may be a compression bomb, which is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024));
    await expect(decodeInput(bomb, {})).rejects.toThrow('it decompresses to more than 16777216 bytes');
  });

  test('may be ambiguous: the more plausible reading is used, and the other is named', async () => {
    // fields 1 to 3 are the ip, network and uid of a session, and the id, function and reply address of a call
    const both = encodeSession(newSession({ip: '10.0.0.1:5000', network: 'tcp', userId: 'u1'}));
    expect(await decodeInput(both, {})).toMatchObject({
      decoded: {kind: 'session'},
      others: [{encoding: 'raw', kind: 'call'}],
    });
  });
});

/** Undefined where the program is missing. */
function dumpBy(program: string, argv: readonly string[], input: Buffer): string | undefined {
  const {status, stdout} = spawnSync(program, argv, {input, encoding: 'utf8'});
  return status === 0 ? stdout : undefined;
}

describe('messages of the bus', () => {
  test.each(rpcVectors.calls)(
    '$name: the call and its answer are recognised',
    async ({requestHex, replyHex, reply, argsType}) => {
      const call = jsonDocumentOf((await decodeText(requestHex, {})).decoded) as {
        call: {args: {type: string}[]};
      };
      expect(call.call.args.map(({type}) => type)).toEqual(argsType);
      const answer = jsonDocumentOf((await decodeText(replyHex, {})).decoded);
      expect(answer).toMatchObject({result: {cid: reply.Cid, error: reply.Error}});
    },
  );

  test('a page of sessions is distinguished from a page of records', async () => {
    const writer = new SessionPageWriter();
    writer.add({session: protobuf, connectedAt: 1, lastActiveAt: 2, received: 3, sent: 4});
    const page = await decodeInput(writer.finish('c1'), {});
    expect(jsonDocumentOf(page.decoded)).toMatchObject({
      rows: [{connectedAt: 1, session: {userId: 'u42'}}],
      next: 'c1',
    });
    const records = encodeRecordPage({
      records: [{uid: 'u42', value: protobuf, revision: '7', expiresAt: 0}],
      next: '',
    });
    const found = await decodeInput(records, {});
    expect(jsonDocumentOf(found.decoded)).toMatchObject({records: [{uid: 'u42', session: {userId: 'u42'}}]});
  });
});

describe('bytes that cannot be decoded', () => {
  test.each([
    ['', 'the text is empty'],
    ['hello!', 'neither hex nor base64 nor escapes nor JSON'],
    ['1f8b0800', 'cannot decompress gzip data: unexpected end of file'],
    ['789c0300', 'cannot decompress zlib data: unexpected end of file'],
    ['0aff', 'truncated varint at byte 1'],
    ['{"a":', 'not JSON'],
  ])('%j: %s', async (text, message) => {
    const decoding = decodeText(text, {});
    await expect(decoding).rejects.toThrow(DecodeError);
    await expect(decoding).rejects.toThrow(message);
  });

  test('every truncated session is decoded or refused with the offset, and never hangs', async () => {
    for (let length = 1; length < protobuf.length; length += 1) {
      const outcome = await decodeText(protobuf.subarray(0, length).toString('hex'), {
        as: 'session',
        encoding: 'hex',
      }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (outcome !== undefined) expect((outcome as DecodeError).offset).toBeLessThanOrEqual(length);
    }
  });

  test('refuses a string that is valid in two encodings, and asks for one in the hint', async () => {
    // the same letters: hex of a session document, and base64 of another
    const json = Buffer.from('["ab"]');
    const text = json.toString('hex');
    const asBase64 = bytesOfText(text, 'base64');
    expect(asBase64).toBeDefined();
    await expect(decodeText(text, {encoding: 'base64'})).rejects.toThrow(DecodeError);
    expect((await decodeText(text, {})).encoding).toBe('hex');
  });

  test('bytes that are not in the given encoding are refused', async () => {
    await expect(decodeText('xyz', {encoding: 'hex'})).rejects.toThrow('"xyz" is not valid hex');
    expect(byteEncodings).toContain('raw');
    expect(UsageError).toBeDefined();
  });

  test('bytes are read as the given kind', async () => {
    const found = await decodeText(protobuf.toString('hex'), {as: 'result'});
    expect(found.decoded.kind).toBe('result');
    await expect(decodeText(protobuf.toString('hex'), {as: 'json'})).rejects.toThrow('not JSON');
  });
});

describe('msgpack maps', () => {
  const documentOfHex = async (text: string): Promise<unknown> =>
    jsonDocumentOf((await decodeText(text, {encoding: 'hex', as: 'msgpack'})).decoded);

  test('with text keys become objects', async () => {
    expect(await documentOfHex('82a16101a16281a16302')).toEqual({value: {a: 1, b: {c: 2}}});
  });

  test('with other keys keep every key', async () => {
    expect(await documentOfHex('830101a13102c003')).toEqual({
      value: {
        entries: [
          [1, 1],
          ['1', 2],
          [null, 3],
        ],
      },
    });
  });

  test('as keys of maps take memory by their bytes', async () => {
    const deepest = 60;
    const document = await documentOfHex(`${'81'.repeat(deepest)}a161${'01'.repeat(deepest)}`);
    expect(JSON.stringify(document).length).toBeLessThan(20 * deepest);
  });
});
