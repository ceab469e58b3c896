import type {ExitCode} from '../base/errors.js';
import type {Cluster} from '../cluster/cluster.js';
import type {ClusterOptions} from '../cluster/open-cluster.js';
import type {OpenedRecords} from '../cluster/records/open-records.js';
import type {Io} from '../output/terminal/io.js';
import type {TerminalDeps} from '../output/terminal/terminal-deps.js';
import type {Journal} from './journal/journal.js';
import type {ContextStore} from './settings/context-store.js';
import type {Environment} from './settings/layers.js';

/** What the process gives the program, handed in by main so that tests can hand in their own. */
export interface CliDeps {
  readonly io: Io;
  /** For a screen of its own. */
  readonly terminal: () => TerminalDeps;
  readonly env: Environment;
  /** `linux`, `darwin`, `win32` … */
  readonly platform: string;
  readonly contexts: ContextStore;
  readonly journal: Journal;
  /** Where the program keeps what it remembers, beside the journal. */
  readonly stateFolder: string;
  /** `user@host`. */
  readonly actor: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Aborted with an InterruptedError on SIGINT, SIGTERM, SIGQUIT, and SIGHUP unless `onReload` takes it. */
  readonly signal: AbortSignal;
  /** Has SIGHUP call `reload` instead of ending the program, until the function that it gives is called. */
  readonly onReload: (reload: () => void) => () => void;
  /** What starts this program again: `[execPath, …/bin/gatectl.js]`. */
  readonly program: readonly string[];
  /** Runs an editor on a file. Rejects with DeclinedError when it fails, and when the program is to end meanwhile. */
  readonly edit: (editor: string, file: string) => Promise<void>;
  readonly openCluster: (options: ClusterOptions) => Promise<Cluster>;
  /** Runs another command line, with dependencies of its own, and returns its exit code. */
  readonly runCommandLine: (argv: readonly string[], deps: CliDeps) => Promise<ExitCode>;
  /** Records straight from the store of this URL. */
  readonly openRecords: (url: string, options: ClusterOptions) => Promise<OpenedRecords>;
}
