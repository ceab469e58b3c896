import {ProtobufReader} from '../codec/protobuf-reader.js';
import {sessionFieldNumbers} from '../codec/session-field-numbers.js';
import {readSession} from '../codec/session-protobuf.js';
import {emptyStringBag, type Session, type SessionRow, type StringBag, stringBag} from '../session.js';
import type {EncodedRows} from './validate-page.js';

/**
 * Reads the rows of a walked page in place. Fields are decoded on access, and equal those of the plain decoder
 * (`readRow`); the last of duplicate fields wins. Call `row()` to keep a row.
 */
export class RowCursor implements SessionRow {
  connectedAt = 0;
  lastActiveAt = 0;
  received = 0;
  sent = 0;
  /**
   * Start offset of each session field, by field number; `ends` has the end offsets. Both are 0 if the field is
   * empty.
   */
  readonly starts = new Int32Array(11);
  readonly ends = new Int32Array(11);
  /** Four offsets per setting: start and end of the key and of the value. */
  settingPlaces = new Int32Array(4 * 16);
  settingCount = 0;
  /** The session's fields, decoded on access. */
  readonly session: Session = new LazySession(this);
  readonly bytes: Buffer;
  readonly view: DataView;
  private sessionStart = 0;
  private sessionEnd = 0;
  private isOpen = false;
  private carrierPlaces: number[] | undefined;
  private bag: StringBag | undefined;
  private pageText: string | undefined;

  constructor(private readonly rows: EncodedRows) {
    this.bytes = rows.bytes;
    this.view = new DataView(rows.bytes.buffer, rows.bytes.byteOffset, rows.bytes.length);
  }

  /** Moves the cursor to a row. */
  seek(index: number): this {
    const {bytes} = this;
    this.isOpen = false;
    this.sessionStart = 0;
    this.sessionEnd = 0;
    this.connectedAt = 0;
    this.lastActiveAt = 0;
    this.received = 0;
    this.sent = 0;
    let at = this.rows.places[index * 2] as number;
    const end = this.rows.places[index * 2 + 1] as number;
    while (at < end) {
      const tag = bytes[at++] as number;
      let value = bytes[at++] as number;
      if (value >= 0x80) {
        let scale = 128;
        let byte = value;
        value &= 0x7f;
        do {
          byte = bytes[at++] as number;
          value += (byte & 0x7f) * scale;
          scale *= 128;
        } while (byte >= 0x80);
      }
      if (tag === 0x0a) {
        this.sessionStart = at; // the last of duplicate sessions wins
        at += value;
        this.sessionEnd = at;
      } else if (tag === 0x10) this.connectedAt = value;
      else if (tag === 0x18) this.lastActiveAt = value;
      else if (tag === 0x20) this.received = value;
      else this.sent = value;
    }
    return this;
  }

  /** Finds the offsets of the session's fields. */
  open(): this {
    if (this.isOpen) return this;
    this.isOpen = true;
    const {starts, ends} = this;
    for (let field = 0; field <= sessionFieldNumbers.topic; field += 1) starts[field] = ends[field] = 0;
    this.settingCount = 0;
    this.carrierPlaces = undefined;
    this.bag = undefined;
    this.readSession(this.sessionStart, this.sessionEnd);
    return this;
  }

  /** Returns a session field as a string. */
  text(field: number): string {
    this.open();
    return this.cut(this.starts[field] as number, this.ends[field] as number);
  }

  /** Decodes a range of bytes as a string. */
  cut(start: number, end: number): string {
    if (start === end) return '';
    if (!this.rows.isAscii) return this.bytes.toString('utf8', start, end);
    this.pageText ??= this.bytes.toString('latin1'); // created once for all rows
    return this.pageText.substring(start, end);
  }

  settings(): StringBag {
    this.open();
    if (this.settingCount === 0) return emptyStringBag;
    if (this.bag !== undefined) return this.bag;
    const bag = stringBag();
    this.bag = bag;
    const places = this.settingPlaces;
    for (let entry = 0; entry < this.settingCount; entry += 1) {
      const at = entry * 4;
      const key = this.cut(places[at] as number, places[at + 1] as number);
      bag[key] = this.cut(places[at + 2] as number, places[at + 3] as number);
    }
    return bag;
  }

  /** Returns the value of a setting without decoding the others. */
  setting(key: string): string | undefined {
    const at = this.placeOf(key);
    const {settingPlaces: places} = this;
    return at < 0 ? undefined : this.cut(places[at + 2] as number, places[at + 3] as number);
  }

  /** Compares a session field with a string in place. */
  textIs(field: number, text: string): boolean {
    this.open();
    return this.isText(this.starts[field] as number, this.ends[field] as number, text);
  }

  /** Compares a setting with a string in place; returns undefined if there is no such setting. */
  settingIs(key: string, text: string): boolean | undefined {
    const at = this.placeOf(key);
    const {settingPlaces: places} = this;
    return at < 0 ? undefined : this.isText(places[at + 2] as number, places[at + 3] as number, text);
  }

  /**
   * Returns the index of a setting's offsets in `settingPlaces`; -1 if there is no such setting. The last of
   * duplicate keys wins.
   */
  private placeOf(key: string): number {
    this.open();
    const {settingPlaces: places} = this;
    for (let at = (this.settingCount - 1) * 4; at >= 0; at -= 4)
      if (this.isText(places[at] as number, places[at + 1] as number, key)) return at;
    return -1;
  }

