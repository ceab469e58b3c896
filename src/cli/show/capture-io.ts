import type {Io, TextSink} from '../../output/terminal/io.js';

/** In-memory streams for a command line that runs inside another one. */
interface CapturedIo {
  readonly io: Io;
  out(): string;
  err(): string;
}

interface CaptureOptions {
  /** Terminal width; undefined captures output as for a pipe. */
  readonly columns?: number | undefined;
  readonly color?: boolean | undefined;
}

export function captureIo({columns, color = false}: CaptureOptions = {}): CapturedIo {
  const out = new CapturedSink(columns);
  const err = new CapturedSink(columns);
  const nothing = {isTerminal: false, readAll: async () => Buffer.alloc(0), readLine: async () => undefined};
  return {
    io: {out, err, in: nothing, color: {out: color, err: color}},
    out: () => out.text(),
    err: () => err.text(),
  };
}

class CapturedSink implements TextSink {
  readonly isTerminal: boolean;
  readonly columns: number;
  private readonly pieces: Uint8Array[] = [];

  constructor(columns: number | undefined) {
    this.isTerminal = columns !== undefined;
    this.columns = columns ?? 100;
  }

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
