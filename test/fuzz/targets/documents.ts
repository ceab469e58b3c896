// Values with names: msgpack, JSON documents, contexts and outcome files of other hands, and what decode is given.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {DecodeError, UsageError} from '../../../src/base/errors.js';
import {readOutcomeFile} from '../../../src/cli/bulk/outcome-file.js';
import {openContextStore} from '../../../src/cli/settings/context-store.js';
import {natsContextReader} from '../../../src/cli/settings/nats-context.js';
import {decodeInput} from '../../../src/cluster/decode/decode-text.js';
import {sessionFromDocument, textEncodings, textOfBytes} from '../../../src/cluster/decode/encode-session.js';
import {jsonDocumentOf} from '../../../src/cluster/decode/json-document.js';
import {readMsgpack} from '../../../src/session/codec/msgpack-reader.js';
import {sessionToJson} from '../../../src/session/codec/session-json.js';
import {decodeSessionMsgpack, encodeSessionMsgpack} from '../../../src/session/codec/session-msgpack.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {decoded, decodedLater, holds, type Target} from '../target.js';
import {someSession} from './wire.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

export const msgpack: Target = {
  name: 'msgpack',
  seeds: [
    encodeSessionMsgpack(someSession),
    hex('94cb3fe0000000000000cf0000000100000000d3ffffffff00000000c403010203'),
    hex('82a161d6ff00000000a162c70305010203'),
    hex('dc0002c0c3de0001d90161d1ff00'),
    hex('91'.repeat(40)),
  ],
  words: [
    hex('dfffffffff'),
    hex('ddffffffff'),
    hex('dbffffffff'),
    hex('c6ffffffff'),
    hex('c1'),
    hex('d6ff'),
    hex('a2c328'),
  ],
  run(input) {
    decoded([DecodeError], () => readMsgpack(input));
    const session = decoded([DecodeError], () => decodeSessionMsgpack(input));
    if (session === undefined) return;
    const once = encodeSessionMsgpack(session);
    holds(once.equals(encodeSessionMsgpack(decodeSessionMsgpack(once))), 'a session is the same as msgpack');
  },
};

const json = Buffer.from(JSON.stringify(sessionToJson(someSession)));

export const decodeText: Target = {
  name: 'decode',
  seeds: [
    json,
    encodeSession(someSession),
    ...textEncodings.map((encoding) => Buffer.from(textOfBytes(encodeSession(someSession), encoding))),
    Buffer.from('[10 14 49]'),
    Buffer.from('[]byte{0xa, 14}'),
    Buffer.from('{"session":{"sessionId":"a","gate":"b","uid":"c","settings":{"__proto__":"x"}}}'),
  ],
  words: ['0x', '\\x', '\\u0041', '"', '{"__proto__":', '[', ']', '=', '-_', '1f8b', '789c', '\\U0010ffff'],
  async run(input) {
    const found = await decodedLater([DecodeError, UsageError], () => decodeInput(input, {}));
    if (found !== undefined) {
      const document = JSON.stringify(jsonDocumentOf(found.decoded));
      if (found.decoded.kind === 'session') {
        const again = sessionFromDocument(Buffer.from(document));
        holds(
          encodeSession(again).equals(encodeSession(found.decoded.session)),
          'a session survives its document',
        );
      }
    }
    decoded([DecodeError], () => sessionFromDocument(input));
  },
};

const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-fuzz-'));
process.once('exit', () => rmSync(folder, {recursive: true, force: true}));
const environment = {HOME: folder, SECRET: 's'};
const natsContext = natsContextReader(folder, environment, folder);
const contexts = openContextStore(folder);

/** By the first byte of an input: a brace is a context of natscli, a line end an outcome file, a space a context. */
const readers: readonly [
  readonly [name: string, read: () => Promise<unknown>],
  ...(readonly [name: string, read: () => Promise<unknown>])[],
] = [
  ['x.json', () => natsContext('x')],
  ['x.jsonl', () => readOutcomeFile(path.join(folder, 'x.jsonl'))],
  ['contexts/x.json', () => contexts.read('x')],
];

export const files: Target = {
  name: 'files',
  seeds: [
    Buffer.from(
      '{"url":"nats://a:4222","user":"u","password":"env://SECRET","ca":"~/x","inbox_prefix":"$SECRET"}',
    ),
    Buffer.from('{"creds":"file://x","token":"data:;base64,YQ==","tls_first":true}'),
    Buffer.from(' {"server":"nats://a","readOnly":true,"timeout":"5s"}'),
    Buffer.from(
      '\n{"version":1,"action":"kick","about":{},"where":"","at":"","count":1}\n{"target":{"gate":"g","id":"i","uid":"u"}}\n{"outcome":{"gate":"g","id":"i","state":"done"}}\n',
    ),
  ],
  words: [
    'null',
    '{"target":null}',
    '"outcome":5',
    'op://',
    'nsc://',
    '${',
    '__proto__',
    '"nkey":"',
    '\n',
    'data:',
  ],
  async run(input) {
    const [which = 0] = input;
    const [name, read] = readers[which % readers.length] ?? readers[0];
    writeFileSync(path.join(folder, name), input);
    await decodedLater([UsageError], read);
  },
};
await contexts.save('x', {});
