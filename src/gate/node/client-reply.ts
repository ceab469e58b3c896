import {errorMessage} from '../../base/error-details.js';
import type {ResultEnvelope} from '../../bus/rpc/envelope.js';
import {decodeArgument, type RpcArgument} from '../../bus/rpc/rpc-arguments.js';

/**
 * Returns an error in mqant's default envelope for replies to clients (app.go):
 * `{"Trace":"…","Error":"","Result":…}`.
 */
export function clientErrorReply(traceId: string, error: string): Buffer {
  return wrap(traceId, error, 'null');
}

/** Returns a module's result in that envelope. `ProtocolMarshal` bytes are returned unchanged. */
export function clientResultReply(traceId: string, {error, resultType, result}: ResultEnvelope): Uint8Array {
  if (error !== '') return clientErrorReply(traceId, error);
  if (resultType === 'ProtocolMarshal') return result;
  try {
    return wrap(traceId, '', jsonOf(decodeArgument(resultType === '' ? 'null' : resultType, result), result));
  } catch (fault) {
    return clientErrorReply(traceId, errorMessage(fault));
  }
}

function wrap(traceId: string, error: string, result: string): Buffer {
  return Buffer.from(
    `{"Trace":${JSON.stringify(traceId)},"Error":${JSON.stringify(error)},"Result":${result}}`,
  );
}

/** Encodes a result like Go's encoding/json: bytes as base64, 64-bit integers with all digits. */
function jsonOf(argument: RpcArgument, bytes: Uint8Array): string {
  switch (argument.type) {
    case 'null':
      return 'null';
    case 'long':
      return argument.value.toString();
    case 'map':
    case 'mapstr':
      return Buffer.from(bytes).toString(); // already JSON: keeps the module's digits and order of keys
    case 'bytes':
    case 'other':
    case 'ProtocolMarshal':
      return JSON.stringify(Buffer.from(argument.value).toString('base64'));
    case 'trace':
      return JSON.stringify({Trace: argument.value.trace, Span: argument.value.span});
    case 'float':
    case 'double':
    case 'int':
      return JSON.stringify(argument.value); // NaN and infinities become null
    case 'string':
    case 'bool':
    case 'SESSION':
      return JSON.stringify(argument.value);
    default:
      return argument satisfies never;
  }
}
