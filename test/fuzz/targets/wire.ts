// Protobuf of mqant and of our extension, as it comes from stores, nodes and operators' pipes.
import {readFileSync} from 'node:fs';
import {DecodeError, UsageError} from '../../../src/base/errors.js';
import {parseDeliverQuery} from '../../../src/bus/gate/deliver-query.js';
import {
  parseCountReply,
  parseDeliveries,
  parseDrainReply,
  parseLeaseReply,
  parseStatsReply,
} from '../../../src/bus/gate/gate-replies.js';
import {parseGateInfo} from '../../../src/bus/gate/parse-gate-info.js';
import {decodeCall, decodeResult, encodeCall, encodeResult} from '../../../src/bus/rpc/envelope.js';
import {decodeArgument, encodeArgument, type RpcArgument} from '../../../src/bus/rpc/rpc-arguments.js';
import {encodeConnection, readConnection} from '../../../src/session/codec/connection-message.js';
import {decodeEventPage, encodeEventPage} from '../../../src/session/codec/event-page.js';
import {ProtobufReader} from '../../../src/session/codec/protobuf-reader.js';
import {decodeRecordPage, encodeRecordPage} from '../../../src/session/codec/record-page.js';
import {decodeSessionPage, SessionPageWriter} from '../../../src/session/codec/session-page.js';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, type Session, stringBag} from '../../../src/session/session.js';
import {rpcVectors} from '../../support/rpc-vectors.js';
import {decoded, holds, type Target} from '../target.js';

export const someSession: Session = newSession({
  ip: '127.0.0.1:56344',
  network: 'tcp',
  userId: 'u42',
  sessionId: '5f008e4b69780dc3',
  serverId: 'Gate@ef3baf91ee4eda8d',
  settings: stringBag([
    ['room', 'mqant'],
    ['__proto__', 'é'],
  ]),
});
const encodedSession = encodeSession(someSession);

const vectors = (JSON.parse(readFileSync('test/vectors/session.json', 'utf8')) as {readonly hex: string}[])
  .map(({hex}) => Buffer.from(hex, 'hex'))
  .filter((bytes) => bytes.length < 2000);

/** Refusals say where; an offset is a byte of the input, or its end. */
function decodedAt<T>(input: Buffer, decode: () => T): T | undefined {
  return decoded([DecodeError], () => {
    try {
      return decode();
    } catch (error) {
      if (error instanceof DecodeError) {
        const {offset} = error;
        holds(offset !== undefined && offset >= 0 && offset <= input.length, `an offset of ${offset}`);
      }
      throw error;
    }
  });
}

const sameBytes = (one: Buffer, other: Buffer, what: string): void =>
  holds(one.equals(other), `${what} is another after a second round trip`);

export const session: Target = {
  name: 'session',
  seeds: [encodedSession, ...vectors],
  words: [
    '\x0a',
    '\x42\x04\x0a\x00\x12\x00',
    '__proto__',
    '\xff\xff\xff\xff\x0f',
    Buffer.from('8308', 'hex'),
  ],
  run(input) {
    const found = decodedAt(input, () => decodeSession(input));
    if (found === undefined) return;
    const once = encodeSession(found);
    sameBytes(once, encodeSession(decodeSession(once)), 'a session');
    const {unknownFields} = found;
    if (unknownFields !== undefined)
      holds(once.subarray(-unknownFields.length).equals(unknownFields), 'unknown fields are kept');
  },
};

const someArguments: readonly RpcArgument[] = [
  {type: 'string', value: 'x'},
  {type: 'long', value: -5n},
  {type: 'double', value: 0.5},
  {type: 'map', value: {a: [1, {b: null}]}},
  {type: 'mapstr', value: stringBag([['k', 'v']])},
  {type: 'trace', value: {trace: 'a1', span: 'b2'}},
  {type: 'SESSION', value: someSession},
];

const someCall = encodeCall({
  cid: '1',
  fn: 'Set',
  replyTo: '_INBOX.a.b',
  track: '',
  expired: 1_700_000_000_000,
  reply: true,
  argsType: someArguments.map((argument) => encodeArgument(argument).type),
  args: someArguments.map((argument) => encodeArgument(argument).bytes),
  caller: 'c',
  hostname: 'h',
});

/** What a typed value decodes to is encoded to the same value; as NaN is not itself, bytes are compared. */
function checkArgument(type: string, bytes: Uint8Array): void {
  const argument = decoded([DecodeError], () => decodeArgument(type, bytes));
  if (argument === undefined) return;
  if (argument.type !== 'map' || !JSON.stringify(argument.value).includes('\\ud')) {
    const again = encodeArgument(argument);
    const twice = encodeArgument(decodeArgument(again.type, again.bytes));
    sameBytes(Buffer.from(again.bytes), Buffer.from(twice.bytes), `an argument of type ${type}`);
  }
  if (argument.type !== 'map') return;
  decoded([DecodeError], () => parseGateInfo(argument.value, 'Gate@a'));
  for (const answer of [parseCountReply, parseStatsReply, parseLeaseReply, parseDrainReply])
    decoded([DecodeError], () => answer(argument.value));
  decoded([DecodeError], () => parseDeliveries(argument.value, 1));
  decoded([UsageError], () => parseDeliverQuery(argument.value));
}

