import type {AnomalyReport} from '../../cluster/anomalies/anomaly.js';
import type {
  ClusterEvent,
  GateOutcome,
  LocatedRecord,
  LocatedRow,
  Target,
  TraceEvent,
  TraceSummary,
} from '../../cluster/cluster.js';
import type {SortOrder} from '../../selector/sort-order.js';
import type {Session} from '../../session/session.js';
import type {ComposedMessage} from '../actions/messages/message-history.js';
import type {
  ContextTotals,
  DashboardOptions,
  DoctorFinding,
  JournalRow,
  SwitchableContext,
  ThemeName,
} from '../dashboard-deps.js';
import type {TextDocument} from '../documents/document.js';
import type {FilterName, SavedFilters, ScreenFilter} from '../search/screen-filter.js';
import type {ScreenSize} from '../term/terminal.js';
import type {ChartPoint} from '../text/chart.js';
import type {DashboardConfig} from '../user-keys/dashboard-config.js';
import type {
  DashboardWrite,
  DialogField,
  DialogKind,
  DialogResult,
  Notice,
  PreviewLine,
  RequiredConfirmation,
  SettingsChange,
} from './dialog-types.js';
import type {GateState} from './gate-metrics.js';
import type {Prompt} from './prompt.js';
import type {TapRate} from './reduce/tap-rate.js';
import type {SortChoice} from './tables/sort-table-rows.js';
import type {TextField} from './text-field.js';

/** State of the dashboard. Times are Unix milliseconds on this machine's clock unless stated otherwise. */
export interface State {
  readonly options: DashboardOptions;
  readonly theme: ThemeName;
  readonly size: ScreenSize;
  readonly now: number;
  /** Navigation stack. The last screen is displayed. */
  readonly stack: readonly [Screen, ...Screen[]];
  /** Rate of the traffic that the tap for stock gates reads; undefined without a tap. */
  readonly tap: TapRate | undefined;
  /** The connection to the bus. */
  readonly link: {
    readonly state: 'connecting' | 'live' | 'lost';
    readonly since: number;
    /** True while the server rejects the credentials. */
    readonly isRefused?: boolean;
  };
  readonly gates: ReadonlyMap<string, GateState>;
  /** Error of the last registry lookup. */
  readonly registryFault: string | undefined;
  /** Incremented when data may be stale, which reruns every query. */
  readonly generation: number;
  /** How often the operator has requested a refresh. */
  readonly refreshes: number;
  readonly tables: Readonly<Record<TableName, TableState>>;
  /** Sort orders of the tables sorted by the dashboard. Gates sort sessions. */
  readonly sorts: Readonly<Partial<Record<TableName, SortChoice>>>;
  readonly filters: Readonly<Record<FilterName, ScreenFilter>>;
  /** The last non-empty filter of each kind. `n` finds its matches. */
  readonly lastFilters: Readonly<Partial<Record<FilterName, ScreenFilter>>>;
  readonly savedFilters: SavedFilters;
  readonly contexts: readonly SwitchableContext[];
  /** Totals of the contexts given with `--contexts`, in that order. */
  readonly contextTotals: readonly ContextTotals[];
  readonly sessions: SessionsState;
  readonly detail: SessionDetailState | undefined;
  readonly events: EventsState;
  readonly records: RecordsState;
  readonly journal: JournalState;
  readonly trace: TraceState;
  /** Notable events of the whole cluster, oldest first. */
  readonly notable: readonly NotableEvent[];
  readonly anomalies: AnomaliesState;
  readonly doctor: DoctorState;
  readonly config: DashboardConfig;
  /** Search text for documents; empty if there is no search. */
  readonly find: string;
  /** Recent notices and failures, oldest first. */
  readonly messages: readonly Notice[];
  /** Messages sent from dashboards of this context, newest first. */
  readonly sentMessages: readonly ComposedMessage[];
  /** Writes started in this dashboard, oldest first. */
  readonly writes: readonly DashboardWrite[];
  /** The last settings change of a session, for undo. */
  readonly lastChange: SettingsChange | undefined;
  readonly prompt: Prompt | undefined;
  readonly dialog: Dialog | undefined;
  readonly notice: Notice | undefined;
  /** Commands that could not be copied; printed on exit. */
  readonly toPrint: readonly string[];
}

