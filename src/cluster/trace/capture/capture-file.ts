import {createReadStream} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {errorCode, errorCodeOrText} from '../../../base/error-details.js';
import {DecodeError, OutputError, UsageError} from '../../../base/errors.js';
import {type CaptureFrame, captureHeader, encodeCaptureFrame, parseCaptureFrames} from './capture-format.js';

/** Limits the data waiting to be written. Further messages are dropped and counted. */
const maxWaitingBytes = 64 * 1024 * 1024;

/** Writes frames to a new file (mode 0600) in the background, so the bus never waits for the disk. */
export class CaptureFileWriter {
  /** Messages dropped because the disk was too slow. */
  notSaved = 0;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;
  private failure: unknown;

  private constructor(
    private readonly handle: FileHandle,
    private readonly name: string,
  ) {}

  /** Creates a capture file. Throws UsageError if the file exists or can't be created. */
  static async create(
    name: string,
    about: {readonly at: string; readonly server: string},
  ): Promise<CaptureFileWriter> {
    const file = new CaptureFileWriter(await created(name), name);
    file.put(captureHeader(about));
    return file;
  }

  add(frame: CaptureFrame): void {
    if (frame.kind === 'message' && this.waitingBytes > maxWaitingBytes) this.notSaved += 1;
    else this.put(encodeCaptureFrame(frame));
  }

  /** Resolves when all frames are written. Rejects with OutputError if a write failed. */
  async close(at: number): Promise<void> {
    this.add({kind: 'end', at, notSaved: this.notSaved});
    while (this.isWriting) await this.writing;
    await this.handle.close().catch(() => {});
    if (this.failure !== undefined)
      throw new OutputError(`cannot write "${this.name}": ${errorCodeOrText(this.failure)}`, {
        cause: this.failure,
      });
  }

  private put(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.isWriting) return;
    this.isWriting = true;
    this.writing = this.write();
  }

  private async write(): Promise<void> {
    await Promise.resolve(); // batch the frames of one turn into one write
    while (this.waiting.length > 0) {
      const pieces = this.waiting;
      this.waiting = [];
      const size = this.waitingBytes;
      try {
        if (this.failure === undefined) await this.handle.appendFile(Buffer.concat(pieces));
      } catch (error) {
        this.failure = error;
      }
      if (this.failure !== undefined) this.notSaved += pieces.length;
      this.waitingBytes -= size;
    }
    this.isWriting = false;
  }
}

async function created(name: string): Promise<FileHandle> {
  try {
    return await open(name, 'ax', 0o600);
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST')
      throw new UsageError(`"${name}" already exists`, {hint: 'use another name for --save', cause});
    throw new UsageError(`cannot write "${name}": ${errorCodeOrText(cause)}`, {cause});
  }
}

/** Yields the frames of a file. Throws UsageError if it can't be read, and DecodeError if it is not a capture. */
export async function* readCaptureFile(
  name: string,
  onCut: () => void,
): AsyncGenerator<CaptureFrame, void, undefined> {
  try {
    yield* parseCaptureFrames(createReadStream(name, {highWaterMark: 1024 * 1024}), onCut);
  } catch (cause) {
    if (cause instanceof DecodeError)
      throw new DecodeError(`cannot read "${name}": ${cause.message}`, {cause});
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new UsageError(`cannot read "${name}": ${errorCodeOrText(cause)}`, {cause});
  }
}
