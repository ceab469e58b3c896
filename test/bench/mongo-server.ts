// Answers the driver like a MongoDB that holds generated documents in the order of their ids: a listing then costs the server a
// copy of prepared bytes. FerretDB would sort 200,000 documents for each listing, which takes longer than all that is measured.
// node mongo-server.mjs <documents>; says {"url"} and ends with its stdin.
import {createServer, type Socket} from 'node:net';
import {BSON, type Document} from 'mongodb';
import {encodeSession} from '../../src/session/codec/session-protobuf.js';
import {generatedSession} from '../support/generated-gate.js';

const namespace = 'game.gateSession';
const opMessage = 2013;
/** Limits of MongoDB: documents of a first batch that names no size, and bytes of a batch. */
const firstBatch = 101;
const mostBatchBytes = 16 * 2 ** 20;

const documents = Array.from({length: Number(process.argv[2])}, (_, at) => {
  const session = generatedSession(at, 'Gate@g1');
  const date = new Date(1_700_000_000_000 + at);
  const _id = `u${String(at).padStart(8, '0')}`;
  const Session = encodeSession({...session, userId: _id});
  return {
    whole: BSON.serialize({
      _id,
      Session,
      ServerId: 'Gate@g1',
      SessionId: session.sessionId,
      CreateAt: date,
      UpdateAt: date,
    }),
    projected: BSON.serialize({_id, Session, UpdateAt: date}),
  };
});

interface Cursor {
  at: number;
  readonly isProjected: boolean;
}

const cursors = new Map<string, Cursor>();
let lastId = 0n;

const hello = {
  ...{
    helloOk: true,
    isWritablePrimary: true,
    ok: 1,
    maxBsonObjectSize: 2 ** 24,
    maxMessageSizeBytes: 48_000_000,
  },
  ...{maxWriteBatchSize: 100_000, minWireVersion: 0, maxWireVersion: 21, readOnly: false},
};

function replyTo(command: Document): Uint8Array {
  const [name = ''] = Object.keys(command);
  switch (name) {
    case 'hello':
    case 'isMaster':
    case 'ismaster':
      return BSON.serialize(hello);
    case 'find': {
      const {filter = {}, limit = 0, projection, batchSize = firstBatch} = command;
      if (Object.keys(filter as Document).length > 0) throw new Error('this server knows no filter');
      lastId += 1n;
      const cursor = {at: 0, isProjected: Object.hasOwn((projection ?? {}) as Document, 'Session')};
      if (limit === 0) cursors.set(String(lastId), cursor);
      return batchOf(lastId, cursor, 'firstBatch', Number(limit) || Number(batchSize), limit !== 0);
    }
    case 'getMore': {
      const cursor = cursors.get(String(command['getMore']));
      if (cursor === undefined) throw new Error('no such cursor');
      const {batchSize = documents.length} = command;
      return batchOf(BigInt(String(command['getMore'])), cursor, 'nextBatch', Number(batchSize), false);
    }
    case 'listIndexes':
      return BSON.serialize({
        cursor: {id: 0n, ns: namespace, firstBatch: [{v: 2, key: {_id: 1}, name: '_id_'}]},
        ok: 1,
      });
    case 'count':
      return BSON.serialize({n: documents.length, ok: 1});
    case 'killCursors':
    case 'endSessions':
      return BSON.serialize({ok: 1});
    default:
      return BSON.serialize({ok: 0, errmsg: `no such command: '${name}'`, code: 59});
  }
}

/** Writes the array of a batch by hand: its documents are encoded already. */
function batchOf(id: bigint, cursor: Cursor, name: string, most: number, isLast: boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (; parts.length < 2 * most && cursor.at < documents.length && bytes < mostBatchBytes; cursor.at += 1) {
    const {whole, projected} = documents[cursor.at] as (typeof documents)[number];
    const document = cursor.isProjected ? projected : whole;
    parts.push(Buffer.from(`\u0003${parts.length / 2}\0`), document);
    bytes += document.length;
  }
  const isOver = isLast || cursor.at >= documents.length;
  if (isOver) cursors.delete(String(id));
  const array = documentOf(parts);
  const head = [
    Buffer.from('\u0012id\0'),
    int64(isOver ? 0n : id),
    Buffer.from('\u0002ns\0'),
    textOf(namespace),
  ];
  const inner = documentOf([...head, Buffer.from(`\u0004${name}\0`), array]);
  return documentOf([Buffer.from('\u0003cursor\0'), inner, Buffer.from('\u0010ok\0'), int32(1)]);
}

const documentOf = (parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(body.length + 5), body, Buffer.alloc(1)]);
};
const textOf = (text: string): Buffer => Buffer.concat([int32(text.length + 1), Buffer.from(`${text}\0`)]);

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

function serve(socket: Socket): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0));
      rest = rest.subarray(message.length);
      socket.write(answered(message));
    }
  });
  socket.on('error', () => {});
}

/** A message of one document: OP_MSG, or the OP_QUERY that begins a connection. */
function answered(message: Buffer): Buffer {
  const isMessage = message.readInt32LE(12) === opMessage;
  const from = isMessage ? 21 : message.indexOf(0, 20) + 9;
  const reply = replyTo(
    BSON.deserialize(message.subarray(from, from + message.readInt32LE(from)), {useBigInt64: true}),
  );
  const before = isMessage ? Buffer.alloc(5) : Buffer.concat([Buffer.alloc(16), int32(1)]);
  const head = [int32(16 + before.length + reply.length), int32(0), int32(message.readInt32LE(4))];
  return Buffer.concat([...head, int32(isMessage ? opMessage : 1), before, reply]);
}

const server = createServer(serve).listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(
    JSON.stringify({url: `mongodb://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/game`}),
  );
});
process.stdin.resume().once('end', () => process.exit(0));
