import type {RpcArgument} from '../bus/rpc/rpc-arguments.js';

/** Bytes that the gate sends to the client as they are, without the `{Trace,Error,Result}` wrapper. */
class RawReply {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Returns a result that is sent to the client as exactly these bytes: mqant's `ProtocolMarshal`. */
export function rawReply(body: Uint8Array | string): RawReply {
  return new RawReply(typeof body === 'string' ? Buffer.from(body) : body);
}

/**
 * The values that a handler may return, and their types in mqant: a string is `string`, an integer or bigint `long`,
 * a fraction `double`, a boolean `bool`, bytes `bytes`, nothing `null`, and any other object `map` (as JSON).
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is a handler
export type HandlerResult = string | number | bigint | boolean | object | null | undefined | void;

/** Converts a handler's result to an argument. Throws TypeError for a value that has no type in mqant. */
export function argumentOfResult(result: HandlerResult): RpcArgument {
  switch (typeof result) {
    case 'undefined':
      return {type: 'null'};
    case 'string':
      return {type: 'string', value: result};
    case 'boolean':
      return {type: 'bool', value: result};
    case 'bigint':
      return {type: 'long', value: result};
    case 'number':
      return numberArgument(result);
    case 'object':
      return result === null ? {type: 'null'} : objectArgument(result);
    default:
      throw new TypeError(`a handler cannot return a ${typeof result}`);
  }
}

/** A number above 2^53 may already have lost digits, so it is sent as a double. */
function numberArgument(value: number): RpcArgument {
  return Number.isSafeInteger(value) ? {type: 'long', value: BigInt(value)} : {type: 'double', value};
}

function objectArgument(value: object): RpcArgument {
  if (value instanceof RawReply) return {type: 'ProtocolMarshal', value: value.bytes};
  if (value instanceof Uint8Array) return {type: 'bytes', value};
  if (Array.isArray(value)) {
    throw new TypeError('a handler cannot return an array: mqant has no array type; wrap it in an object');
  }
  return {type: 'map', value: {...value}};
}