export type ScreenName =
  | 'overview'
  | 'sessions'
  | 'session'
  | 'events'
  | 'records'
  | 'record'
  | 'journal'
  | 'entry'
  | 'trace'
  | 'anomalies'
  | 'doctor'
  | 'writes'
  | 'help'
  | 'document';

/** A screen and the object that it displays. */
export interface Screen {
  readonly name: ScreenName;
  /** For `session`, `Gate@id/<session id>`; for `record`, a uid; for `entry`, a journal id. */
  readonly subject?: string | undefined;
  /** The contents of a `document` screen, and the index of its selected view. */
  readonly document?: TextDocument | undefined;
  readonly view?: number | undefined;
}

/** Each screen has one table. */
export type TableName = ScreenName;

/** Cursor and scroll position of a table. The cursor follows its row by key. */
export interface TableState {
  readonly key: string | undefined;
  /** Last index of the row, used if its key has disappeared. */
  readonly index: number;
  readonly top: number;
}

interface Vanished {
  readonly at: number;
  readonly why: string;
  /**
   * Whether the gate reported the close. Then a listing already in flight can't bring the row back.
   */
  readonly isClosed: boolean;
}

export interface SessionTableRow {
  readonly key: string;
  readonly row: LocatedRow;
  /** When the gate returned the row. */
  readonly seenAt: number;
  /** Set when the session is gone; the row stays visible for a few seconds. */
  readonly vanished: Vanished | undefined;
}

/** Latest outcome per gate, without gates that have not answered yet. */
export interface GateOutcomes {
  readonly at: number;
  readonly outcomes: readonly GateOutcome[];
  readonly sampled: readonly string[];
}

export interface SessionsState {
  readonly order: SortOrder;
  /** Names of the selected columns; if undefined, the columns that fit are shown. */
  readonly columns: readonly string[] | undefined;
  readonly rows: readonly SessionTableRow[];
  /** Key of the order and filter that the rows belong to. */
  readonly queryKey: string | undefined;
  readonly answer: GateOutcomes | undefined;
  /** Gates whose matching sessions are all listed. */
  readonly completeGates: ReadonlySet<string>;
  /** Number of matching sessions; undefined until every gate has counted. */
  readonly total: number | undefined;
  /** Key of the order and filter that the total belongs to. */
  readonly totalQueryKey: string | undefined;
  /** Whether the last sessions of the order are listed instead of the first. */
  readonly isAtEnd: boolean;
  readonly marks: ReadonlyMap<string, Target>;
  /** Whether an action targets every session that matches the filter, even unlisted ones. */
  readonly isAllChosen: boolean;
}

/** Details of one session. */
export interface SessionDetailState {
  /** Session reference, `Gate@id/<session id>`. */
  readonly reference: string;
  readonly row: LocatedRow | undefined;
  readonly session: Session | undefined;
  readonly seenAt: number;
  /** Set when the session is no longer on its gate. */
  readonly gone: {readonly at: number; readonly why: string} | undefined;
  readonly fault: string | undefined;
  readonly record: LocatedRecord | undefined;
  /** Why there is no record to show. */
  readonly recordFault: string | undefined;
  /** Other sessions of the same uid. */
  readonly otherSessions: readonly string[];
  /** Gates that may have more sessions of the uid; undefined before the first query. */
  readonly unknownGates: readonly string[] | undefined;
  readonly pane: 'live' | 'events' | 'fields';
  /**
   * History of the bytes queued for the client, since the screen opened and at most a few minutes.
   */
  readonly waiting: readonly ChartPoint[];
}

export interface NumberedEvent {
  readonly number: number;
  readonly clusterEvent: ClusterEvent;
}

interface EventsState {
  readonly received: readonly NumberedEvent[];
  /** Number of the next event. */
  readonly nextNumber: number;
  readonly kinds: EventKindFilter;
}

export const eventKindFilters = ['all', 'connections', 'identity', 'settings'] as const;
export type EventKindFilter = (typeof eventKindFilters)[number];

