import type {ConnectionState, TopicSubscription} from '../connection-state.js';
import {type ProtobufReader, readNestedMessage, WireType} from './protobuf-reader.js';
import {ProtobufWriter} from './protobuf-writer.js';

/**
 * Encodes `message Connection { optional uint64 waitingBytes = 1; optional uint64 waitingPackets = 2;
 * uint64 oldestWaitingAt = 3; uint64 lastSentAt = 4; uint64 keepAliveEndsAt = 5; optional bool subscribed = 6;
 * optional uint64 subscriptionCount = 7; repeated TopicSubscription subscriptions = 8; }` with
 * `TopicSubscription { string filter = 1; uint64 qos = 2; }`. A known zero of an optional field is written.
 */
export function encodeConnection(state: ConnectionState): Buffer {
  const writer = new ProtobufWriter(64);
  const optional = (field: number, value: number | undefined): void => {
    if (value !== undefined) writer.tag(field, WireType.varint).varint(value);
  };
  optional(1, state.waitingBytes);
  optional(2, state.waitingPackets);
  writer.number(3, state.oldestWaitingAt ?? 0);
  writer.number(4, state.lastSentAt ?? 0);
  writer.number(5, state.keepAliveEndsAt ?? 0);
  optional(6, state.subscribed === undefined ? undefined : Number(state.subscribed));
  optional(7, state.subscriptionCount);
  for (const {filter, qos} of state.subscriptions ?? [])
    writer.bytesField(8, new ProtobufWriter(64).element(1, filter, 'a topic filter').number(2, qos).finish());
  return writer.finish();
}

const numbers = {
  1: 'waitingBytes',
  2: 'waitingPackets',
  3: 'oldestWaitingAt',
  4: 'lastSentAt',
  5: 'keepAliveEndsAt',
  7: 'subscriptionCount',
} as const;

/** Decodes a Connection up to the end of the reader. Throws DecodeError. */
export function readConnection(reader: ProtobufReader): ConnectionState {
  const state: {-readonly [Name in keyof ConnectionState]: ConnectionState[Name]} = {};
  const subscriptions: TopicSubscription[] = [];
  while (reader.next()) {
    const {field, wireType} = reader;
    if (field === 8 && wireType === WireType.bytes)
      subscriptions.push(readNestedMessage(reader, () => readSubscription(reader)));
    else if (wireType !== WireType.varint) reader.skip();
    else if (field === 6) state.subscribed = reader.varint() !== 0;
    else if (isNumber(field)) state[numbers[field]] = reader.varint();
    else reader.skip();
  }
  return subscriptions.length === 0 && state.subscriptionCount !== 0 ? state : {...state, subscriptions};
}

const isNumber = (field: number): field is keyof typeof numbers => field in numbers;

function readSubscription(reader: ProtobufReader): TopicSubscription {
  const read = {filter: '', qos: 0};
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === WireType.bytes)
      read.filter = reader.string('a topic filter');
    else if (reader.field === 2 && reader.wireType === WireType.varint) read.qos = reader.varint();
    else reader.skip();
  }
  return read;
}
