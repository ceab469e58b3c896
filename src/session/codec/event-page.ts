import {newSession, type SessionRow} from '../session.js';
import {type ProtobufReader, WireType} from './protobuf-reader.js';
import {ProtobufWriter} from './protobuf-writer.js';
import {readPageMessage} from './session-page.js';
import {decodeSession} from './session-protobuf.js';

/** Kinds of session events. A kind's number on the wire is its index plus one. */
export const eventKinds = ['connected', 'closed', 'bound', 'unbound', 'settings'] as const;

export type EventKind = (typeof eventKinds)[number];

/**
 * An event of a session, as reported by its gate. The row shows the session after the event; for `closed`, its last
 * state.
 */
export interface SessionEvent extends Omit<SessionRow, 'fault'> {
  readonly kind: EventKind;
  /** Unix milliseconds by the gate's clock. */
  readonly at: number;
  /** The previous uid; for `bound` and `unbound`. */
  readonly uidBefore: string;
  /** Names of the changed settings; for `settings`. */
  readonly keys: readonly string[];
  /** Why the session was closed. */
  readonly why: string;
}

/** An event whose session the gate has already encoded. */
export interface EncodedSessionEvent extends Omit<SessionEvent, 'session'> {
  readonly session: Uint8Array;
}

/** Events of one feed, in order and numbered without gaps. */
interface EventPage {
  readonly events: readonly SessionEvent[];
  /** Number of the first event in the page; a feed starts at 1. */
  readonly first: number;
  readonly feed: number;
}

/**
 * Encodes `message EventPage { repeated Event events = 1; uint64 first = 3; uint64 feed = 4; }` with `Event { uint64 kind = 1;
 * uint64 at = 2; bytes session = 3; string uidBefore = 4; repeated string keys = 5; string why = 6; uint64 connectedAt = 7;
 * lastActiveAt = 8; received = 9; sent = 10; }`.
 */
export function encodeEventPage(
  events: readonly EncodedSessionEvent[],
  {first, feed}: Omit<EventPage, 'events'>,
): Buffer {
  const page = new ProtobufWriter(4096);
  const one = new ProtobufWriter(1024);
  for (const event of events) {
    const {kind, at, session, uidBefore, keys, why} = event;
    one
      .reset()
      .number(1, eventKinds.indexOf(kind) + 1)
      .number(2, at)
      .bytesField(3, session)
      .string(4, uidBefore, 'uidBefore');
    for (const key of keys) one.element(5, key, 'a key');
    one
      .string(6, why, 'why')
      .number(7, event.connectedAt)
      .number(8, event.lastActiveAt)
      .number(9, event.received)
      .number(10, event.sent);
    page.bytesField(1, one.finish());
  }
  return page.number(3, first).number(4, feed).finish();
}

/** Decodes a page. Events of unknown kinds are skipped, but included in `count`. Throws DecodeError. */
export function decodeEventPage(bytes: Uint8Array): EventPage & {readonly count: number} {
  const events: SessionEvent[] = [];
  const about = {first: 0, feed: 0, count: 0};
  readPageMessage(
    bytes,
    (reader) => {
      about.count += 1;
      const event = readEvent(reader);
      if (event !== undefined) events.push(event);
    },
    (reader) => {
      if (reader.wireType !== WireType.varint) reader.skip();
      else if (reader.field === 3) about.first = reader.varint();
      else if (reader.field === 4) about.feed = reader.varint();
      else reader.skip();
    },
  );
  return {events, ...about};
}

const noNumbers = {connectedAt: 0, lastActiveAt: 0, received: 0, sent: 0};

function readEvent(reader: ProtobufReader): SessionEvent | undefined {
  const event = {at: 0, session: newSession(), uidBefore: '', why: '', ...noNumbers};
  const keys: string[] = [];
  let kind: EventKind | undefined;
  while (reader.next()) {
    const {field} = reader;
    if (reader.wireType === WireType.varint && field === 1) kind = eventKinds[reader.varint() - 1];
    else if (reader.wireType === WireType.varint && field === 2) event.at = reader.varint();
    else if (reader.wireType === WireType.varint && field === 7) event.connectedAt = reader.varint();
    else if (reader.wireType === WireType.varint && field === 8) event.lastActiveAt = reader.varint();
    else if (reader.wireType === WireType.varint && field === 9) event.received = reader.varint();
    else if (reader.wireType === WireType.varint && field === 10) event.sent = reader.varint();
    else if (reader.wireType !== WireType.bytes) reader.skip();
    else if (field === 3)
      event.session = decodeSession(reader.view()); // its texts then don't keep the page in memory
    else if (field === 4) event.uidBefore = reader.string('uidBefore');
    else if (field === 5) keys.push(reader.string('a key'));
    else if (field === 6) event.why = reader.string('why');
    else reader.skip();
  }
  return kind && {kind, ...event, keys};
}