interface RecordsState {
  readonly rows: readonly LocatedRecord[];
  readonly answer: GateOutcomes | undefined;
  /** Number of records read, and whether those are all. */
  readonly examined: number;
  readonly isComplete: boolean;
  readonly fault: string | undefined;
  /** The record displayed on the record screen. */
  readonly shown:
    | {
        readonly uid: string;
        readonly record: LocatedRecord | undefined;
        readonly fault: string | undefined;
        readonly liveSessions: readonly LocatedRow[];
        /** Gates that may have more sessions of the uid; undefined before the first query. */
        readonly unknownGates: readonly string[] | undefined;
      }
    | undefined;
}

/** A change of a gate or of the connection, listed on the overview. */
export interface NotableEvent {
  readonly at: number;
  /** Gate id, or `bus`. */
  readonly subject: string;
  readonly tone: 'good' | 'warn' | 'bad';
  /** May contain text from the gate. */
  readonly text: string;
}

interface AnomaliesState {
  readonly report: AnomalyReport | undefined;
  readonly at: number;
  /** Why the last check failed. */
  readonly fault: string | undefined;
}

interface DoctorState {
  readonly findings: readonly DoctorFinding[] | undefined;
  readonly at: number;
  /** Why the last diagnosis failed. */
  readonly fault: string | undefined;
}

interface JournalState {
  readonly rows: readonly JournalRow[];
  readonly fault: string | undefined;
}

export interface NumberedTraceEvent {
  readonly number: number;
  readonly traceEvent: Exclude<TraceEvent, {readonly type: 'summary'}>;
}

/** Traced calls on the bus. Tracing runs only while the screen, or one opened from it, is open. */
interface TraceState {
  readonly received: readonly NumberedTraceEvent[];
  /** Number of the next call. */
  readonly nextNumber: number;
  readonly view: 'calls' | 'functions';
  /** Whether calls made by gatectl are hidden. */
  readonly hidesOwn: boolean;
  /** Whether arguments and results are captured. */
  readonly hasBodies: boolean;
  readonly summary: TraceSummary | undefined;
  /** Why tracing is not permitted. If set, the screen is hidden. */
  readonly unavailable: string | undefined;
}

/** A dialog that prepares, confirms and runs an action. */
export interface Dialog {
  readonly kind: DialogKind;
  readonly title: string;
  /** Number of the running write. */
  readonly write?: number | undefined;
  /** The source of the message in the fields, if it was recalled. */
  readonly recalled?: {readonly source: 'history' | 'templates'; readonly index: number} | undefined;
  /** Whether the optional fields are shown. */
  readonly hasMore?: boolean | undefined;
  /** Words of the command that a user-defined key runs. */
  readonly words?: readonly string[] | undefined;
  readonly targets: readonly Target[];
  /** State when the dialog opened, so that the action targets what the operator saw. */
  readonly stateAtOpen: State | undefined;
  /** Selector that matched the targets; undefined if they were marked. */
  readonly where: string | undefined;
  /** User id of a record action. */
  readonly uid: string | undefined;
  readonly fields: readonly DialogField[];
  /** Index of the focused field. */
  readonly focus: number;
  readonly fault: string | undefined;
  readonly preview: readonly PreviewLine[];
  /** First visible line of the preview. */
  readonly scroll?: number | undefined;
  readonly confirmation: RequiredConfirmation;
  /** `gathering` finds the selector's targets on all gates. */
  readonly phase: 'gathering' | 'fill' | 'confirm' | 'running' | 'done';
  /** Text typed at the confirmation prompt. */
  readonly confirmationText: TextField;
  /** Equivalent command line. */
  readonly command: string;
  readonly progress: string | undefined;
  readonly result: DialogResult | undefined;
}

export const tableStateAtTop: TableState = {key: undefined, index: 0, top: 0};
/** The cursor stays on the last row until the operator moves it. */
export const tableStateAtEnd: TableState = {key: undefined, index: Number.MAX_SAFE_INTEGER, top: 0};
/** Returns the topmost screen that is not a document. */
export function screenBelowDocument({stack}: State): Screen {
  return stack.findLast(({name}) => name !== 'document') ?? stack[0];
}

export const currentScreen = (state: State): Screen => state.stack.at(-1) ?? state.stack[0];
