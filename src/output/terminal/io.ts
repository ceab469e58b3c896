/** One end of the program's standard output or error. `write` resolves when it is safe to write more. */
export interface TextSink {
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where unknown. */
  readonly columns: number;
  /** Lines of the terminal; undefined where unknown. */
  readonly rows?: number | undefined;
  /** Rejects with OutputError when the text can't be written; a reader that went away is no error. */
  write(text: string): Promise<void>;
  /** Writes bytes as they are. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** Everything written so far has left the process. */
  flush(): Promise<void>;
}

export interface TextSource {
  readonly isTerminal: boolean;
  /** All of standard input, at most `maxBytes` (UsageError beyond). */
  readAll(maxBytes: number): Promise<Buffer>;
  /** One line for a prompt; undefined at end of input. */
  readLine(signal: AbortSignal): Promise<string | undefined>;
}

/** The process's streams as the program sees them: handed in, so that tests hand in their own. */
export interface Io {
  readonly out: TextSink;
  readonly err: TextSink;
  readonly in: TextSource;
  /** Whether our own colours may be used on stdout and on stderr. */
  readonly color: {readonly out: boolean; readonly err: boolean};
}
