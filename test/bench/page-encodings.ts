// One session and one page of sessions through our codecs and through those that could have been chosen instead.
// node test/bench/run.mjs page-encodings
import {loadavg} from 'node:os';
import {Packr} from 'msgpackr';
import protobuf from 'protobufjs';
import {decodeSessionPage, SessionPageWriter} from '../../src/session/codec/session-page.js';
import {decodeSession, encodeSession} from '../../src/session/codec/session-protobuf.js';
import {newSession, type Session, stringBag} from '../../src/session/session.js';

const rowsInPage = 2000;
const rounds = 15;

const sessions: Session[] = Array.from({length: rowsInPage}, (_, at) =>
  newSession({
    ip: `10.0.${at >> 8}.${at & 255}:50123`,
    network: at % 3 === 0 ? 'websocket' : 'tcp',
    userId: `user-${at}`,
    sessionId: (0xf00d_0000_0000 + at).toString(16).padStart(16, '0'),
    serverId: 'Gate@2ac2849e835cdbf9',
    traceId: '6a5e532ecf1d50b8',
    spanId: 'd5c32f3c8f1fb2ff',
    settings: stringBag([
      ['User-Agent', 'Mozilla/5.0 (X11; Linux)'],
      ['level', String(at % 60)],
      ['lang', 'zh-CN'],
      ['roomName', `mqant-${at % 100}`],
      ['vip', at % 9 === 0 ? '1' : '0'],
    ]),
  }),
);
const encoded = sessions.map((session) => Buffer.from(encodeSession(session)));
const numbers = {connectedAt: 1_770_000_000_000, lastActiveAt: 1_770_000_100_000, received: 1234, sent: 4321};

const schema = `syntax = "proto3"; message S { string ip=1; string network=2; string userId=3; string sessionId=4;
  string serverId=5; string traceId=6; string spanId=7; map<string,string> settings=8; map<string,string> carrier=9; string topic=10; }`;
const ProtobufjsSession = protobuf.parse(schema).root.lookupType('S');
const records = new Packr({structures: [], useRecords: true, maxSharedStructures: 0});
const plain = new Packr({useRecords: false});

const ourPage = (): Buffer => {
  const page = new SessionPageWriter();
  for (const session of encoded) page.add({session, ...numbers});
  return page.finish('cursor');
};
const arraysPage = (): Buffer =>
  plain.pack([encoded.map((session) => [session, ...Object.values(numbers)]), 'cursor']);
const recordsPage = (): Buffer =>
  records.pack({
    rows: sessions.map((session) => ({...session, unknownFields: undefined, ...numbers})),
    next: 'cursor',
  });
const pages = {ours: ourPage(), arrays: Buffer.from(arraysPage()), records: Buffer.from(recordsPage())};

/** Each gives how many sessions it has handled. */
const work: Record<string, () => number> = {
  'decode a session: ours': () =>
    encoded.reduce((sum, bytes) => sum + Math.sign(decodeSession(bytes).sessionId.length), 0),
  'decode a session: protobufjs': () =>
    encoded.reduce((sum, bytes) => sum + Math.sign(String(ProtobufjsSession.decode(bytes)).length), 0),
  'encode a session: ours': () =>
    sessions.reduce((sum, session) => sum + Math.sign(encodeSession(session).length), 0),
  'encode a session: protobufjs': () =>
    sessions.reduce((sum, session) => sum + Math.sign(ProtobufjsSession.encode(session).finish().length), 0),
  'write a page: protobuf framing (ours)': () => Math.sign(ourPage().length) * rowsInPage,
  'write a page: msgpack arrays around session bytes': () => Math.sign(arraysPage().length) * rowsInPage,
  'write a page: msgpack records of whole sessions': () => Math.sign(recordsPage().length) * rowsInPage,
  'read a page: protobuf framing (ours)': () => decodeSessionPage(pages.ours).rows.length,
  'read a page: msgpack arrays around session bytes': () =>
    (plain.unpack(pages.arrays)[0] as [Buffer][]).map(([bytes]) => decodeSession(bytes)).length,
  'read a page: msgpack records of whole sessions': () =>
    (records.unpack(pages.records) as {rows: unknown[]}).rows.length,
};

const times = new Map<string, number[]>(Object.keys(work).map((name) => [name, []]));
for (let round = -3; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(work)) {
    const started = process.cpuUsage();
    const handled = run();
    const {user, system} = process.cpuUsage(started);
    if (handled !== rowsInPage) throw new Error(`${name} handled ${handled}`);
    if (round >= 0) times.get(name)?.push((user + system) / rowsInPage);
  }
}

console.log(
  `CPU microseconds per session, median of ${rounds} rounds of ${rowsInPage}, load ${loadavg()[0]?.toFixed(1)}`,
);
for (const [name, values] of times) {
  const median = values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  console.log(`${median.toFixed(2).padStart(7)}  ${name}`);
}
const perRow = (page: Buffer): string => (page.length / rowsInPage).toFixed(0);
console.log(
  `bytes per session: ours ${perRow(pages.ours)}, msgpack arrays ${perRow(pages.arrays)}, records ${perRow(pages.records)}`,
);
