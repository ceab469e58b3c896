import {isAscii} from 'node:buffer';
import {emptyStringBag, type Session, type StringBag, stringBag} from '../session.js';
import {ProtobufReader, WireType} from './protobuf-reader.js';
import {ProtobufWriter} from './protobuf-writer.js';
import {sessionFieldNumbers} from './session-field-numbers.js';

/**
 * Decodes mqant's protobuf session, and accepts the same input as Go. Unknown fields, and known fields with another
 * wire type, are kept in `unknownFields`. Throws DecodeError with the byte offset.
 */
export function decodeSession(bytes: Uint8Array): Session {
  return readSession(new ProtobufReader(bytes, isAscii(bytes)));
}

const keptKeys = 32;
/**
 * Keys of settings in the last session, for reuse: sessions of a cluster have mostly the same keys in the same order.
 */
const knownKeys: string[] = new Array<string>(keptKeys).fill('');

/** Decodes the session between the reader's position and its end. */
export function readSession(reader: ProtobufReader): Session {
  const session = {
    ip: '',
    network: '',
    userId: '',
    sessionId: '',
    serverId: '',
    traceId: '',
    spanId: '',
    settings: emptyStringBag as Record<string, string>,
    carrier: emptyStringBag as Record<string, string>,
    topic: '',
    unknownFields: undefined as Uint8Array | undefined,
  };
  let unknown: Buffer[] | undefined;
  let place = 0;
  for (let start = reader.position; reader.next(); start = reader.position) {
    if (reader.wireType === WireType.bytes) {
      switch (reader.field) {
        case sessionFieldNumbers.ip:
          session.ip = reader.string('IP');
          continue;
        case sessionFieldNumbers.network:
          session.network = reader.string('Network');
          continue;
        case sessionFieldNumbers.userId:
          session.userId = reader.string('UserId');
          continue;
        case sessionFieldNumbers.sessionId:
          session.sessionId = reader.string('SessionId');
          continue;
        case sessionFieldNumbers.serverId:
          session.serverId = reader.string('ServerId');
          continue;
        case sessionFieldNumbers.traceId:
          session.traceId = reader.string('TraceId');
          continue;
        case sessionFieldNumbers.spanId:
          session.spanId = reader.string('SpanId');
          continue;
        case sessionFieldNumbers.settings:
          if (session.settings === emptyStringBag) session.settings = stringBag();
          readMapEntry(reader, session.settings, 'Settings', place++);
          continue;
        case sessionFieldNumbers.carrier:
          if (session.carrier === emptyStringBag) session.carrier = stringBag();
          readMapEntry(reader, session.carrier, 'Carrier', place++);
          continue;
        case sessionFieldNumbers.topic:
          session.topic = reader.string('Topic');
          continue;
      }
    }
    reader.skip();
    unknown ??= [];
    unknown.push(reader.bytes.subarray(start, reader.position));
  }
  if (unknown !== undefined) session.unknownFields = Buffer.concat(unknown);
  return session;
}

/** Reads a map entry. The last key and the last value win, and other fields in the entry are dropped, as in Go. */
function readMapEntry(
  reader: ProtobufReader,
  into: Record<string, string>,
  name: string,
  place: number,
): void {
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimited();
  let key = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === WireType.bytes) {
      const known = knownKeys[place % keptKeys] as string;
      key = reader.stringLike(known, name);
      if (key !== known) knownKeys[place % keptKeys] = Buffer.from(key).toString(); // copied, because a substring would keep its page in memory
    } else if (reader.field === 2 && reader.wireType === WireType.bytes) value = reader.string(name);
    else reader.skip();
  }
  reader.end = outerEnd;
  into[key] = value;
}

const scratch = new ProtobufWriter(4096);

/** Encodes mqant's protobuf session; unknown fields follow the known ones. Throws UsageError for a lone surrogate. */
export function encodeSession(session: Session): Buffer {
  return writeSession(scratch.reset(), session).finish();
}

function writeSession(writer: ProtobufWriter, session: Session): ProtobufWriter {
  writer
    .string(sessionFieldNumbers.ip, session.ip, 'IP')
    .string(sessionFieldNumbers.network, session.network, 'Network')
    .string(sessionFieldNumbers.userId, session.userId, 'UserId')
    .string(sessionFieldNumbers.sessionId, session.sessionId, 'SessionId')
    .string(sessionFieldNumbers.serverId, session.serverId, 'ServerId')
    .string(sessionFieldNumbers.traceId, session.traceId, 'TraceId')
    .string(sessionFieldNumbers.spanId, session.spanId, 'SpanId');
  writeMap(writer, sessionFieldNumbers.settings, session.settings, 'Settings');
  writeMap(writer, sessionFieldNumbers.carrier, session.carrier, 'Carrier');
  writer.string(sessionFieldNumbers.topic, session.topic, 'Topic');
  if (session.unknownFields !== undefined) writer.raw(session.unknownFields);
  return writer;
}

function writeMap(writer: ProtobufWriter, field: number, bag: StringBag, name: string): void {
  for (const key in bag) writer.mapEntry(field, key, bag[key] as string, name);
}
