import type {ExitCode} from '../base/errors.js';
import type {BulkAction, Cluster, Target, TargetOutcome} from '../cluster/cluster.js';
import type {JournalEntryText} from '../presentation/journal-entry-text.js';
import type {Session} from '../session/session.js';

/** Connection and display options, used by the header and the equivalent commands. */
export interface DashboardOptions {
  readonly server: string;
  readonly registry: string;
  /** Name of the context; if undefined, the header shows the server. */
  readonly context: string | undefined;
  /** Colour of the context's frame. */
  readonly color?: HeaderColor | undefined;
  /** Flag or setting that forbids writes; undefined when writes are allowed. */
  readonly readOnlySource: string | undefined;
  /** Setting that requires a reason for every write. */
  readonly requireReasonSource: string | undefined;
  /** Name to type before a write, if the cluster is protected. */
  readonly protectedName: string | undefined;
  /** Reason given on the command line. */
  readonly reason: string | undefined;
  /** Connection flags for equivalent commands, so that they reach the same cluster. */
  readonly flags: readonly string[];
  /** Whether `y` may write to the clipboard. */
  readonly clipboard: boolean;
  readonly theme: ThemeName;
  /** Whether to draw only ASCII characters. */
  readonly ascii: boolean;
}

export const themeNames = ['default', 'light', 'none'] as const;
export type ThemeName = (typeof themeNames)[number];

/** Background colour of the header, to tell clusters apart. */
export type HeaderColor = 'red' | 'yellow' | 'green' | 'cyan' | 'blue' | 'magenta';

/** A saved context that the dashboard can switch to. */
export interface SwitchableContext {
  readonly name: string;
  readonly server: string;
  readonly color: HeaderColor | undefined;
  readonly isProtected: boolean;
  readonly isReadOnly: boolean;
  /** Why the context's file is unusable; empty if it is usable. */
  readonly fault: string;
}

/** A context whose totals are displayed beside the current cluster. */
export interface PolledContext {
  readonly name: string;
  /** Opens the context's cluster, or returns the one already open. Rejects with GatectlError. */
  open(): Promise<Cluster>;
}

/** Totals of a context displayed beside the current cluster. */
export interface ContextTotals {
  readonly name: string;
  /** Whether the context has answered at least once. */
  readonly isAsked: boolean;
  readonly gates: number;
  readonly answering: number;
  readonly sessions: number;
  readonly bound: number;
  readonly dirty: number;
  /** Error of the last poll. If set, the totals are the last known ones. */
  readonly fault: string | undefined;
}

/** Collects the changes of a write for the journal. */
export interface WriteJournal {
  addChange(target: string, before: unknown, after: unknown): void;
  addSession(node: string, before: Session, after: Session): void;
  counts: Readonly<Record<string, number>> | undefined;
}

/** Outcome file of a bulk write, which `--resume` can continue. */
export interface BulkOutcomeFile {
  /** Path of the file. */
  readonly name: string;
  /** Records the targets as about to be written. Resolves when that is stored. */
  begin(targets: readonly Target[]): Promise<void>;
  add(outcome: TargetOutcome): Promise<void>;
  close(): Promise<void>;
}

/** A bulk write on all sessions that match a selector. */
export interface SelectorBulkWrite {
  readonly action: BulkAction;
  readonly where: string;
  readonly targets: readonly Target[];
}

/** One journal entry. */
export interface JournalRow extends JournalEntryText {
  readonly id: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** The complete entry, for the entry screen. */
  readonly entry: unknown;
}

/** State that the dashboard saves between runs, per context. */
export interface StateFile {
  /** Resolves with the section; undefined if it is missing or unreadable. */
  read(section: string): Promise<unknown>;
  /** Replaces a section. `value` must be serializable as JSON. Rejects with OutputError. */
  write(section: string, value: unknown): Promise<void>;
}

/** A result of `gatectl doctor`. */
export interface DoctorFinding {
  readonly check: string;
  readonly subject: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** May contain text from gates. */
  readonly detail: string;
  /** Suggested next step; empty if none is needed. */
  readonly next: string;
}

/** The operator's keys and aliases: the parsed JSON of the file, or why it can't be read. */
export interface DashboardConfigFile {
  readonly file: string;
  readonly value?: unknown;
  readonly fault?: string | undefined;
}

/** Dependencies of the dashboard. */
export interface DashboardDeps {
  readonly cluster: Cluster;
  readonly options: DashboardOptions;
  readonly stateFile: StateFile;
  listContexts(): Promise<readonly SwitchableContext[]>;
  /** Contexts whose totals the overview displays side by side. */
  readonly polledContexts?: readonly PolledContext[] | undefined;
  /**
   * Writes a text that is too long for the clipboard to a private file, always the same one.
   * Resolves with its path.
   */
  saveCopy(text: string): Promise<string>;
  /**
   * Writes a new private file and resolves with its absolute path. Rejects with GatectlError, for
   * example if the file exists.
   */
  writeFile(path: string, text: string): Promise<string>;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /**
   * Runs a write like the command with this path: rejects it in read-only mode, and journals it
   * before and after. `input` is recorded in the journal.
   */
  runWrite(
    write: {
      readonly path: string;
      readonly input: Readonly<Record<string, unknown>>;
      readonly reason: string | undefined;
    },
    run: (notes: WriteJournal) => Promise<ExitCode>,
  ): Promise<ExitCode>;
  /** Yields the findings of `gatectl doctor`. */
  diagnose(cluster: Cluster): AsyncIterable<DoctorFinding>;
  /** The operator's `dashboard.json`; undefined if there is none. */
  readonly configFile: DashboardConfigFile | undefined;
  /** Returns the risk of a command; undefined for a plugin or an unknown command. */
  riskOf(words: readonly string[]): 'read' | 'write' | 'destroy' | undefined;
  /**
   * Runs `gatectl` with these words on the terminal and waits until the operator has read its
   * output. Resolves with the exit code.
   */
  runCommand(words: readonly string[]): Promise<number>;
  /** Creates the outcome file of a bulk write in the state folder. */
  createOutcomeFile(write: SelectorBulkWrite): Promise<BulkOutcomeFile>;
  /** Resolves with the latest writes, newest first. */
  readJournal(limit: number): Promise<readonly JournalRow[]>;
  /**
   * Lets `work` open texts in the operator's editor, any number of times. After a failure, saves
   * the edited text in a file and returns its path.
   */
  editText<T>(
    name: string,
    work: (open: (text: string) => Promise<string>) => Promise<T>,
  ): Promise<{readonly done: T} | {readonly error: unknown; readonly kept: string | undefined}>;
}
