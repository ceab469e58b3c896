import type {Cluster, ClusterReader, RecordAccess, RecordReader} from '../cluster/cluster.js';
import type {Io} from '../output/terminal/io.js';
import type {CliDeps} from './cli-deps.js';
import type {CommandIdentity} from './command-identity.js';
import type {JournalDraft} from './journal/journal-draft.js';
import type {ConnectionSettings} from './settings/connection-settings.js';
import type {ContextStore} from './settings/context-store.js';
import type {FlagValues} from './settings/global-flags.js';
import type {OutputOptions} from './settings/output-options.js';

export interface OpenClusterOptions {
  /**
   * Reconnects whenever the bus connection is lost, with a notice on stderr. When reconnecting gives up, `signal` aborts with
   * the error that determines the exit code.
   */
  readonly reconnect?: boolean | undefined;
  /** Whether the command draws on the whole terminal. If so, reconnecting writes no notices to stderr. */
  readonly ownsTerminal?: boolean | undefined;
}

/** Dependencies of a command. Expensive ones are functions, so a command pays only for those it uses. */
export interface CommandContext {
  readonly io: Io;
  readonly outputOptions: OutputOptions;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Global flags as given on the command line, without environment variables and contexts. */
  readonly flags: FlagValues;
  /** Aborted on a signal to the process, and when reconnecting to the bus gives up. */
  readonly signal: AbortSignal;
  readonly contexts: ContextStore;
  readonly deps: CliDeps;
  /** Collects changes and counts for the journal. */
  readonly journalDraft: JournalDraft;
  /** Whether prompts work: stderr is a terminal, and answers can be read from one. */
  readonly isInteractive: boolean;
  /** Whether a prefix of a session id names a session of a write: only if the operator typed it, so not while stdin is a list. */
  readonly allowsPrefix: boolean;
  /** Finds a command by its path, such as `sessions kick`. */
  findCommand(path: string): CommandIdentity | undefined;
  connection(): Promise<ConnectionSettings>;
  /** Whether flags or settings give other sources of sessions for stock gates. */
  usesStock(): Promise<boolean>;
  /** Opens the cluster on the first call. Rejects with --snapshot. The cluster is closed when the command ends. */
  openCluster(options?: OpenClusterOptions): Promise<Cluster>;
  /**
   * Returns this command's context for another saved context, without the flags that belong to the current cluster. `close`
   * closes everything opened through it; so does the end of the command.
   */
  forContext(name: string): {readonly context: CommandContext; close(): Promise<void>};
  /** Opens the snapshot given with --snapshot, otherwise the cluster. */
  openReader(options?: OpenClusterOptions): Promise<ClusterReader>;
  /** Opens the records of a store, or without a URL those of the gates. They are closed when the command ends. */
  openRecords(store: string | undefined): Promise<RecordAccess>;
  /** Opens the records like `openRecords`, but read-only; with --snapshot, those saved in the snapshot. */
  openRecordReader(store: string | undefined): Promise<RecordReader>;
}
