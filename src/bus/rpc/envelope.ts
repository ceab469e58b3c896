import {DecodeError} from '../../base/errors.js';
import {ProtobufReader, WireType} from '../../session/codec/protobuf-reader.js';
import {ProtobufWriter} from '../../session/codec/protobuf-writer.js';
import type {OutgoingArgument} from './rpc-arguments.js';

/** mqant's `RPCInfo` (rpc/pb/mqant_rpc.proto): a call as published to a node's address. */
export interface CallEnvelope {
  /** Correlation id: any string. The result repeats it. */
  readonly cid: string;
  readonly fn: string;
  /** Reply subject; mqant ignores NATS's own reply field. */
  readonly replyTo: string;
  readonly track: string;
  /** Unix milliseconds; servers since v1.3.5 ignore it. */
  readonly expired: number;
  /** False suppresses the reply, even an error. */
  readonly reply: boolean;
  readonly argsType: readonly string[];
  readonly args: readonly Uint8Array[];
  /** Free text, since v1.4.8. */
  readonly caller: string;
  readonly hostname: string;
}

/** mqant's `ResultInfo`. */
export interface ResultEnvelope {
  readonly cid: string;
  /** Empty on success. */
  readonly error: string;
  readonly resultType: string;
  readonly result: Uint8Array;
}

const writer = new ProtobufWriter(4096);
const empty: Uint8Array = new Uint8Array(0);

/** An outgoing call. With an empty `replyTo`, no reply is sent. */
export interface OutgoingCall {
  readonly cid: string;
  readonly fn: string;
  readonly replyTo: string;
  readonly expired: number;
  readonly args: readonly OutgoingArgument[];
  readonly caller: string;
  readonly hostname: string;
}

export function encodeCall(call: CallEnvelope): Buffer {
  writeHead(call, call.track, call.reply);
  for (const type of call.argsType) writer.element(7, type, 'ArgsType');
  for (const value of call.args) writer.bytesField(8, value);
  writeTail(call);
  return writer.finish();
}

/** Encodes a call into shared memory. The bytes are valid until the next envelope is encoded. */
export function encodeCallToSharedMemory(call: OutgoingCall): Buffer {
  writeHead(call, '', call.replyTo !== '');
  const {args} = call;
  for (let at = 0; at < args.length; at += 1)
    writer.element(7, (args[at] as OutgoingArgument).type, 'ArgsType');
  for (let at = 0; at < args.length; at += 1) {
    const {bytes} = args[at] as OutgoingArgument;
    if (typeof bytes === 'string') writer.element(8, bytes, 'an argument');
    else writer.bytesField(8, bytes);
  }
  writeTail(call);
  return writer.lend();
}

type Head = Pick<CallEnvelope, 'cid' | 'fn' | 'replyTo' | 'expired'>;

function writeHead({cid, fn, replyTo, expired}: Head, track: string, reply: boolean): void {
  writer
    .reset()
    .string(1, cid, 'Cid')
    .string(2, fn, 'Fn')
    .string(3, replyTo, 'ReplyTo')
    .string(4, track, 'track')
    .number(5, expired)
    .number(6, reply ? 1 : 0);
}

function writeTail({caller, hostname}: Pick<CallEnvelope, 'caller' | 'hostname'>): void {
  writer.string(9, caller, 'caller').string(10, hostname, 'hostname');
}

/** Decodes an envelope. Its members are views of `bytes`; copy what must outlive them. Throws DecodeError. */
export function decodeCall(bytes: Uint8Array): CallEnvelope {
  const reader = new ProtobufReader(bytes);
  const argsType: string[] = [];
  const args: Uint8Array[] = [];
  const call = {
    cid: '',
    fn: '',
    replyTo: '',
    track: '',
    expired: 0,
    reply: false,
    argsType,
    args,
    caller: '',
    hostname: '',
  };
  while (reader.next()) {
    if (reader.wireType === WireType.bytes) {
      switch (reader.field) {
        case 1:
          call.cid = reader.string('Cid');
          continue;
        case 2:
          call.fn = reader.string('Fn');
          continue;
        case 3:
          call.replyTo = reader.string('ReplyTo');
          continue;
        case 4:
          call.track = reader.string('track');
          continue;
        case 7:
          argsType.push(reader.string('ArgsType'));
          continue;
        case 8:
          args.push(reader.view());
          continue;
        case 9:
          call.caller = reader.string('caller');
          continue;
        case 10:
          call.hostname = reader.string('hostname');
          continue;
      }
    } else if (reader.wireType === WireType.varint && reader.field === 5) {
      call.expired = reader.varint();
      continue;
    } else if (reader.wireType === WireType.varint && reader.field === 6) {
      call.reply = reader.varint() !== 0;
      continue;
    }
    reader.skip();
  }
  if (call.fn === '') throw new DecodeError('not a call: it has no function name', {offset: bytes.length});
  return call;
}

export function encodeResult(result: ResultEnvelope): Buffer {
  writer
    .reset()
    .string(1, result.cid, 'Cid')
    .string(2, result.error, 'Error')
    .string(4, result.resultType, 'ResultType');
  if (result.result.length === 0) return writer.finish();
  const head = writer.tag(5, WireType.bytes).varint(result.result.length).finish();
  return Buffer.concat([head, result.result]);
}

/**
 * Decodes an envelope. Its members are views of `bytes`; copy what must outlive them. `cid` is the expected correlation
 * id. Throws DecodeError.
 */
export function decodeResult(bytes: Uint8Array, cid = ''): ResultEnvelope {
  const reader = new ProtobufReader(bytes);
  const result = {cid: '', error: '', resultType: '', result: empty};
  while (reader.next()) {
    if (reader.wireType === WireType.bytes) {
      switch (reader.field) {
        case 1:
          result.cid = reader.stringLike(cid, 'Cid');
          continue;
        case 2:
          result.error = reader.string('Error');
          continue;
        case 4:
          result.resultType = reader.stringLike('string', 'ResultType');
          continue;
        case 5:
          result.result = reader.view();
          continue;
      }
    }
    reader.skip();
  }
  return result;
}
