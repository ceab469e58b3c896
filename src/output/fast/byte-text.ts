import {safeJson, safeText} from '../text/safe-text.js';

const [quote, backslash, space, tilde, zero] = [0x22, 0x5c, 0x20, 0x7e, 0x30];
const dayMs = 86_400_000;
/** Start of the year 10000, from which on ISO times have a longer form. */
const longYears = 253_402_300_800_000;

/**
 * Builds text as bytes, for output of many rows. Each method writes the same bytes as its plain counterpart (`safeText`,
 * `safeJson`, `isoTime`, `duration`), and calls it for anything but plain ASCII.
 */
export class ByteText {
  bytes: Buffer;
  size = 0;
  /** Whether the text has an escape or a character that does not take one column per byte. */
  isOdd = false;
  private day = -1;
  private readonly date = new Uint8Array(11);

  constructor(capacity = 256 * 1024) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  /** Returns the text; valid until the next write. */
  view(): Buffer {
    return this.bytes.subarray(0, this.size);
  }

  reset(): this {
    this.size = 0;
    this.isOdd = false;
    return this;
  }

  /** Writes bytes that need no escaping. */
  raw(bytes: Uint8Array): void {
    const {length} = bytes;
    this.reserve(length);
    const {bytes: to, size} = this;
    for (let index = 0; index < length; index += 1) to[size + index] = bytes[index] as number;
    this.size = size + length;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.size] = byte;
    this.size += 1;
  }

  spaces(count: number): void {
    this.reserve(count);
    this.bytes.fill(space, this.size, this.size + count);
    this.size += count;
  }

  /** Writes a range of UTF-8 like `safeText`. */
  safe(from: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    const {bytes, size} = this;
    let to = size;
    for (let at = start; at < end; at += 1) {
      const byte = from[at] as number;
      if (byte < space || byte > tilde || byte === backslash) {
        this.isOdd = true;
        return this.string(safeText(from.toString('utf8', start, end)));
      }
      bytes[to++] = byte;
    }
    this.size = to;
  }

  /** Writes a range of UTF-8 as a JSON string like `safeJson`. */
  json(from: Buffer, start: number, end: number): void {
    this.reserve(end - start + 2);
    const {bytes, size} = this;
    bytes[size] = quote;
    let to = size + 1;
    for (let at = start; at < end; at += 1) {
      const byte = from[at] as number;
      if (byte < space || byte > tilde || byte === backslash || byte === quote)
        return this.string(safeJson(from.toString('utf8', start, end)));
      bytes[to++] = byte;
    }
    bytes[to] = quote;
    this.size = to + 1;
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
    if (day !== this.day) this.rememberDay(day);
    this.raw(this.date);
    const inDay = ms - day * dayMs;
    const seconds = Math.floor(inDay / 1000);
    const minutes = Math.floor(seconds / 60);
    this.reserve(13);
    this.digits(Math.floor(minutes / 60), 2);
    this.bytes[this.size++] = 0x3a;
    this.digits(minutes % 60, 2);
    this.bytes[this.size++] = 0x3a;
    this.digits(seconds % 60, 2);
    this.bytes[this.size++] = 0x2e;
    this.digits(inDay - seconds * 1000, 3);
    this.bytes[this.size++] = 0x5a;
  }

  /** Writes milliseconds in the two largest units like `duration`. */
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
      const tenth = Math.floor(rest / 10);
      bytes[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.size += count;
  }

  private rememberDay(day: number): void {
    this.day = day;
    const text = new Date(day * dayMs).toISOString();
    for (let index = 0; index < 11; index += 1) this.date[index] = text.charCodeAt(index);
  }

  private reserve(more: number): void {
    if (this.size + more <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.size + more));
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
  }
}
