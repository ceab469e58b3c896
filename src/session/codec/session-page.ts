import {RowCursor} from '../fast/row-cursor.js';
import {type EncodedRows, type ValidatedPage, validatePage} from '../fast/validate-page.js';
import type {SessionPage} from '../gate-api.js';
import type {ObservedSessionRow, SessionRow} from '../session.js';
import {readConnection} from './connection-message.js';
import {ProtobufReader, readNestedMessage, WireType} from './protobuf-reader.js';
import {ProtobufWriter, varintSize} from './protobuf-writer.js';
import {readSession} from './session-protobuf.js';

/** A row whose session the gate has already encoded. */
interface EncodedRow extends Omit<SessionRow, 'session' | 'connectionState'> {
  readonly session: Uint8Array;
  /** An encoded Connection. */
  readonly connection?: Uint8Array | undefined;
}

/** Maximum size of a row without its session, in bytes: five tags, two lengths and four numbers. */
const overheadBytes = 64;

/**
 * Builds a page of `message SessionPage { repeated Row rows = 1; string next = 2; uint64 now = 3; bool filtered = 4;
 * bool sorted = 5; }` with `Row { bytes session = 1; uint64 connectedAt = 2; lastActiveAt = 3; received = 4; sent =
 * 5; Connection connection = 7; }`. Because of plain protobuf framing, a Go gate can write it with encoding/binary
 * alone, and a reader can skip a row by its length. Call `finish` only once.
 */
export class SessionPageWriter {
  private bytes: Buffer;
  private at = 0;
  rows = 0;

  /** `size` is the expected number of bytes. */
  constructor(size = 64 * 1024) {
    this.bytes = Buffer.allocUnsafe(size + overheadBytes);
  }

  get size(): number {
    return this.at;
  }

  add(row: EncodedRow): void {
    const {session, connectedAt, lastActiveAt, received, sent, connection} = row;
    const {length} = session;
    const connectionSize =
      connection === undefined ? 0 : 1 + varintSize(connection.length) + connection.length;
    this.reserve(length + connectionSize + overheadBytes);
    const size =
      1 +
      varintSize(length) +
      length +
      numberSize(connectedAt) +
      numberSize(lastActiveAt) +
      numberSize(received) +
      numberSize(sent) +
      connectionSize;
    const {bytes} = this;
    let at = varintAt(bytes, this.at, tag(1, WireType.bytes), size);
    at = varintAt(bytes, at, tag(1, WireType.bytes), length);
    bytes.set(session, at);
    at += length;
    if (connectedAt !== 0) at = varintAt(bytes, at, tag(2, WireType.varint), connectedAt);
    if (lastActiveAt !== 0) at = varintAt(bytes, at, tag(3, WireType.varint), lastActiveAt);
    if (received !== 0) at = varintAt(bytes, at, tag(4, WireType.varint), received);
    if (sent !== 0) at = varintAt(bytes, at, tag(5, WireType.varint), sent);
    if (connection !== undefined) {
      at = varintAt(bytes, at, tag(7, WireType.bytes), connection.length);
      bytes.set(connection, at);
      at += connection.length;
    }
    this.at = at;
    this.rows += 1;
  }

  /** Returns the page. `next` is the cursor of the next page; empty on the last page. */
  finish(next: string, about: Omit<SessionPage, 'rows' | 'next'> = {}): Buffer {
    const {now = 0, filtered = false, sorted = false} = about;
    const end = new ProtobufWriter(128)
      .string(2, next, 'next')
      .number(3, now)
      .number(4, Number(filtered))
      .number(5, Number(sorted))
      .finish();
    this.reserve(end.length);
    this.bytes.set(end, this.at);
    return this.bytes.subarray(0, this.at + end.length);
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + more));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}

const tag = (field: number, wireType: number): number => field * 8 + wireType;

/** Writes a one-byte tag and a number. Returns the end offset. */
function varintAt(bytes: Buffer, start: number, tagByte: number, value: number): number {
  bytes[start] = tagByte;
  let at = start + 1;
  let rest = value;
  while (rest >= 0x80) {
    if (rest < 0x80000000) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    } else {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
  }
  bytes[at] = rest;
  return at + 1;
}

