/** Thrown for bytes that violate the NATS protocol. */
export class ServerProtocolError extends Error {
  override readonly name = 'ServerProtocolError';
}

/** Messages from a NATS server to a client (docs.nats.io, "Client Protocol"). */
export interface ServerEvents {
  info(json: string): void;
  /** Called for each message. The listener may keep `owned` bytes; others are valid until it returns. */
  message(message: ServerMessage): void;
  ping(): void;
  pong(): void;
  /** Called with the error text, without its quotes. */
  error(text: string): void;
}

export interface ServerMessage {
  readonly subject: string;
  readonly sid: number;
  readonly reply: string | undefined;
  readonly header: string;
  readonly data: Buffer;
  readonly owned: boolean;
}

interface MessageLine {
  readonly subject: string;
  readonly sid: number;
  readonly reply: string | undefined;
  readonly headerBytes: number;
  readonly bytes: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
const letterM = 0x4d;
const maxLineBytes = 64 * 1024;
const none = Buffer.alloc(0);

/**
 * Splits a server's bytes into messages. A message within one chunk is passed on without copying; one that spans
 * chunks is copied once. Throws ServerProtocolError.
 */
export class ServerReader {
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  private message: MessageLine | undefined;
  private body = none;
  private filled = 0;

  constructor(private readonly events: ServerEvents) {}

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.message === undefined ? this.readLine(chunk, at) : this.readBody(chunk, at, this.message);
    }
  }

  private readLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(newline, at);
    if (end > at && this.pieceBytes === 0 && chunk[at] === letterM) {
      this.message = shortLine(
        chunk.toString('latin1', at, chunk[end - 1] === carriageReturn ? end - 1 : end),
      );
      if (this.message !== undefined) return end + 1;
    }
    const piece = chunk.subarray(at, end < 0 ? chunk.length : end);
    if (end < 0) {
      this.pieces.push(Buffer.from(piece));
      this.pieceBytes += piece.length;
      if (this.pieceBytes > maxLineBytes) throw new ServerProtocolError('it sent a line without an end');
      return chunk.length;
    }
    const line = this.pieceBytes === 0 ? piece : Buffer.concat([...this.pieces, piece]);
    this.pieces = [];
    this.pieceBytes = 0;
    this.onLine(line.toString('latin1').trimEnd(), line);
    return end + 1;
  }

  private onLine(text: string, bytes: Buffer): void {
    if (text.startsWith('MSG ') || text.startsWith('HMSG ')) this.message = messageLine(text);
    else if (text.startsWith('PING')) this.events.ping();
    else if (text.startsWith('PONG')) this.events.pong();
    else if (text.startsWith('INFO ')) this.events.info(bytes.toString('utf8').slice(5));
    else if (text.startsWith('-ERR')) this.events.error(/'(.*)'/s.exec(text)?.[1] ?? text);
    else if (text !== '+OK' && text !== '') throw new ServerProtocolError('it does not speak NATS');
  }

  private readBody(chunk: Buffer, at: number, message: MessageLine): number {
    const wanted = message.bytes + 2; // including the line end
    if (this.filled === 0 && chunk.length - at >= wanted) {
      this.emit(message, chunk.subarray(at, at + message.bytes), false);
      return at + wanted;
    }
    if (this.filled === 0) this.body = Buffer.allocUnsafeSlow(wanted);
    const taken = chunk.copy(this.body, this.filled, at, Math.min(chunk.length, at + wanted - this.filled));
    this.filled += taken;
    if (this.filled === wanted) this.emit(message, this.body.subarray(0, message.bytes), true);
    return at + taken;
  }

  private emit(message: MessageLine, bytes: Buffer, owned: boolean): void {
    this.message = undefined;
    this.body = none;
    this.filled = 0;
    const {subject, sid, reply, headerBytes} = message;
    const header = headerBytes === 0 ? '' : bytes.toString('latin1', 0, headerBytes);
    const data = headerBytes === 0 ? bytes : bytes.subarray(headerBytes);
    this.events.message({subject, sid, reply, header, data, owned});
  }
}

/** Parses `MSG <subject> <sid> [reply] <bytes>`, the form of nearly every line; returns undefined for other lines. */
function shortLine(text: string): MessageLine | undefined {
  const subjectEnd = text.indexOf(' ', 4);
  const sidEnd = text.indexOf(' ', subjectEnd + 1);
  if (!text.startsWith('MSG ') || subjectEnd <= 4 || sidEnd < subjectEnd) return undefined;
  const replyEnd = text.indexOf(' ', sidEnd + 1);
  const sid = digits(text, subjectEnd + 1, sidEnd);
  const bytes = digits(text, (replyEnd < 0 ? sidEnd : replyEnd) + 1, text.length);
  if (sid < 0 || bytes < 0) return undefined;
  const reply = replyEnd < 0 ? undefined : text.slice(sidEnd + 1, replyEnd);
  return {subject: text.slice(4, subjectEnd), sid, reply, headerBytes: 0, bytes};
}

/** Parses one to eight decimal digits; returns -1 for anything else. */
function digits(text: string, from: number, to: number): number {
  if (to <= from || to - from > 8) return -1;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Parses `MSG <subject> <sid> [reply] <bytes>` and `HMSG <subject> <sid> [reply] <header bytes> <bytes>`. */
function messageLine(text: string): MessageLine {
  const words = text.split(' ');
  const hasHeader = words[0] === 'HMSG';
  const numbers = hasHeader ? 2 : 1;
  const [, subject = '', sid] = words;
  const reply = words.length > 3 + numbers ? words[3] : undefined;
  const bytes = Number(words.at(-1));
  const headerBytes = hasHeader ? Number(words.at(-2)) : 0;
  const isSound = words.length >= 3 + numbers && words.length <= 4 + numbers && headerBytes <= bytes;
  if (!isSound || !(bytes >= 0 && bytes <= 2 ** 30))
    throw new ServerProtocolError('it sent an invalid message line');
  return {subject, sid: Number(sid), reply, headerBytes, bytes};
}
