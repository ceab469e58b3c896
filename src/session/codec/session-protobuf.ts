import {isAscii} from 'node:buffer';
import {emptyBag, type Session, type StringBag, stringBag} from '../session.js';
import {ProtobufReader, WireType} from './protobuf-reader.js';
import {ProtobufWriter} from './protobuf-writer.js';
import {SessionField} from './session-field.js';

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
    settings: emptyBag as Record<string, string>,
    carrier: emptyBag as Record<string, string>,
    topic: '',
    unknownFields: undefined as Uint8Array | undefined,
  };
  let unknown: Buffer[] | undefined;
  let place = 0;
  for (let start = reader.position; reader.next(); start = reader.position) {
    if (reader.wireType === WireType.bytes) {
      switch (reader.field) {
        case SessionField.ip:
          session.ip = reader.string('IP');
          continue;
        case SessionField.network:
          session.network = reader.string('Network');
          continue;
        case SessionField.userId:
          session.userId = reader.string('UserId');
          continue;
        case SessionField.sessionId:
          session.sessionId = reader.string('SessionId');
          continue;
        case SessionField.serverId:
          session.serverId = reader.string('ServerId');
          continue;
        case SessionField.traceId:
          session.traceId = reader.string('TraceId');
          continue;
        case SessionField.spanId:
          session.spanId = reader.string('SpanId');
          continue;
        case SessionField.settings:
          if (session.settings === emptyBag) session.settings = stringBag();
          readMapEntry(reader, session.settings, 'Settings', place++);
          continue;
        case SessionField.carrier:
          if (session.carrier === emptyBag) session.carrier = stringBag();
          readMapEntry(reader, session.carrier, 'Carrier', place++);
          continue;
        case SessionField.topic:
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
    .string(SessionField.ip, session.ip, 'IP')
    .string(SessionField.network, session.network, 'Network')
    .string(SessionField.userId, session.userId, 'UserId')
    .string(SessionField.sessionId, session.sessionId, 'SessionId')
    .string(SessionField.serverId, session.serverId, 'ServerId')
    .string(SessionField.traceId, session.traceId, 'TraceId')
    .string(SessionField.spanId, session.spanId, 'SpanId');
  writeMap(writer, SessionField.settings, session.settings, 'Settings');
  writeMap(writer, SessionField.carrier, session.carrier, 'Carrier');
  writer.string(SessionField.topic, session.topic, 'Topic');
  if (session.unknownFields !== undefined) writer.raw(session.unknownFields);
  return writer;
}

function writeMap(writer: ProtobufWriter, field: number, bag: StringBag, name: string): void {
  for (const key in bag) writer.mapEntry(field, key, bag[key] as string, name);
}
