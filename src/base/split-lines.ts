import {isUtf8} from 'node:buffer';
import {DecodeError, type ErrorOptions, type GatectlError} from './errors.js';

/** Longer than any session, record or header that gatectl writes as one line. */
const defaultMaxLineBytes = 64 * 1024 * 1024;

export interface LineSplitterOptions {
  /** Name of the input in error messages, such as `"plan.jsonl"`. */
  readonly source: string;
  /** Maximum length of a line in bytes, without its line break. */
  readonly maxLineBytes?: number | undefined;
  /** Error class for an unreadable line; DecodeError (exit 9) by default. */
  readonly LineError?: GatectlErrorClass | undefined;
}

export type GatectlErrorClass = new (message: string, options?: ErrorOptions) => GatectlError;

/** Buffer size kept between lines. A larger buffer is released after its line. */
const keptBytes = 64 * 1024;
const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * Splits chunks of bytes into lines, in linear time. A line ends with LF or CRLF; the last one may end with the input. Memory
 * is bounded by the longest line. Throws an error with the line number for a line that is too long or not UTF-8, after yielding
 * the lines before it.
 */
export class LineSplitter {
  private held: Buffer = Buffer.alloc(0);
  private heldBytes = 0;
  private number = 1;
  private readonly source: string;
  private readonly maxLineBytes: number;
  private readonly LineError: GatectlErrorClass;

  constructor({source, maxLineBytes = defaultMaxLineBytes, LineError = DecodeError}: LineSplitterOptions) {
    this.source = source;
    this.maxLineBytes = maxLineBytes;
    this.LineError = LineError;
  }

  /** Yields the lines completed by this chunk. */
  *push(chunk: Uint8Array): Generator<string, void, undefined> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      yield this.line(bytes.subarray(from, end), true);
      from = end + 1;
    }
    if (from < bytes.length) this.hold(bytes.subarray(from));
  }

  /** Yields the last line if it does not end with a line break. */
  *end(): Generator<string, void, undefined> {
    if (this.heldBytes > 0) yield this.line(Buffer.alloc(0), false);
  }

  private line(rest: Buffer, hasEnd: boolean): string {
    const whole = this.heldBytes === 0 ? rest : this.hold(rest);
    const bytes = hasEnd && whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    if (bytes.length > this.maxLineBytes) throw this.tooLong();
    if (!isUtf8(bytes)) throw new this.LineError(`line ${this.number} of ${this.source} is not UTF-8`);
    const isMarked = this.number === 1 && bytes.subarray(0, 3).equals(byteOrderMark);
    this.number += 1;
    this.heldBytes = 0;
    if (this.held.length > keptBytes) this.held = Buffer.alloc(0);
    return bytes.toString('utf8', isMarked ? 3 : 0);
  }

  /** Appends to the buffer. Doubles it when full, so that each byte is copied a bounded number of times. */
  private hold(bytes: Buffer): Buffer {
    const size = this.heldBytes + bytes.length;
    const most = this.maxLineBytes + 1; // the last byte may be a carriage return
    if (size > most) throw this.tooLong();
    if (size > this.held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(2 * this.held.length, most)));
      this.held.copy(larger, 0, 0, this.heldBytes);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldBytes);
    this.heldBytes = size;
    return this.held.subarray(0, size);
  }

  private tooLong(): GatectlError {
    const limit = `longer than ${this.maxLineBytes} bytes`;
    return new this.LineError(`line ${this.number} of ${this.source} is ${limit}`, {
      hint: 'gatectl does not write such lines: the file is damaged or from another program',
    });
  }
}

/** Yields the lines in chunks of bytes. Throws like LineSplitter. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: LineSplitterOptions,
): AsyncGenerator<string, void, undefined> {
  const splitter = new LineSplitter(options);
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}
