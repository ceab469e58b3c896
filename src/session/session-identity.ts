import {ProtobufReader, WireType} from './codec/protobuf-reader.js';

export interface SessionIdentity {
  readonly id: string;
  readonly uid: string;
  /** Node id of the session's gate. */
  readonly gate: string;
}

/** Decodes only the fields that identify a session. Throws DecodeError. */
export function decodeSessionIdentity(bytes: Uint8Array): SessionIdentity {
  const reader = new ProtobufReader(bytes);
  let id = '';
  let uid = '';
  let gate = '';
  while (reader.next()) {
    if (reader.wireType === WireType.bytes && reader.field === 3) uid = reader.string('UserId');
    else if (reader.wireType === WireType.bytes && reader.field === 4) id = reader.string('SessionId');
    else if (reader.wireType === WireType.bytes && reader.field === 5) gate = reader.string('ServerId');
    else reader.skip();
  }
  return {id, uid, gate};
}