  carrier(): StringBag {
    this.open();
    const places = this.carrierPlaces;
    if (places === undefined) return emptyStringBag;
    const bag = stringBag();
    for (let at = 0; at < places.length; at += 4)
      bag[this.cut(places[at] ?? 0, places[at + 1] ?? 0)] = this.cut(
        places[at + 2] ?? 0,
        places[at + 3] ?? 0,
      );
    return bag;
  }

  /** Returns the row as an independent object. */
  row(): SessionRow {
    const bytes = this.bytes.subarray(this.sessionStart, this.sessionEnd);
    const session = readSession(new ProtobufReader(bytes, this.rows.isAscii));
    const {connectedAt, lastActiveAt, received, sent} = this;
    return {session, connectedAt, lastActiveAt, received, sent};
  }

  private readSession(start: number, end: number): void {
    const {bytes, starts, ends} = this;
    let at = start;
    while (at < end) {
      const field = (bytes[at] as number) >>> 3;
      let length = bytes[at + 1] as number;
      at += 2;
      if (length >= 0x80) {
        length = this.length(at - 1);
        at += length < 16_384 ? 1 : 2;
      }
      const next = at + length;
      if (field === sessionFieldNumbers.settings) this.readSetting(at, next);
      else if (field === sessionFieldNumbers.carrier) this.readCarrier(at, next);
      else {
        starts[field] = at;
        ends[field] = next;
      }
      at = next;
    }
  }

  /** Reads a length of two or three bytes. Gates write minimal lengths, so the value determines the size. */
  private length(at: number): number {
    const {bytes} = this;
    const second = bytes[at + 1] as number;
    const low = ((bytes[at] as number) & 0x7f) | ((second & 0x7f) << 7);
    return second < 0x80 ? low : low | ((bytes[at + 2] as number) << 14);
  }

  private readSetting(start: number, end: number): void {
    const at = this.settingCount * 4;
    if (at === this.settingPlaces.length) {
      const more = new Int32Array(at * 2);
      more.set(this.settingPlaces);
      this.settingPlaces = more;
    }
    this.readEntry(this.settingPlaces, at, start, end);
    this.settingCount += 1;
  }

  private readCarrier(start: number, end: number): void {
    this.carrierPlaces ??= [];
    this.readEntry(this.carrierPlaces, this.carrierPlaces.length, start, end);
  }

  private readEntry(into: Int32Array | number[], to: number, start: number, end: number): void {
    const {bytes} = this;
    let [keyStart, keyEnd, valueStart, valueEnd] = [start, start, start, start]; // a missing key or value is empty
    let at = start;
    while (at < end) {
      const tag = bytes[at];
      let length = bytes[at + 1] as number;
      at += 2;
      if (length >= 0x80) {
        length = this.length(at - 1);
        at += length < 16_384 ? 1 : 2;
      }
      if (tag === 0x0a) {
        keyStart = at;
        keyEnd = at + length;
      } else {
        valueStart = at;
        valueEnd = at + length;
      }
      at += length;
    }
    into[to] = keyStart;
    into[to + 1] = keyEnd;
    into[to + 2] = valueStart;
    into[to + 3] = valueEnd;
  }

  private isText(start: number, end: number, text: string): boolean {
    const {bytes} = this;
    if (text.length > end - start) return false; // each character takes at least one byte
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return this.cut(start, end) === text;
      if (bytes[start + index] !== code) return false;
    }
    return text.length === end - start;
  }
}

/** The session in the cursor's current row. Fields are decoded on access. */
class LazySession implements Session {
  constructor(private readonly row: RowCursor) {}

  get ip(): string {
    return this.row.text(sessionFieldNumbers.ip);
  }

  get network(): string {
    return this.row.text(sessionFieldNumbers.network);
  }

  get userId(): string {
    return this.row.text(sessionFieldNumbers.userId);
  }

  get sessionId(): string {
    return this.row.text(sessionFieldNumbers.sessionId);
  }

  get serverId(): string {
    return this.row.text(sessionFieldNumbers.serverId);
  }

  get traceId(): string {
    return this.row.text(sessionFieldNumbers.traceId);
  }

  get spanId(): string {
    return this.row.text(sessionFieldNumbers.spanId);
  }

  get topic(): string {
    return this.row.text(sessionFieldNumbers.topic);
  }

  get settings(): StringBag {
    return this.row.settings();
  }

  get carrier(): StringBag {
    return this.row.carrier();
  }
}

/** Returns the value of a setting, for both kinds of rows. */
export function settingOfRow(row: SessionRow, key: string): string | undefined {
  if (row instanceof RowCursor) return row.setting(key);
  const {settings} = row.session;
  return Object.hasOwn(settings, key) ? settings[key] : undefined;
}

/** Equals `settingOfRow(row, key) === text`, but returns undefined if there is no such setting. */
export function settingEquals(row: SessionRow, key: string, text: string): boolean | undefined {
  if (row instanceof RowCursor) return row.settingIs(key, text);
  const value = settingOfRow(row, key);
  return value === undefined ? undefined : value === text;
}

/** Equals `row.session[field] === text`. */
export function sessionTextEquals(
  row: SessionRow,
  field: 'userId' | 'sessionId' | 'network',
  text: string,
): boolean {
  return row instanceof RowCursor
    ? row.textIs(sessionFieldNumbers[field], text)
    : row.session[field] === text;
}
