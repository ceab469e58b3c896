import {safeJson, safeText} from '../text/safe-text.js';

const [quote, backslash, space, zero, colon] = [0x22, 0x5c, 0x20, 0x30, 0x3a];
/** Repeats a byte four times in one 32-bit number. */
const four = (byte: number): number => Math.imul(byte, 0x01010101);
const [ones, highBits, fourSpaces, fourQuotes, fourBackslashes] = [1, 0x80, space, quote, backslash].map(
  four,
) as [number, number, number, number, number];
const dayMs = 86_400_000;
/** Start of the year 10000, in Unix milliseconds. ISO times are longer from then on. */
const longYears = 253_402_300_800_000;
/** Number of cached dates. The times in a listing span a few dozen days at most. */
const daysKept = 64;
/** Number of bytes collected before they are written to the sink. */
export const writeChunkBytes = 64 * 1024;
/** Number of bytes by which a four-byte write may exceed the text. */
const overshoot = 4;

/** Text that needs no escaping, stored as 32-bit numbers of four bytes each. */
export class PlainAsciiText {
  readonly length: number;
  readonly words: Int32Array;

  constructor(text: string) {
    const bytes = Buffer.from(`${text}\0\0\0`);
    this.length = bytes.length - 3;
    this.words = Int32Array.from({length: bytes.length >> 2}, (_, at) => bytes.readInt32LE(at * 4));
  }
}

/**
 * Builds text as bytes, to output many rows fast. Each method writes the same bytes as its plain counterpart (`safeText`,
 * `safeJson`, `isoTime`, `formatDuration`), and calls it for text that needs escaping. Copies four bytes at a time.
 */
export class ByteTextBuilder {
  size = 0;
  /** Number of bytes minus number of terminal columns: one for each ideograph. */
  surplus = 0;
  /** Whether the text contains an escape or a character other than ASCII and ideographs, so that its width is unknown. */
  isOdd = false;
  private bytes: Buffer;
  private to: DataView;
  private readonly days = [] as {readonly day: number; readonly text: PlainAsciiText}[];