const json = (value: object): Buffer =>
  encodeCall({...decodeCall(someCall), argsType: ['map'], args: [Buffer.from(JSON.stringify(value))]});

export const envelope: Target = {
  name: 'envelope',
  seeds: [
    someCall,
    ...rpcVectors.calls
      .flatMap(({requestHex, replyHex}) => [requestHex, replyHex])
      .map((hex) => Buffer.from(hex, 'hex')),
    json({protocol: 1, functions: ['a'], storage: {kind: 'x', dirty: 1}, sessions: 5, bound: 1}),
    json({sessions: 1, bound: 1, groups: [{key: 'a', sessions: 1, bound: 0}]}),
    json({deliveries: [{state: 'unsent', detail: 'why'}]}),
    json({sessions: ['a'], topic: 't', waitMs: 5}),
    json({feed: 1, next: 1, leaseMs: 1, now: 1}),
  ],
  words: [
    'map',
    'mapstr',
    'SESSION',
    'marshal@gate.Session',
    '{"__proto__":{"x":1}}',
    '{"constructor":1}',
    'null',
  ],
  run(input) {
    const call = decodedAt(input, () => decodeCall(input));
    if (call !== undefined) {
      const once = encodeCall(call);
      sameBytes(once, encodeCall(decodeCall(once)), 'a call');
      for (const [at, type] of call.argsType.entries()) {
        const bytes = call.args[at];
        if (bytes !== undefined) checkArgument(type, bytes);
      }
    }
    const result = decodedAt(input, () => decodeResult(input));
    if (result === undefined) return;
    const once = encodeResult(result);
    sameBytes(once, encodeResult(decodeResult(once)), 'a result');
    checkArgument(result.resultType, result.result);
  },
};

function somePages(): Buffer[] {
  const writer = new SessionPageWriter();
  for (let at = 1; at < 4; at += 1)
    writer.add({session: encodedSession, connectedAt: at, lastActiveAt: 2 ** 40, received: at, sent: 0});
  const connection = encodeConnection({
    ...{waitingBytes: 0, waitingPackets: 2, oldestWaitingAt: 3, lastSentAt: 2 ** 41, keepAliveEndsAt: 5},
    ...{subscribed: false, subscriptionCount: 1, subscriptions: [{filter: 'a/+', qos: 1}]},
  });
  const stuck = new SessionPageWriter();
  stuck.add({session: encodedSession, connectedAt: 1, lastActiveAt: 2, received: 3, sent: 0, connection});
  const record = {uid: 'u', value: encodedSession, revision: '7', expiresAt: 1, fault: 'f'};
  const numbers = {connectedAt: 1, lastActiveAt: 2, received: 3, sent: 4};
  const event = {at: 1, session: encodedSession, uidBefore: 'b', keys: ['k'], why: 'w', ...numbers};
  return [
    writer.finish('cursor', {now: 5, filtered: true, sorted: true}),
    stuck.finish('', {now: 5, sorted: true}),
    encodeRecordPage({records: [record, {...record, uid: ''}], next: 'n'}),
    encodeEventPage(
      (['connected', 'bound', 'settings', 'closed'] as const).map((kind) => ({kind, ...event})),
      {first: 9, feed: 3},
    ),
  ];
}

export const pages: Target = {
  name: 'pages',
  seeds: somePages(),
  words: ['\x0a\x02\x0a\x00', '\x12', '\x18\x80\x80\x01'],
  run(input) {
    const sessions = decodedAt(input, () => decodeSessionPage(input));
    for (const row of sessions?.rows ?? []) {
      holds(
        Object.getPrototypeOf(Object.getPrototypeOf(row.session.settings)) === null,
        'settings without a prototype',
      );
      encodeSession(row.session);
      if (row.connectionState === undefined) continue;
      const again = encodeConnection(row.connectionState);
      const read = readConnection(new ProtobufReader(again));
      sameBytes(again, encodeConnection(read), 'a connection');
    }
    const records = decodedAt(input, () => decodeRecordPage(input));
    if (records !== undefined) {
      const once = encodeRecordPage(records);
      sameBytes(once, encodeRecordPage(decodeRecordPage(once)), 'a page of records');
    }
    const events = decodedAt(input, () => decodeEventPage(input));
    if (events !== undefined) holds(events.events.length <= events.count, 'no more events than there are');
  },
};
