import type {FailureReason} from '../../base/errors.js';
import type {
  ClusterEvent,
  ClusterNode,
  GateOutcome,
  LocatedRecord,
  LocatedRow,
  Target,
  TraceEvent,
  TraceSummary,
} from '../../cluster/cluster.js';
import type {Order} from '../../selector/order.js';
import type {Selector} from '../../selector/selector.js';
import type {GateInfo} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {DashboardOptions, JournalRow, ThemeName} from '../dashboard-deps.js';
import type {Size} from '../term/terminal.js';
import type {ActionKind, Confirmation, DialogField, DialogResult, PreviewLine} from './dialog.js';
import type {TextField} from './text-field.js';

/** Times in here are Unix milliseconds of this machine, unless said otherwise. */
export interface State {
  readonly options: DashboardOptions;
  readonly theme: ThemeName;
  readonly size: Size;
  readonly now: number;
  /** Screens that were entered, the one that is shown last. */
  readonly stack: readonly [Screen, ...Screen[]];
  /** The connection to the bus. */
  readonly link: {
    readonly state: 'connecting' | 'live' | 'lost';
    readonly since: number;
    /** While lost: the server did not accept the sign-in. */
    readonly isRefused?: boolean;
  };
  readonly gates: ReadonlyMap<string, GateState>;
  /** Why the registry could not say who is in the cluster. */
  readonly registryFault: string | undefined;
  /** Grows whenever what is known may be stale: then all is asked again. */
  readonly generation: number;
  readonly tables: Readonly<Record<TableName, TableState>>;
  readonly filters: Readonly<Record<FilterName, Filter>>;
  readonly sessions: SessionsState;
  readonly detail: DetailState | undefined;
  readonly events: EventsState;
  readonly records: RecordsState;
  readonly journal: JournalState;
  readonly trace: TraceState;
  readonly prompt: Prompt | undefined;
  readonly dialog: Dialog | undefined;
  readonly notice: Notice | undefined;
  /** Commands that were asked for and could not be copied: printed at the end. */
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
  | 'help';

/** A screen, and what it is about. */
export interface Screen {
  readonly name: ScreenName;
  /** Of `session`: `Gate@id/<session id>`; of `record`: a uid; of `entry`: an id in the journal. */
  readonly subject?: string | undefined;
}

/** Each screen has one table. */
export type TableName = ScreenName;
export type FilterName = 'sessions' | 'events' | 'records' | 'journal' | 'trace';

/** Where a table stands. The cursor stays with its row when rows come and go. */
export interface TableState {
  readonly key: string | undefined;
  /** Where the row was, for when it has gone. */
  readonly index: number;
  readonly top: number;
}

export interface Filter {
  readonly text: string;
  readonly selector?: Selector | undefined;
}

/** What a gate was at a moment; counts are totals since its start. */
export interface GateSample {
  readonly at: number;
  readonly sessions: number;
  readonly bound: number;
  readonly connects: number;
  readonly disconnects: number;
  readonly received: number;
  readonly sent: number;
  readonly dirty: number;
  readonly startedAt: number;
  /** By the gate's own clock. */
  readonly gateNow: number;
  /** Round trip of the question. */
  readonly ms: number;
}

export interface GateState {
  readonly id: string;
  readonly node: ClusterNode | undefined;
  /** When it left the registry. */
  readonly leftAt: number | undefined;
  /** Its feed of events. */
  readonly eventFeed: 'new' | 'watching' | 'silent' | 'unsupported';
  readonly eventFeedMessage: string;
  /** When it last answered anything. */
  readonly answeredAt: number | undefined;
  /** Why its last answer was none. */
  readonly failure: GateFailure | undefined;
  /** It answers, and lacks what was asked. */
  readonly missing: string | undefined;
  readonly roundTripMs: number | undefined;
  readonly samples: readonly GateSample[];
  readonly info: GateInfo | undefined;
  /** When events were last missed, and why. */
  readonly gap: {readonly at: number; readonly why: string} | undefined;
}

export interface GateFailure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly since: number;
}

export interface Vanished {
  readonly at: number;
  readonly why: string;
  /** Its gate has closed it: no answer that was on its way brings it back. */
  readonly isClosed: boolean;
}

export interface ShownRow {
  readonly key: string;
  readonly row: LocatedRow;
  /** When the row was given. */
  readonly seenAt: number;
  /** It is not there any more, and shown for a moment longer. */
  readonly vanished: Vanished | undefined;
}

/** What came of asking all gates, of each the latest; a gate that has not answered yet is not among them. */
export interface GateAnswers {
  readonly at: number;
  readonly outcomes: readonly GateOutcome[];
  readonly sampled: readonly string[];
}

