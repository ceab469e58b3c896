import {ProtobufReader, WireType} from './protobuf-reader.js';

export interface SessionIdentity {
  readonly id: string;
  readonly uid: string;
}

/** The two fields that say whose a session is, without building it. Rejects with DecodeError. */
export function sessionIdentity(bytes: Uint8Array): SessionIdentity {
  const reader = new ProtobufReader(bytes);
  let id = '';
  let uid = '';
  while (reader.next()) {
    if (reader.wireType === WireType.bytes && reader.field === 3) uid = reader.string('UserId');
    else if (reader.wireType === WireType.bytes && reader.field === 4) id = reader.string('SessionId');
    else reader.skip();
  }
  return {id, uid};
}
