import type {Cluster, ClusterReader, RecordReader, Records} from '../cluster/cluster.js';
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
   * Reconnects whenever the bus is lost, with a notice on stderr. On giving up, `signal` aborts with an error that decides
   * the exit code of the command.
   */
  readonly reconnect?: boolean | undefined;
  /** The command draws the whole terminal, so reconnecting writes no notices to stderr. */
  readonly ownsTerminal?: boolean | undefined;
}

/** Dependencies of a command. Cheap ones are values; expensive ones are functions, so that a command pays only for its use. */
export interface CommandContext {
  readonly io: Io;
  readonly outputOptions: OutputOptions;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Global flags of this command line, without the environment and contexts. */
  readonly flags: FlagValues;
  /** Aborts on a signal to the process, and when reconnecting to the bus gives up. */
  readonly signal: AbortSignal;
  readonly contexts: ContextStore;
  readonly deps: CliDeps;
  /** Collects changes and counts for the journal. */
  readonly notes: JournalNotes;
  /** Whether prompts work: stdin and stderr are terminals. */
  readonly isInteractive: boolean;
  /** Finds a command by its words, such as `sessions kick`. */
  findCommand(path: string): CommandIdentity | undefined;
  connection(): Promise<ConnectionSettings>;
  /** Whether flags or settings name other sources of sessions for stock gates. */
  usesStock(): Promise<boolean>;
  /** Opens the cluster on the first call. Rejects with --snapshot. It is closed when the command has ended. */
  openCluster(options?: OpenClusterOptions): Promise<Cluster>;
  /**
   * Returns the same command for a saved context, without flags that are about another cluster. `close` closes what it
   * opened; the end of the command does so too.
   */
  forContext(name: string): {readonly context: CommandContext; close(): Promise<void>};
  /** Opens what --snapshot names, or the cluster. */
  openReader(options?: OpenClusterOptions): Promise<ClusterReader>;
  /** Opens the records of a store, or of the gates without a URL. They are closed when the command has ended. */
  openRecords(store: string | undefined): Promise<Records>;
  /** The same records, or those that were saved in what --snapshot names. */
  openRecordReader(store: string | undefined): Promise<RecordReader>;
}
