/** Standard output or error. `write` resolves when more may be written (backpressure). */
export interface TextSink {
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where unknown. */
  readonly columns: number;
  /** Lines of the terminal; undefined where unknown. */
  readonly rows?: number | undefined;
  /** Rejects with OutputError if the text can't be written. A closed pipe is not an error. */
  write(text: string): Promise<void>;
  /** Writes raw bytes. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** Resolves once all output has left the process. */
  flush(): Promise<void>;
}

export interface TextSource {
  readonly isTerminal: boolean;
  /** Reads all of standard input. Rejects with UsageError beyond `maxBytes`. */
  readAll(maxBytes: number): Promise<Buffer>;
  /** Reads one line for a prompt; undefined at the end of input. */
  readLine(signal: AbortSignal): Promise<string | undefined>;
}

/** Streams of the program. main.ts passes those of the process; tests pass their own. */
export interface Io {
  readonly out: TextSink;
  readonly err: TextSink;
  readonly in: TextSource;
  /** Whether colours are enabled on stdout and on stderr. */
  readonly color: {readonly out: boolean; readonly err: boolean};
}
