import {on} from 'node:events';
import {writeSync} from 'node:fs';
import type {ReadStream, WriteStream} from 'node:tty';
import {onAbort} from '../../base/abort-signals.js';
import {InterruptedError, OutputError, UsageError} from '../../base/errors.js';
import {LineSplitter} from '../../base/split-lines.js';
import type {TextSink, TextSource} from './io.js';

/** Size of the output buffer. Most commands write once and never open Node's stream, which takes 3 ms. */
const holdBytes = 64 * 1024;
/** Maximum time that output stays in the buffer, in milliseconds. */
const holdMs = 50;

interface SinkOptions {
  readonly fd: number;
  readonly isTerminal: boolean;
  /** Returns the current terminal size. */
  readonly size: () => {readonly columns: number; readonly rows?: number | undefined};
  /** Opens Node's stream for the descriptor. */
  readonly stream: () => Pick<WriteStream, 'write' | 'on'>;
  /** Called when the reader has closed the pipe. This is a reason to stop, not an error. */
  readonly onClosed: () => void;
}

/**
 * Standard output or standard error. Buffers small output for up to 50 ms or until the program ends; writes larger output to
 * the stream, with backpressure. A closed pipe stops output silently, a full disk is an OutputError, and nothing is lost on exit.
 */
export class StdioSink implements TextSink {
  readonly isTerminal: boolean;
  private held: Buffer[] = [];
  private heldBytes = 0;
  private stream: Pick<WriteStream, 'write' | 'on'> | undefined;
  private closed = false;
  private failure: OutputError | undefined;
  private timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  private released: Promise<void> = Promise.resolve();

  constructor(private readonly options: SinkOptions) {
    this.isTerminal = options.isTerminal;
  }

  get columns(): number {
    return this.options.size().columns;
  }

  get rows(): number | undefined {
    return this.options.size().rows;
  }

  write(text: string): Promise<void> {
    return text === '' ? Promise.resolve() : this.writeBytes(Buffer.from(text));
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.closed) return;
    this.hold(bytes);
    if (this.heldBytes >= holdBytes) await this.throughStream();
    else if (this.isTerminal) await this.flush();
    else this.releaseSoon();
  }

  async flush(): Promise<void> {
    await this.released;
    if (this.stream === undefined) this.atOnce();
    if (this.heldBytes > 0) await this.throughStream();
    if (this.failure !== undefined) throw this.failure;
  }

  /** Starts the timer in the next turn: most commands end in the first, and Node's first timer takes 0.3 ms. */
  private releaseSoon(): void {
    if (this.timer !== undefined) return;
    this.timer = setImmediate(() => {
      this.timer = setTimeout(() => this.release(), holdMs).unref();
    }).unref();
  }

  /** Writes the buffer. The next write or flush reports a failure. */
  private release(): void {
    this.timer = undefined;
    if (this.heldBytes > 0) this.released = this.throughStream().catch(() => {});
  }

  private hold(bytes: Uint8Array): void {
    this.held.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.heldBytes += bytes.length;
  }

  private take(): Buffer {
    const [only] = this.held;
    const bytes = this.held.length === 1 && only !== undefined ? only : Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    return bytes;
  }

  private atOnce(): void {
    const bytes = this.take();
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.options.fd, bytes, at);
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      if (failure.code === 'EAGAIN')
        this.hold(bytes.subarray(at)); // another process made the pipe non-blocking
      else this.failed(failure);
    }
  }

  private throughStream(): Promise<void> {
    this.stream ??= this.open();
    const stream = this.stream;
    const bytes = this.take();
    return new Promise((resolve, reject) => {
      stream.write(bytes, (error) => {
        if (error) this.failed(error);
        if (this.failure === undefined) resolve();
        else reject(this.failure);
      });
    });
  }

  private open(): Pick<WriteStream, 'write' | 'on'> {
    const stream = this.options.stream();
    stream.on('error', () => {}); // each write reports its own error
    return stream;
  }

  private failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') {
      this.closed = true;
      this.options.onClosed();
      return;
    }
    const where = this.options.fd === 1 ? 'stdout' : 'stderr';
    this.failure = new OutputError(`cannot write to ${where}: ${error.code ?? error.message}`, {
      cause: error,
    });
  }
}

/** Maximum length of an answer to a prompt, in bytes. */
const maxAnswerBytes = 64 * 1024;

/** Standard input, opened on first use. */
export class StdioSource implements TextSource {
  constructor(
    readonly isTerminal: boolean,
    private readonly stream: () => ReadStream | NodeJS.ReadableStream,
    /** Whether the terminal on stdin has been closed. */
    private readonly isGone: () => boolean = () => false,
  ) {}

  async readAll(maxBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.stream()) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string);
      size += bytes.length;
      if (size > maxBytes) throw new UsageError(`stdin has more than ${maxBytes} bytes`);
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  }

  async readLine(signal: AbortSignal): Promise<string | undefined> {
    const stream = this.stream();
    if ('readableEnded' in stream && stream.readableEnded === true) return undefined;
    const splitter = new LineSplitter({source: 'stdin', maxLineBytes: maxAnswerBytes, LineError: UsageError});
    const stopped = new AbortController();
    const unlisten = onAbort(signal, () => stopped.abort());
    try {
      const chunks = on(stream, 'data', {signal: stopped.signal, close: ['end', 'close']});
      stream.resume();
      for await (const [chunk] of chunks) {
        const [line] = splitter.push(Buffer.from(chunk));
        if (line !== undefined) return line;
      }
      const [last] = splitter.end();
      if (last === undefined) this.throwIfHungUp();
      return last;
    } catch (cause) {
      this.throwIfHungUp();
      if (signal.aborted)
        throw signal.reason instanceof Error ? signal.reason : new InterruptedError('SIGINT');
      throw cause;
    } finally {
      unlisten();
      stream.pause();
    }
  }

  /** Throws InterruptedError if the terminal was closed. That ends or fails the input, before or after SIGHUP arrives. */
  private throwIfHungUp(): void {
    if (this.isTerminal && this.isGone()) throw new InterruptedError('SIGHUP');
  }
}
