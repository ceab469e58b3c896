import type {Argument} from '../bus/rpc/arguments.js';

/** Bytes that the gate hands to the client as they are, without the `{Trace,Error,Result}` around them. */
export class RawReply {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** mqant's `ProtocolMarshal`: the client gets exactly these bytes. */
export function rawReply(body: Uint8Array | string): RawReply {
  return new RawReply(typeof body === 'string' ? Buffer.from(body) : body);
}

/**
 * What a handler may return, and the type that it travels as: text `string`, a whole number or bigint `long`, a
 * fraction `double`, true and false `bool`, bytes `bytes`, nothing `null`, any other object `map` (as JSON).
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is a handler
export type HandlerResult = string | number | bigint | boolean | object | null | undefined | void;

/** Throws TypeError for what mqant has no type for. */
export function resultArgument(result: HandlerResult): Argument {
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

/** Beyond 2^53 a number has lost its last digits already, so it does not pose as a whole one. */
function numberArgument(value: number): Argument {
  return Number.isSafeInteger(value) ? {type: 'long', value: BigInt(value)} : {type: 'double', value};
}

function objectArgument(value: object): Argument {
  if (value instanceof RawReply) return {type: 'ProtocolMarshal', value: value.bytes};
  if (value instanceof Uint8Array) return {type: 'bytes', value};
  if (Array.isArray(value)) {
    throw new TypeError('a handler cannot return an array: mqant has no type for it, wrap it in an object');
  }
  return {type: 'map', value: {...value}};
}