export interface SessionsState {
  readonly order: Order;
  /** Names of columns; undefined for those that the screen has room for. */
  readonly columns: readonly string[] | undefined;
  readonly rows: readonly ShownRow[];
  /** The question that the rows answer. */
  readonly queryKey: string | undefined;
  readonly answer: GateAnswers | undefined;
  /** Gates of which all sessions that match are among the rows. */
  readonly completeGates: ReadonlySet<string>;
  /** How many there are in all, where all gates have counted. */
  readonly total: number | undefined;
  /** The question that the total answers. */
  readonly totalQueryKey: string | undefined;
  readonly marks: ReadonlyMap<string, Target>;
  /** All that match the filter are chosen, listed or not; then none is marked. */
  readonly isAllChosen: boolean;
}

/** One session in full. */
export interface DetailState {
  /** `Gate@id/<session id>`. */
  readonly reference: string;
  readonly row: LocatedRow | undefined;
  readonly session: Session | undefined;
  readonly seenAt: number;
  /** Why it is not there. */
  readonly gone: {readonly at: number; readonly why: string} | undefined;
  readonly fault: string | undefined;
  readonly record: LocatedRecord | undefined;
  /** Why there is no record to show. */
  readonly recordFault: string | undefined;
  /** Other sessions of the same uid. */
  readonly otherSessions: readonly string[];
  /** Gates that may have more of them; undefined when none was asked. */
  readonly unknownGates: readonly string[] | undefined;
  readonly pane: 'live' | 'events';
}

export interface ReceivedEvent {
  readonly number: number;
  readonly clusterEvent: ClusterEvent;
}

export interface EventsState {
  readonly received: readonly ReceivedEvent[];
  /** Of the next event. */
  readonly nextNumber: number;
  readonly kinds: EventKinds;
}

export const eventKindChoices = ['all', 'comings and goings', 'identity', 'settings'] as const;
export type EventKinds = (typeof eventKindChoices)[number];

export interface RecordsState {
  readonly rows: readonly LocatedRecord[];
  readonly answer: GateAnswers | undefined;
  /** Records that were looked at, and whether there are more. */
  readonly examined: number;
  readonly isComplete: boolean;
  readonly fault: string | undefined;
  /** Of the record that is shown by itself. */
  readonly shown:
    | {
        readonly uid: string;
        readonly record: LocatedRecord | undefined;
        readonly fault: string | undefined;
        readonly liveSessions: readonly LocatedRow[];
        /** Gates that may have more of them; undefined when none was asked. */
        readonly unknownGates: readonly string[] | undefined;
      }
    | undefined;
}

export interface JournalState {
  readonly rows: readonly JournalRow[];
  readonly fault: string | undefined;
}

export interface ReceivedCall {
  readonly number: number;
  readonly traceEvent: Exclude<TraceEvent, {readonly type: 'summary'}>;
}

/** The calls on the bus: listened to only while they are looked at. */
export interface TraceState {
  readonly received: readonly ReceivedCall[];
  /** Of the next call. */
  readonly nextNumber: number;
  readonly view: 'calls' | 'functions';
  readonly summary: TraceSummary | undefined;
  /** Why nobody may listen: then there is no such screen. */
  readonly unavailable: string | undefined;
}

export type PromptKind = 'filter' | 'command' | 'columns' | 'sort';

/** A line that is being typed. */
export interface Prompt {
  readonly kind: PromptKind;
  readonly text: string;
  readonly cursor: number;
  /** What was there before, for Esc. */
  readonly before: string;
  readonly fault:
    | {readonly message: string; readonly start: number; readonly hint: string | undefined}
    | undefined;
  /** What Tab puts in, the whole line. */
  readonly completions: readonly string[];
  readonly completion: number | undefined;
}

/** Something that is about to be done: what is asked for, what it will do, and what came of it. */
export interface Dialog {
  readonly kind: ActionKind;
  readonly title: string;
  readonly targets: readonly Target[];
  /** The state when it was opened: what the operator saw then is what the action is about. */
  readonly stateAtOpen: State | undefined;
  /** The selector that chose the targets, where they were not marked one by one. */
  readonly where: string | undefined;
  /** Of a record. */
  readonly uid: string | undefined;
  readonly fields: readonly DialogField[];
  /** Of the field that is typed in. */
  readonly focus: number;
  readonly fault: string | undefined;
  readonly preview: readonly PreviewLine[];
  readonly confirmation: Confirmation;
  /** `gathering`: the gates are asked whom the selector means. */
  readonly phase: 'gathering' | 'fill' | 'confirm' | 'running' | 'done';
  /** What is typed for the token. */
  readonly confirmationText: TextField;
  /** The whole command that does the same. */
  readonly command: string;
  readonly progress: string | undefined;
  readonly result: DialogResult | undefined;
}

export interface Notice {
  readonly text: string;
  /** What is `good` or `bad` came of something and is read on any screen; the rest is of the screen where it was said. */
  readonly tone: 'plain' | 'good' | 'warn' | 'bad';
  readonly at: number;
}

export const tableAtTop: TableState = {key: undefined, index: 0, top: 0};
export const currentScreen = (state: State): Screen => state.stack.at(-1) ?? state.stack[0];
