import type {BusLimits} from './bus-limits.js';
import {NatsProtocolError} from './protocol-error.js';
import {emptyPublishFrame, type MutablePublishFrame, type PublishFrame} from './publish-frame.js';

/** Handles the protocol operations of a client. `words` are the arguments in a line. */
export interface ProtocolHandler {
  publish(frame: PublishFrame): void;
  subscribe(words: readonly string[]): void;
  unsubscribe(words: readonly string[]): void;
  connect(json: string): void;
  ping(): void;
  pong(): void;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;
const incomplete = -1;
const maxWords = 4;

/**
 * Parses the client side of the NATS protocol (docs.nats.io, "Client Protocol"). A publish is parsed by byte offsets,
 * and only its subjects become strings; other operations are rare. Throws NatsProtocolError.
 */
export class NatsParser {
  private readonly chunks = new Chunks();
  private readonly frame: MutablePublishFrame = emptyPublishFrame();
  private readonly starts = new Int32Array(maxWords + 1);
  private readonly ends = new Int32Array(maxWords + 1);
  private wanted = 0;

  constructor(
    private readonly handler: ProtocolHandler,
    private readonly limits: BusLimits,
  ) {}

  push(chunk: Buffer): void {
    const bytes = this.chunks.take(chunk);
    let at = 0;
    while (at < bytes.length) {
      const next = this.step(bytes, at);
      if (next === incomplete) break;
      at = next;
    }
    if (at < bytes.length) this.chunks.keep(bytes.subarray(at), this.wanted - at);
  }

  /**
   * Handles the operation at `at`. Returns the offset after it; if it is incomplete, sets `wanted` and returns
   * `incomplete`.
   */
  private step(bytes: Buffer, at: number): number {
    const lineFeed = bytes.indexOf(newline, at);
    if (lineFeed < 0 || lineFeed - at > this.limits.maxControlLineBytes) return this.longLine(bytes, at);
    const lineEnd = lineFeed > at && bytes[lineFeed - 1] === carriageReturn ? lineFeed - 1 : lineFeed;
    const wordEnd = endOfWord(bytes, at, lineEnd);
    if (isOperation(bytes, at, wordEnd, 'PUB')) return this.publish(bytes, wordEnd, lineEnd, lineFeed + 1, 0);
    if (isOperation(bytes, at, wordEnd, 'HPUB')) {
      return this.publish(bytes, wordEnd, lineEnd, lineFeed + 1, 1);
    }
    this.rare(bytes.toString('latin1', at, wordEnd).toUpperCase(), bytes, wordEnd, lineEnd);
    return lineFeed + 1;
  }

  private longLine(bytes: Buffer, at: number): number {
    if (bytes.length - at > this.limits.maxControlLineBytes) {
      throw new NatsProtocolError('Maximum Control Line Exceeded');
    }
    this.wanted = bytes.length + 1;
    return incomplete;
  }

  /** Handles a PUB or HPUB. `hasHeader` is 1 for HPUB, which has one more size. */
  private publish(
    bytes: Buffer,
    argsAt: number,
    lineEnd: number,
    bodyStart: number,
    hasHeader: 0 | 1,
  ): number {
    const words = this.cutWords(bytes, argsAt, lineEnd);
    if (words < 2 + hasHeader || words > 3 + hasHeader)
      throw new NatsProtocolError('Unknown Protocol Operation');
    const total = this.sizeAt(bytes, words - 1);
    if (total > this.limits.maxPayloadBytes) throw new NatsProtocolError('Maximum Payload Violation');
    const bodyEnd = bodyStart + total;
    if (bytes.length < bodyEnd + 2) {
      this.wanted = bodyEnd + 2;
      return incomplete;
    }
    if (bytes[bodyEnd] !== carriageReturn || bytes[bodyEnd + 1] !== newline) {
      throw new NatsProtocolError('Unknown Protocol Operation');
    }
    const headerBytes = hasHeader === 0 ? 0 : this.sizeAt(bytes, words - 2);
    if (headerBytes > total) throw new NatsProtocolError('Unknown Protocol Operation');
    this.fill(bytes, words > 2 + hasHeader, headerBytes, bodyStart, bodyEnd);
    this.handler.publish(this.frame);
    return bodyEnd + 2;
  }

