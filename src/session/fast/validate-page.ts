import {isUtf8} from 'node:buffer';

/** Encoded rows of a page: its bytes, and the offsets of each row. */
export interface EncodedRows {
  readonly bytes: Buffer;
  readonly count: number;
  /** Start and end offset of each row: at least `2 * count` numbers. */
  readonly places: Uint32Array;
  /** True if all text in the page is ASCII. */
  readonly isAscii: boolean;
}

/** Returns the rows from index `from` up to, but not including, `to`. */
export function sliceEncodedRows(
  {bytes, places, isAscii}: EncodedRows,
  from: number,
  to: number,
): EncodedRows {
  return {bytes, places: places.subarray(from * 2, to * 2), count: Math.max(0, to - from), isAscii};
}

/** A validated page. Reading its rows can't fail. */
export interface ValidatedPage extends EncodedRows {
  /** Offsets of the last `next` string; both 0 if there is none. */
  readonly nextStart: number;
  readonly nextEnd: number;
  readonly now: number | undefined;
  readonly filtered: boolean | undefined;
  readonly sorted: boolean | undefined;
}

/**
 * Validates a page by its lengths, without decoding rows, and checks that all strings are UTF-8. Accepts only the
 * form that gates write; returns undefined for any other page, valid or not, which `decodePlainPage` then handles.
 */
export function validatePage(bytes: Buffer): ValidatedPage | undefined {
  const walk = new Walker(bytes, false);
  if (!walk.page()) return undefined;
  if (walk.high === highBytes(bytes)) return walk; // high bytes occur only in lengths and numbers, so all text is ASCII
  const checked = new Walker(bytes, true);
  return checked.page() ? checked : undefined;
}

class Walker implements ValidatedPage {
  count = 0;
  places = new Uint32Array(1024);
  nextStart = 0;
  nextEnd = 0;
  now: number | undefined;
  filtered: boolean | undefined;
  sorted: boolean | undefined;
  /** Number of high bytes (0x80 and above) in lengths and numbers. */
  high = 0;
  private at = 0;

  constructor(
    readonly bytes: Buffer,
    private readonly checksText: boolean,
  ) {}

  get isAscii(): boolean {
    return !this.checksText;
  }

  page(): boolean {
    const end = this.bytes.length;
    while (this.at < end) {
      const tag = this.bytes[this.at++];
      if (tag === 0x0a) {
        const rowEnd = this.delimited(end);
        if (rowEnd < 0) return false;
        this.keep(this.at, rowEnd);
        if (!this.row(rowEnd)) return false;
      } else if (tag === 0x12) {
        const textEnd = this.delimited(end);
        if (textEnd < 0) return false;
        this.nextStart = this.at;
        this.nextEnd = textEnd;
        if (!this.text(textEnd)) return false;
      } else if (tag === 0x18) {
        this.now = this.number(end);
        if (this.now < 0) return false;
      } else if (tag === 0x20 || tag === 0x28) {
        const value = this.number(end);
        if (value < 0) return false;
        if (tag === 0x20) this.filtered = value !== 0;
        else this.sorted = value !== 0;
      } else return false;
    }
    return true;
  }

  private row(end: number): boolean {
    while (this.at < end) {
      const tag = this.bytes[this.at++];
      if (tag === 0x0a) {
        const sessionEnd = this.delimited(end);
        if (sessionEnd < 0 || !this.session(sessionEnd)) return false;
      } else if (tag === 0x10 || tag === 0x18 || tag === 0x20 || tag === 0x28) {
        if (this.number(end) < 0) return false;
      } else return false;
    }
    return true;
  }

  private session(end: number): boolean {
    while (this.at < end) {
      const tag = this.bytes[this.at++] as number;
      const valueEnd = this.delimited(end);
      if (valueEnd < 0) return false;
      // fields 8 and 9 are maps, the others up to 10 are strings; all are length-delimited
      if (tag === 0x42 || tag === 0x4a) {
        if (!this.entry(valueEnd)) return false;
      } else if ((tag & 7) !== 2 || tag < 0x0a || tag > 0x52) return false;
      else if (!this.text(valueEnd)) return false;
    }
    return true;
  }

  private entry(end: number): boolean {
    while (this.at < end) {
      const tag = this.bytes[this.at++];
      if (tag !== 0x0a && tag !== 0x12) return false;
      const textEnd = this.delimited(end);
      if (textEnd < 0 || !this.text(textEnd)) return false;
    }
    return true;
  }

  /** Reads a length. Returns the end offset, or -1 if invalid. Gates write minimal lengths of at most three bytes. */
  private delimited(end: number): number {
    const {bytes} = this;
    let at = this.at;
    if (at >= end) return -1;
    let length = bytes[at++] as number;
    if (length >= 0x80) {
      if (at >= end) return -1;
      const second = bytes[at++] as number;
      this.high += 1;
      length = (length & 0x7f) | ((second & 0x7f) << 7);
      if (second >= 0x80) {
        if (at >= end) return -1;
        const third = bytes[at++] as number;
        if (third >= 0x80 || third === 0) return -1;
        this.high += 1;
        length |= third << 14;
      } else if (second === 0) return -1;
    }
    this.at = at;
    return at + length <= end ? at + length : -1;
  }

  /** Reads a number of at most eight bytes. Returns -1 if it is longer. */
  private number(end: number): number {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 8; index += 1) {
      if (this.at >= end) return -1;
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      this.high += 1;
      scale *= 128;
    }
    return -1;
  }

  private text(end: number): boolean {
    const start = this.at;
    this.at = end;
    if (!this.checksText) return true;
    const {bytes} = this;
    for (let index = start; index < end; index += 1) {
      const byte = bytes[index] as number;
      if (byte < 0x80) continue;
      if (byte < 0xe4 || byte > 0xe9 || !this.continues(index + 1, end))
        return isUtf8(bytes.subarray(start, end));
      index += 2; // a CJK ideograph
    }
    return true;
  }

  /** Returns true if the last two bytes of a three-byte character are at this offset. */
  private continues(at: number, end: number): boolean {
    const {bytes} = this;
    return (
      at + 2 <= end && ((bytes[at] as number) & 0xc0) === 0x80 && ((bytes[at + 1] as number) & 0xc0) === 0x80
    );
  }

  private keep(start: number, end: number): void {
    const at = this.count * 2;
    if (at === this.places.length) {
      const more = new Uint32Array(at * 2);
      more.set(this.places);
      this.places = more;
    }
    this.places[at] = start;
    this.places[at + 1] = end;
    this.count += 1;
  }
}

/** Counts the bytes of 0x80 and above, four at a time. */
function highBytes(bytes: Buffer): number {
  const skew = -bytes.byteOffset & 3;
  const words =
    bytes.length < 4
      ? new Int32Array(0)
      : new Int32Array(bytes.buffer, bytes.byteOffset + skew, (bytes.length - skew) >> 2);
  let count = 0;
  for (let index = 0; index < words.length; ) {
    let counts = 0; // four counters, one per byte, each below 128
    for (const end = Math.min(words.length, index + 127); index < end; index += 1)
      counts += ((words[index] as number) >>> 7) & 0x01010101;
    count += (counts & 0xff) + ((counts >> 8) & 0xff) + ((counts >> 16) & 0xff) + (counts >> 24);
  }
  for (let at = 0; at < skew; at += 1) count += (bytes[at] as number) >> 7;
  for (let at = skew + words.byteLength; at < bytes.length; at += 1) count += (bytes[at] as number) >> 7;
  return count;
}
