import {isUtf8} from 'node:buffer';
import {DecodeError, UsageError} from '../../base/errors.js';
import {decodeSession, encodeSession} from '../../session/codec/session-protobuf.js';
import {type Session, type StringBag, stringBag} from '../../session/session.js';

/** mqant's `log.TraceSpan`, the first argument of every gate call. */
interface TraceSpan {
  readonly trace: string;
  readonly span: string;
}

/**
 * A typed value in mqant's RPC (rpc/util/argsutil.go). Integers are big-endian, floats little-endian, maps are JSON.
 * `other` is a type registered by a project, whose bytes are left as they are.
 */
export type RpcArgument =
  | {readonly type: 'null'}
  | {readonly type: 'string'; readonly value: string}
  | {readonly type: 'bool'; readonly value: boolean}
  | {readonly type: 'int' | 'float' | 'double'; readonly value: number}
  | {readonly type: 'long'; readonly value: bigint}
  | {readonly type: 'bytes' | 'ProtocolMarshal'; readonly value: Uint8Array}
  | {readonly type: 'map'; readonly value: Readonly<Record<string, unknown>>}
  | {readonly type: 'mapstr'; readonly value: StringBag}
  | {readonly type: 'trace'; readonly value: TraceSpan}
  | {readonly type: 'SESSION'; readonly value: Session}
  | {readonly type: 'other'; readonly name: string; readonly value: Uint8Array};

/** A value as sent: its type for ArgsType, its bytes for Args. */
export interface EncodedArgument {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** An argument of an outgoing call. A string is encoded directly into the call. */
export interface OutgoingArgument {
  readonly type: string;
  readonly bytes: Uint8Array | string;
}

const nothing = new Uint8Array(0);

export function encodeArgument(argument: RpcArgument): EncodedArgument {
  return {type: argument.type === 'other' ? argument.name : argument.type, bytes: bytesOf(argument)};
}

function bytesOf(argument: RpcArgument): Uint8Array {
  switch (argument.type) {
    case 'null':
      return nothing;
    case 'string':
      return textBytes(argument.value);
    case 'bool':
      return Uint8Array.of(argument.value ? 1 : 0);
    case 'int':
    case 'float':
    case 'double':
    case 'long':
      return numberBytes(argument);
    case 'bytes':
    case 'ProtocolMarshal':
    case 'other':
      return argument.value;
    case 'map':
    case 'mapstr':
      return textBytes(JSON.stringify(argument.value));
    case 'trace':
      return textBytes(traceText(argument.value));
    case 'SESSION':
      return encodeSession(argument.value);
    default:
      return argument satisfies never;
  }
}

/** Form of a trace as written by mqant and gatectl; dots stand for hex digits. */
const traceShape = Buffer.from('{"Trace":"................","Span":"................"}');
const dot = 0x2e;

/** Returns true if a trace has the form that mqant writes and therefore needs no further checks. */
export function isPlainTrace(bytes: Uint8Array | undefined): boolean {
  if (bytes?.length !== traceShape.length) return false;
  for (let at = 0; at < traceShape.length; at += 1) {
    const byte = bytes[at] as number;
    const isHex = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
    if (traceShape[at] === dot ? !isHex : byte !== traceShape[at]) return false;
  }
  return true;
}

const hexadecimal = /^[0-9a-f]*$/;

function traceText({trace, span}: TraceSpan): string {
  return hexadecimal.test(trace) && hexadecimal.test(span)
    ? `{"Trace":"${trace}","Span":"${span}"}`
    : JSON.stringify({Trace: trace, Span: span});
}

function textBytes(text: string): Buffer {
  if (!text.isWellFormed())
    throw new UsageError('an argument contains a lone surrogate, which is not valid UTF-8');
  return Buffer.from(text);
}

function numberBytes(argument: RpcArgument & {readonly type: 'int' | 'long' | 'float' | 'double'}): Buffer {
  const bytes = Buffer.alloc(argument.type === 'int' || argument.type === 'float' ? 4 : 8);
  if (argument.type === 'int') bytes.writeInt32BE(argument.value);
  else if (argument.type === 'long') bytes.writeBigInt64BE(argument.value);
  else if (argument.type === 'float') bytes.writeFloatLE(argument.value);
  else bytes.writeDoubleLE(argument.value);
  return bytes;
}

/** Decodes an argument. Error texts equal Go's where a gate must reply with them. Throws DecodeError. */
export function decodeArgument(type: string, bytes: Uint8Array): RpcArgument {
  const view = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'null':
      return {type};
    case 'string':
      return {type, value: textOf(view)};
    case 'bool':
      return {type, value: sized(type, view, 1).readUInt8() !== 0};
    case 'int':
      return {type, value: sized(type, view, 4).readInt32BE()};
    case 'long':
      return {type, value: sized(type, view, 8).readBigInt64BE()};
    case 'float':
      return {type, value: sized(type, view, 4).readFloatLE()};
    case 'double':
      return {type, value: sized(type, view, 8).readDoubleLE()};
    case 'bytes':
    case 'ProtocolMarshal':
      return {type, value: bytes};
    case 'map':
      return {type, value: jsonObject(view, 'map[string]interface {}')};
    case 'mapstr':
      return {type, value: stringsOf(jsonObject(view, 'map[string]string'))};
    case 'trace':
      return {type, value: traceOf(jsonObject(view, 'log.TraceSpanImp'))};
    case 'SESSION':
      return {type, value: decodeSession(bytes)};
    default:
      // mqant uses this generic form if no session serializer is registered
      if (type.startsWith('marshal@gate.Session')) return {type: 'SESSION', value: decodeSession(bytes)};
      return {type: 'other', name: type, value: bytes};
  }
}

function sized(type: string, bytes: Buffer, size: number): Buffer {
  if (bytes.length >= size) return bytes;
  throw new DecodeError(`${type} of ${bytes.length} bytes instead of ${size}`, {offset: bytes.length});
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new DecodeError('string field contains invalid UTF-8');
  return bytes.toString();
}

function jsonObject(bytes: Buffer, goType: string): Record<string, unknown> {
  if (bytes.length === 0) throw new DecodeError('unexpected end of JSON input');
  let value: unknown;
  try {
    value = JSON.parse(textOf(bytes));
  } catch (cause) {
    if (cause instanceof DecodeError) throw cause;
    throw new DecodeError('invalid character in JSON input', {cause});
  }
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new DecodeError(`json: cannot unmarshal ${goKind(value)} into Go value of type ${goType}`);
}

function stringsOf(object: Record<string, unknown>): StringBag {
  const bag = stringBag();
  for (const [key, value] of Object.entries(object)) {
    if (value !== null && typeof value !== 'string') {
      throw new DecodeError(`json: cannot unmarshal ${goKind(value)} into Go value of type string`);
    }
    bag[key] = value ?? '';
  }
  return bag;
}

function traceOf(object: Record<string, unknown>): TraceSpan {
  const {Trace: trace, Span: span} = stringsOf(object);
  return {trace: trace ?? '', span: span ?? ''};
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
