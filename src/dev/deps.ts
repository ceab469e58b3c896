/** How to reach a cluster that `dev` started, in the words of a context file. */
export interface DevContext {
  readonly server: string;
  readonly registry: string;
  readonly gateType: string;
}

/** What one command of this program gave, run in this process with its streams captured. */
export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What `dev` and `demo` need of the program that they are part of. */
export interface DevDeps {
  /** Ends the cluster, for instance on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Writes text as it is to stdout. All of it is our own or has passed the sanitizer of a command. */
  write(text: string): void;
  /** Writes one line to stderr. */
  note(line: string): void;
  readonly isTerminal: boolean;
  /** The PATH to look for `nats-server` in. */
  readonly path: string;
  /** What starts this program again, for gates in processes of their own: `[execPath, …/bin/gatectl.js]`. */
  readonly program: readonly string[];
  now(): number;
  /**
   * Saves the context under this name, and selects it if the user has selected none. `restore` puts back what was
   * selected before, and removes or restores the file.
   */
  saveContext(
    name: string,
    context: DevContext,
  ): Promise<{readonly isSelected: boolean; readonly restore: () => Promise<void>}>;
  /**
   * Runs a command line (without the program's name) with the connection of `context` as if nothing else had been
   * set: the tour must not follow the operator's environment to another cluster.
   */
  runCommand(argv: readonly string[], context: DevContext): Promise<CommandOutcome>;
  /** The live list, until the operator leaves it or the signal aborts. */
  liveView(context: DevContext, signal: AbortSignal): Promise<void>;
}
