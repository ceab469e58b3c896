import {ProtobufReader, WireType} from '../../session/codec/protobuf-reader.js';
import {ProtobufWriter} from '../../session/codec/protobuf-writer.js';
import {encodeSession} from '../../session/codec/session-protobuf.js';
import type {Session} from '../../session/session.js';
import type {EncodableSession} from '../sessions/live-session.js';

/** A protobuf field that only records have: when the owning connection was opened. mqant's readers ignore it. */
const sinceField = 1001;
const writer = new ProtobufWriter(64);

/** Encodes a session as a record. `since` is when its connection was opened, in Unix milliseconds. */
export function encodeOwnedRecord({session, encoded}: EncodableSession, since: number): Uint8Array {
  const field = writer
    .reset()
    .number(sinceField, Math.max(0, Math.floor(since)))
    .lend();
  const {unknownFields} = session;
  if (encoded !== undefined && unknownFields === undefined) return Buffer.concat([encoded, field]);
  return encodeSession({...session, unknownFields: Buffer.concat([withoutSince(unknownFields), field])});
}

/**
 * Returns when the owning connection was opened, in Unix milliseconds; 0 if another kind of gate wrote the record.
 */
export function ownerConnectedAt({unknownFields}: Session): number {
  let since = 0;
  eachField(unknownFields, (reader) => {
    const isOurs = reader.field === sinceField && reader.wireType === WireType.varint;
    if (isOurs) since = reader.varint();
    else reader.skip();
  });
  return since;
}

function withoutSince(fields: Uint8Array | undefined): Buffer {
  const kept: Uint8Array[] = [];
  eachField(fields, (reader, start) => {
    const {field} = reader;
    reader.skip();
    if (field !== sinceField) kept.push(reader.bytes.subarray(start, reader.position));
  });
  return Buffer.concat(kept);
}

function eachField(
  fields: Uint8Array | undefined,
  take: (reader: ProtobufReader, start: number) => void,
): void {
  const reader = new ProtobufReader(fields ?? new Uint8Array(0));
  for (let start = 0; reader.next(); start = reader.position) take(reader, start);
}