const numberSize = (value: number): number => (value === 0 ? 0 : 1 + varintSize(value));

/** Decodes a page. If it has the form that gates write, its rows are decoded on first access. Throws DecodeError. */
export function decodeSessionPage(bytes: Uint8Array): SessionPage {
  const walk = validatePage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return walk === undefined ? decodePlainPage(bytes) : new WalkedPage(walk);
}

/** Returns the rows of a reply that is a single page, each with the time of the page. Throws DecodeError. */
export function decodeObservedRows(bytes: Uint8Array): readonly ObservedSessionRow[] {
  const {rows, now: observedAt} = decodeSessionPage(bytes);
  return rows.map((row) => ({...row, observedAt}));
}

class WalkedPage implements SessionPage {
  readonly next: string;
  readonly now: number | undefined;
  readonly filtered: boolean | undefined;
  readonly sorted: boolean | undefined;
  private built: readonly SessionRow[] | undefined;

  constructor(readonly encoded: ValidatedPage) {
    const {bytes, nextStart, nextEnd, now, filtered, sorted} = encoded;
    this.next = bytes.toString('utf8', nextStart, nextEnd);
    this.now = now;
    this.filtered = filtered;
    this.sorted = sorted;
  }

  get rows(): readonly SessionRow[] {
    this.built ??= decodeRows(this.encoded);
    return this.built;
  }
}

/** Decodes all rows of a page. */
export function decodeRows(encoded: EncodedRows): SessionRow[] {
  const cursor = new RowCursor(encoded);
  return Array.from({length: encoded.count}, (_, index) => cursor.seek(index).row());
}

/** Decodes a page in any valid form. Throws DecodeError. */
export function decodePlainPage(bytes: Uint8Array): SessionPage {
  const rows: SessionRow[] = [];
  const about: {now?: number; filtered?: boolean; sorted?: boolean} = {};
  const next = readPageMessage(
    bytes,
    (reader) => rows.push(readRow(reader)),
    (reader) => {
      if (reader.wireType !== WireType.varint) return reader.skip();
      if (reader.field === 3) about.now = reader.varint();
      else if (reader.field === 4) about.filtered = reader.varint() !== 0;
      else if (reader.field === 5) about.sorted = reader.varint() !== 0;
      else reader.skip();
    },
  );
  return {rows, next, ...about};
}

export function readPageMessage(
  bytes: Uint8Array,
  item: (reader: ProtobufReader) => void,
  other: (reader: ProtobufReader) => void = (reader) => reader.skip(),
): string {
  const reader = new ProtobufReader(bytes);
  let next = '';
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === WireType.bytes)
      readNestedMessage(reader, () => item(reader));
    else if (reader.field === 2 && reader.wireType === WireType.bytes) next = reader.string('next');
    else other(reader);
  }
  return next;
}

function readRow(reader: ProtobufReader): SessionRow {
  const row = {
    session: undefined as SessionRow['session'] | undefined,
    connectedAt: 0,
    lastActiveAt: 0,
    received: 0,
    sent: 0,
  };
  let fault: string | undefined;
  let connectionState: SessionRow['connectionState'];
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === WireType.bytes) {
      row.session = readNestedMessage(reader, () => readSession(reader));
    } else if (reader.field === 6 && reader.wireType === WireType.bytes) fault = reader.string('fault');
    else if (reader.field === 7 && reader.wireType === WireType.bytes)
      connectionState = readNestedMessage(reader, () => readConnection(reader));
    else if (reader.wireType !== WireType.varint) reader.skip();
    else if (reader.field === 2) row.connectedAt = reader.varint();
    else if (reader.field === 3) row.lastActiveAt = reader.varint();
    else if (reader.field === 4) row.received = reader.varint();
    else if (reader.field === 5) row.sent = reader.varint();
    else reader.skip();
  }
  const {session = readSession(emptyReader()), ...numbers} = row;
  return {
    session,
    ...numbers,
    ...(fault !== undefined && {fault}),
    ...(connectionState !== undefined && {connectionState}),
  };
}

const emptyReader = (): ProtobufReader => new ProtobufReader(new Uint8Array(0));
