import type {Cluster} from '../cluster/cluster.js';
import type {ClusterOptions} from '../cluster/gates/open-cluster.js';
import type {OpenedStore} from '../cluster/records/open-records.js';
import type {Io} from '../output/terminal/io.js';
import type {TerminalDeps} from '../output/terminal/terminal-deps.js';
import type {Journal} from './journal/journal.js';
import type {ContextStore} from './settings/context-store.js';
import type {Environment} from './settings/settings-layers.js';

/** Everything the command line needs from the process. main.ts passes the real objects, tests pass their own. */
export interface CliDeps {
  readonly io: Io;
  /** Opens the terminal for a full-screen command. */
  readonly terminal: () => TerminalDeps;
  readonly env: Environment;
  /** `linux`, `darwin`, `win32` … */
  readonly platform: string;
  readonly contexts: ContextStore;
  readonly journal: Journal;
  /** Folder for snapshots and outcome files, beside the journal. */
  readonly stateFolder: string;
  /** Operator, as `user@host`. */
  readonly actor: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Aborted with an InterruptedError on SIGINT, SIGTERM and SIGQUIT, and on SIGHUP unless `onReload` handles it. */
  readonly signal: AbortSignal;
  /** Makes SIGHUP call `reload` instead of ending the program. Returns a function that restores the default. */
  readonly onReload: (reload: () => void) => () => void;
  /** Command that starts this program, such as `[execPath, '…/bin/gatectl.js']`. */
  readonly program: readonly string[];
  /** Runs an editor on a file. Rejects with DeclinedError if the editor fails, and with the signal's reason on a signal. */
  readonly edit: (editor: string, file: string) => Promise<void>;
  /** Runs a plugin with the streams of this process, forwards signals to it, and resolves with its exit code. */
  readonly runProgram: (file: string, args: readonly string[], env: Environment) => Promise<number>;
  readonly openCluster: (options: ClusterOptions) => Promise<Cluster>;
  /** Runs another command line with the given dependencies. Resolves with its exit code. */
  readonly runCommandLine: (argv: readonly string[], deps: CliDeps) => Promise<number>;
  /** Opens the records of the store at this URL, without using gates. */
  readonly openRecords: (url: string, options: ClusterOptions) => Promise<OpenedStore>;
}
