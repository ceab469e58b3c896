import type {Io, TextSink} from '../output/io.js';

/** Streams that keep what is written, for a command line that runs inside another. */
export interface CapturedIo {
  readonly io: Io;
  out(): string;
  err(): string;
}

export function captureIo(): CapturedIo {
  const out = new CapturedSink();
  const err = new CapturedSink();
  const nothing = {isTerminal: false, readAll: async () => Buffer.alloc(0), readLine: async () => undefined};
  return {
    io: {out, err, in: nothing, color: {out: false, err: false}},
    out: () => out.text(),
    err: () => err.text(),
  };
}

class CapturedSink implements TextSink {
  readonly isTerminal = false;
  readonly columns = 100;
  private readonly pieces: Uint8Array[] = [];

  async write(text: string): Promise<void> {
    this.pieces.push(Buffer.from(text));
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    this.pieces.push(bytes.slice());
  }

  async flush(): Promise<void> {}

  text(): string {
    return Buffer.concat(this.pieces).toString('utf8');
  }
}
