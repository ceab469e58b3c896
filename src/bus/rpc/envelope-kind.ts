import {DecodeError} from '../../base/errors.js';
import {ProtobufReader, WireType} from '../../session/codec/protobuf-reader.js';

const cidTag = 0x0a;

/**
 * Returns which of mqant's two envelopes the bytes are, by fields that only one of them has (rpc/pb/mqant_rpc.proto);
 * undefined for neither. Both start with the Cid, so the first byte rules out most foreign messages.
 */
export function envelopeKind(bytes: Uint8Array): 'call' | 'result' | undefined {
  if (bytes[0] !== cidTag) return undefined;
  try {
    return kindOf(new ProtobufReader(bytes));
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function kindOf(reader: ProtobufReader): 'call' | 'result' | undefined {
  let isCall = false;
  let hasResult = false;
  let hasText = false;
  while (reader.next()) {
    const {field, wireType} = reader;
    if (wireType === WireType.bytes) {
      hasText ||= field === 2; // the function of a call, or the error of a result
      hasResult ||= field === 4 || field === 5; // in a call, these are its unused `track` and a varint
      isCall ||= field === 3 || field === 7 || field === 8;
    } else if (wireType === WireType.varint) isCall ||= field === 5 || field === 6;
    else return undefined; // neither envelope has fixed-size numbers or groups
    reader.skip();
  }
  if (isCall) return hasText ? 'call' : undefined;
  return hasResult || hasText ? 'result' : undefined;
}
