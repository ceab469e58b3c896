/** Standard output or standard error. `write` resolves when more may be written (backpressure). */
export interface TextSink {
  readonly isTerminal: boolean;
  /** Width of the terminal in columns; 80 if unknown. */
  readonly columns: number;
  /** Height of the terminal in rows; undefined if unknown. */
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
  /** Reads all of standard input. Rejects with UsageError if it is longer than `maxBytes`. */
  readAll(maxBytes: number): Promise<Buffer>;
  /** Reads the answer to a prompt, one line; undefined at the end of input. */
  readLine(signal: AbortSignal): Promise<string | undefined>;
}

/** Standard streams of the program. main.ts passes those of the process, tests pass their own. */
export interface Io {
  readonly out: TextSink;
  readonly err: TextSink;
  readonly in: TextSource;
  /** Opens the terminal for answers while stdin is not one, such as a list; undefined without a terminal. */
  readonly answers?: (() => TextSource | undefined) | undefined;
  /** Whether stdout and stderr may be coloured. */
  readonly color: {readonly out: boolean; readonly err: boolean};
}
