import type {ExitCode} from '../base/errors.js';
import type {BulkAction, Cluster, Target, TargetOutcome} from '../cluster/cluster.js';
import type {JournalText} from '../presentation/journal-text.js';
import type {Session} from '../session/session.js';

/** How the dashboard was opened, for its head line and for the commands that it shows. */
export interface DashboardOptions {
  readonly server: string;
  readonly registry: string;
  /** The name of what the dashboard shows: a context or a snapshot. Without one the server is shown. */
  readonly context: string | undefined;
  /** Who says that nothing may be written; undefined when it may. */
  readonly readOnlySource: string | undefined;
  /** Who wants a reason with every write. */
  readonly requireReasonSource: string | undefined;
  /** The reason that was given on the command line. */
  readonly reason: string | undefined;
  /** Flags to put behind `gatectl`, so that a shown command reaches the same cluster; quoted. */
  readonly flags: readonly string[];
  /** Whether `y` may write the clipboard. */
  readonly clipboard: boolean;
  readonly theme: ThemeName;
  /** Only ASCII may be drawn. */
  readonly ascii: boolean;
}

export const themeNames = ['default', 'light', 'none'] as const;
export type ThemeName = (typeof themeNames)[number];

/** What an action says of itself for the journal. */
export interface WriteJournal {
  addChange(target: string, before: unknown, after: unknown): void;
  addSession(node: string, before: Session, after: Session): void;
  counts: Readonly<Record<string, number>> | undefined;
}

/** What is kept of a write on many sessions while it goes on, to go on from with `--resume`. */
export interface OutcomeLog {
  /** The file that it is in. */
  readonly name: string;
  /** Resolves once it is kept that these are about to be written to. */
  begin(targets: readonly Target[]): Promise<void>;
  add(outcome: TargetOutcome): Promise<void>;
  close(): Promise<void>;
}

/** A write on all sessions that match a selector. */
export interface SelectorWrite {
  readonly action: BulkAction;
  readonly where: string;
  readonly targets: readonly Target[];
}

/** A write that was tried, as the journal tells it. */
export interface JournalRow extends JournalText {
  readonly id: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** The whole entry, for its own screen. */
  readonly entry: unknown;
}

/** What the dashboard is given of the program that it is part of. */
export interface DashboardDeps {
  readonly cluster: Cluster;
  readonly options: DashboardOptions;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /**
   * Does a write as the command of this path would: refused when read-only, and in the journal before and after.
   * `input` is what the journal says was asked.
   */
  runWrite(
    write: {
      readonly path: string;
      readonly input: Readonly<Record<string, unknown>>;
      readonly reason: string | undefined;
    },
    run: (notes: WriteJournal) => Promise<ExitCode>,
  ): Promise<ExitCode>;
  /** Begins the file that the same command would leave with `--outcome`, in a place of its own. */
  openOutcomeLog(write: SelectorWrite): Promise<OutcomeLog>;
  /** The last writes, the newest first. */
  readJournal(limit: number): Promise<readonly JournalRow[]>;
  /**
   * Lets the operator edit texts in an editor of his own, as often as `work` opens it. When it fails, what he wrote is
   * kept in the named file.
   */
  editText<T>(
    name: string,
    work: (open: (text: string) => Promise<string>) => Promise<T>,
  ): Promise<{readonly done: T} | {readonly error: unknown; readonly kept: string | undefined}>;
}