  constructor(private capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity + overshoot);
    this.to = viewOf(this.bytes);
  }

  /** Returns the text. It is valid only until the next write, but a small text is copied, because sinks may buffer it. */
  view(): Buffer {
    const bytes = this.bytes.subarray(0, this.size);
    return this.size < writeChunkBytes ? Buffer.from(bytes) : bytes;
  }

  reset(): this {
    this.size = 0;
    this.surplus = 0;
    this.isOdd = false;
    return this;
  }

  raw({length, words}: PlainAsciiText): void {
    this.reserve(length);
    const {to, size} = this;
    for (let at = 0; at < words.length; at += 1) to.setInt32(size + at * 4, words[at] as number, true);
    this.size = size + length;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.size] = byte;
    this.size += 1;
  }

  spaces(count: number): void {
    this.reserve(count);
    const {to, size} = this;
    for (let at = 0; at < count; at += 4) to.setInt32(size + at, fourSpaces, true);
    this.size = size + count;
  }

  /** Writes a range of UTF-8 like `safeText`. */
  safe(from: DataView, start: number, end: number): void {
    this.reserve(end - start);
    if (this.copy(from, start, end, fourBackslashes)) this.size += end - start;
    else if (!this.copyIdeographs(from, start, end, backslash)) {
      this.isOdd = true;
      this.string(safeText(textIn(from, start, end)));
    }
  }

  /** Writes a range of UTF-8 like `safeJson`, without the quotes around it. */
  json(from: DataView, start: number, end: number): void {
    this.reserve(end - start);
    if (this.copy(from, start, end, fourQuotes)) this.size += end - start;
    else if (!this.copyIdeographs(from, start, end, quote))
      this.string(safeJson(textIn(from, start, end)).slice(1, -1));
  }

  /** Writes text without escaping. */
  string(text: string): void {
    this.reserve(text.length * 3);
    this.size += this.bytes.write(text, this.size);
  }

  /** Writes an integer like `String`. */
  number(value: number): void {
    if (value > 0x7fffffff || value < 0) return this.string(String(value));
    this.reserve(10);
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits += 1;
    this.digits(value, digits);
  }

  /** Writes a Unix time in milliseconds like `isoTime`. */
  isoTime(ms: number): void {
    if (ms >= longYears) return this.string(new Date(ms).toISOString());
    const day = Math.floor(ms / dayMs);
    this.raw(this.dayText(day));
    this.reserve(13);
    const {bytes} = this;
    const inDay = (ms - day * dayMs) | 0;
    const seconds = (inDay / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    this.digits(hours, 2);
    bytes[this.size++] = colon;
    this.digits(minutes - hours * 60, 2);
    bytes[this.size++] = colon;
    this.digits(seconds - minutes * 60, 2);
    bytes[this.size++] = 0x2e;
    this.digits(inDay - seconds * 1000, 3);
    bytes[this.size++] = 0x5a;
  }

  /** Writes milliseconds in the two largest units like `formatDuration`. */
  duration(ms: number): void {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const [days, hours, minutes] = [
      Math.floor(seconds / 86_400),
      Math.floor(seconds / 3600) % 24,
      Math.floor(seconds / 60) % 60,
    ];
    if (days > 0) this.units(days, 0x64, hours, 0x68);
    else if (hours > 0) this.units(hours, 0x68, minutes, 0x6d);
    else if (minutes > 0) this.units(minutes, 0x6d, seconds % 60, 0x73);
    else this.units(seconds, 0x73, 0, 0);
  }

  /** Moves the text from `start` on to the right by `by` columns. */
  indent(start: number, by: number): void {
    this.reserve(by);
    const {bytes} = this;
    for (let at = this.size - 1; at >= start; at -= 1) bytes[at + by] = bytes[at] as number;
    for (let at = start; at < start + by; at += 1) bytes[at] = space;
    this.size += by;
  }

  private units(first: number, firstUnit: number, second: number, secondUnit: number): void {
    this.number(first);
    this.byte(firstUnit);
    if (second === 0) return;
    this.number(second);
    this.byte(secondUnit);
  }

  private digits(value: number, count: number): void {
    const {bytes} = this;
    let rest = value;
    for (let at = this.size + count - 1; at >= this.size; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.size += count;
  }

  /** Returns the ISO date of a day, followed by `T`. */
  private dayText(day: number): PlainAsciiText {
    const known = this.days[day & (daysKept - 1)];
    if (known?.day === day) return known.text;
    const text = new PlainAsciiText(new Date(day * dayMs).toISOString().slice(0, 11));
    this.days[day & (daysKept - 1)] = {day, text};
    return text;
  }

  /**
   * Copies a range behind the end of the text without moving the end. Returns false if the range contains a backslash, the
   * byte in `special`, or anything but printable ASCII.
   */
  private copy(from: DataView, start: number, end: number, special: number): boolean {
    const {to} = this;
    const by = this.size - start;
    const last = end - 4;
    let found = 0;
    if (last >= start) {
      for (let at = start; at < last; at += 4) {
        const word = from.getInt32(at, true);
        to.setInt32(at + by, word, true);
        found |= oddBits(word, special);
      }
      const word = from.getInt32(last, true); // may overlap the previous word
      to.setInt32(last + by, word, true);
      found |= oddBits(word, special);
    } else {
      for (let at = start; at < end; at += 1) {
        const byte = from.getUint8(at);
        to.setUint8(at + by, byte);
        found |= oddBits(four(byte), special);
      }
    }
    return (found & highBits) === 0;
  }

  /** Like `copy`, but accepts ideographs (U+4000 to U+9FFF: three bytes, two columns) and moves the end of the text. */
  private copyIdeographs(from: DataView, start: number, end: number, special: number): boolean {
    const {bytes, size} = this;
    const by = size - start;
    let count = 0;
    for (let at = start; at < end; at += 1) {
      const byte = from.getUint8(at);
      bytes[at + by] = byte;
      if (byte >= 0xe4 && byte <= 0xe9) {
        bytes[at + by + 1] = from.getUint8(at + 1);
        bytes[at + by + 2] = from.getUint8(at + 2);
        at += 2;
        count += 1;
      } else if (byte < space || byte > 0x7e || byte === backslash || byte === special) return false;
    }
    this.size = end + by;
    this.surplus += count;
    return true;
  }

  private reserve(more: number): void {
    if (this.size + more > this.capacity) this.grow(this.size + more);
  }

  private grow(least: number): void {
    this.capacity = Math.max(this.capacity * 2, least);
    const grown = Buffer.allocUnsafe(this.capacity + overshoot);
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
    this.to = viewOf(grown);
  }
}

/** Returns a number with a high bit set if any of four bytes is a backslash, the byte in `special`, or not printable ASCII. */
function oddBits(word: number, special: number): number {
  return (
    word | (word + ones) | (word - fourSpaces) | ((word ^ fourBackslashes) - ones) | ((word ^ special) - ones)
  );
}

const viewOf = ({buffer, byteOffset, length}: Buffer): DataView => new DataView(buffer, byteOffset, length);

const textIn = (from: DataView, start: number, end: number): string =>
  Buffer.from(from.buffer, from.byteOffset + start, end - start).toString();
