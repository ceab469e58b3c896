import type {Cluster, Records} from '../cluster/cluster.js';
import type {Io} from '../output/terminal/io.js';
import type {CliDeps} from './cli-deps.js';
import type {CommandIdentity} from './command-identity.js';
import type {JournalNotes} from './journal/journal-notes.js';
import type {ConnectionSettings} from './settings/connection-options.js';
import type {ContextStore} from './settings/context-store.js';
import type {FlagValues} from './settings/global-flags.js';
import type {OutputOptions} from './settings/output-options.js';

export interface OpenClusterOptions {
  /**
   * Reconnects whenever the bus is lost, and says so on stderr. When it gives up, `signal` aborts with the reason, which
   * is the command's exit code.
   */
  readonly reconnect?: boolean | undefined;
  /** The terminal is the command's own, so nothing is written to stderr meanwhile. */
  readonly ownsTerminal?: boolean | undefined;
}

/** What a command gets: values for the cheap, functions for the dear, so that it pays only for what it opens. */
export interface CommandContext {
  readonly io: Io;
  readonly outputOptions: OutputOptions;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** What the global flags of this command line say, and nobody else. */
  readonly flags: FlagValues;
  /** Aborts when the program is told to stop, and when the bus is lost for good. */
  readonly signal: AbortSignal;
  readonly contexts: ContextStore;
  readonly deps: CliDeps;
  /** What the command says of its writes, for the journal. */
  readonly notes: JournalNotes;
  /** Whether there is a person to ask: both where he types and where the question is shown are a terminal. */
  readonly isInteractive: boolean;
  /** Finds a command by its words, such as `sessions kick`. */
  findCommand(path: string): CommandIdentity | undefined;
  connection(): Promise<ConnectionSettings>;
  /** Opened once; closed when the command has ended. */
  openCluster(options?: OpenClusterOptions): Promise<Cluster>;
  /** Those behind the gates, or those of a store; closed when the command has ended. */
  openRecords(store: string | undefined): Promise<Records>;
}