  private fill(
    bytes: Buffer,
    hasReply: boolean,
    headerBytes: number,
    bodyStart: number,
    bodyEnd: number,
  ): void {
    const {frame, starts, ends} = this;
    frame.bytes = bytes;
    frame.subject = bytes.toString('latin1', starts[0], ends[0]);
    frame.reply = hasReply ? bytes.toString('latin1', starts[1], ends[1]) : '';
    frame.headerBytes = headerBytes;
    frame.bodyStart = bodyStart;
    frame.bodyEnd = bodyEnd;
    frame.tailStart = starts[1] ?? 0;
    frame.tailEnd = bodyEnd + 2;
  }

  /** Records the offsets of the words in a line. Returns their number, or one more than a line may have. */
  private cutWords(bytes: Buffer, from: number, lineEnd: number): number {
    let count = 0;
    let at = from;
    for (;;) {
      while (at < lineEnd && isBlank(bytes[at])) at += 1;
      if (at >= lineEnd || count > maxWords) return count;
      this.starts[count] = at;
      at = endOfWord(bytes, at, lineEnd);
      this.ends[count] = at;
      count += 1;
    }
  }

  private sizeAt(bytes: Buffer, word: number): number {
    const start = this.starts[word] ?? 0;
    const end = this.ends[word] ?? 0;
    if (end - start > 9) throw new NatsProtocolError('Maximum Payload Violation');
    let size = 0;
    for (let at = start; at < end; at += 1) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) throw new NatsProtocolError('Unknown Protocol Operation');
      size = size * 10 + digit;
    }
    return size;
  }

  private rare(operation: string, bytes: Buffer, argsAt: number, lineEnd: number): void {
    const rest = bytes.toString('latin1', argsAt, lineEnd).trim();
    const words = () => rest.split(/[ \t]+/).filter((word) => word !== '');
    switch (operation) {
      case 'PING':
        return this.handler.ping();
      case 'PONG':
        return this.handler.pong();
      case 'SUB':
        return this.handler.subscribe(words());
      case 'UNSUB':
        return this.handler.unsubscribe(words());
      case 'CONNECT':
        return this.handler.connect(Buffer.from(rest, 'latin1').toString('utf8'));
      case '+OK':
      case '-ERR':
        return;
      default:
        throw new NatsProtocolError('Unknown Protocol Operation');
    }
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab;
}

function endOfWord(bytes: Buffer, from: number, lineEnd: number): number {
  let at = from;
  while (at < lineEnd && !isBlank(bytes[at])) at += 1;
  return at;
}

/** Returns true if the word is this operation, in any case. */
function isOperation(bytes: Buffer, at: number, end: number, name: string): boolean {
  if (end - at !== name.length) return false;
  for (let index = 0; index < name.length; index += 1) {
    if (((bytes[at + index] ?? 0) & 0xdf) !== name.charCodeAt(index)) return false;
  }
  return true;
}

const nothing = Buffer.alloc(0);

/** Received bytes of incomplete messages. They are joined only once, when enough bytes are available. */
class Chunks {
  private parts: Buffer[] = [];
  private length = 0;
  private wanted = 0;

  /** Returns the bytes to parse; empty until the wanted number is available. */
  take(chunk: Buffer): Buffer {
    if (this.length === 0) return chunk;
    this.parts.push(chunk);
    this.length += chunk.length;
    if (this.length < this.wanted) return nothing;
    const joined = Buffer.concat(this.parts, this.length);
    this.parts = [];
    this.length = 0;
    return joined;
  }

  /** Keeps the rest until there are `wanted` bytes. */
  keep(rest: Buffer, wanted: number): void {
    if (rest.length === 0) return;
    this.parts = [rest];
    this.length = rest.length;
    this.wanted = wanted;
  }
}
