/** Connection settings of a cluster started by `dev`. The keys are those of a context file. */
export interface DevConnectionSettings {
  readonly server: string;
  readonly registry: string;
  readonly gateType: string;
}

/** Result of a command run in this process with captured streams. */
export interface CapturedCommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Dependencies of `dev` and `demo`. */
export interface DevDeps {
  /** Stops the cluster, for example on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Writes text to stdout unchanged. It is either the program's own or already escaped by a command. */
  write(text: string): void;
  /** Writes one line to stderr. */
  note(line: string): void;
  readonly isTerminal: boolean;
  /** PATH in which to search for `nats-server`. */
  readonly path: string;
  /** Command that starts this program, for gate processes, such as `[execPath, '…/bin/gatectl.js']`. */
  readonly program: readonly string[];
  now(): number;
  /**
   * Saves the context under this name, and selects it if no other is selected. `restore` restores the earlier selection and file.
   */
  saveContext(
    name: string,
    context: DevConnectionSettings,
  ): Promise<{readonly isSelected: boolean; readonly restore: () => Promise<void>}>;
  /**
   * Runs a command line (without the program's name) with this context's connection. Ignores all other settings, so that the
   * operator's environment can't direct the tour to another cluster.
   */
  runCommand(argv: readonly string[], context: DevConnectionSettings): Promise<CapturedCommandResult>;
  /** Quotes words for a shell. */
  shellLine(words: readonly string[]): string;
  /** Shows the dashboard until the operator quits it or the signal aborts. */
  liveView(context: DevConnectionSettings, signal: AbortSignal): Promise<void>;
}
