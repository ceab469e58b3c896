import type {AnomalyReport} from '../../cluster/anomalies/anomaly.js';
import type {
  BusLinkState,
  ClusterEvent,
  ClusterNode,
  GateOutcome,
  GateStatistics,
  LocatedRecord,
  LocatedRow,
  TapTraffic,
  TraceEvent,
} from '../../cluster/cluster.js';
import type {SortOrder} from '../../selector/sort-order.js';
import type {GateInfo} from '../../session/gate-api.js';
import type {ComposedMessage} from '../actions/messages/message-history.js';
import type {
  ContextTotals,
  DoctorFinding,
  JournalRow,
  SwitchableContext,
  ThemeName,
} from '../dashboard-deps.js';
import type {DocumentView, TextDocument} from '../documents/document.js';
import type {FilterName, SavedFilters, ScreenFilter} from '../search/screen-filter.js';
import type {ScreenSize} from '../term/terminal.js';
import type {DashboardWrite, Notice, SettingsChange} from './dialog-types.js';
import type {Prompt} from './prompt.js';
import type {Dialog, EventKindFilter, Screen, SessionDetailState, TableName} from './state.js';
import type {SavedViews} from './tables/saved-views.js';
import type {SortChoice} from './tables/sort-table-rows.js';

/** Updates from the cluster. `at` is a Unix time in milliseconds on this machine's clock. */
export type FeedAction =
  | {readonly type: 'link'; readonly state: BusLinkState; readonly at: number}
  | {readonly type: 'gates'; readonly nodes: readonly ClusterNode[]; readonly at: number}
  | {readonly type: 'context-totals'; readonly totals: ContextTotals}
  | {readonly type: 'no-gates'; readonly message: string; readonly at: number}
  | {
      readonly type: 'stats';
      readonly results: ReadonlyMap<string, GateStatistics>;
      readonly outcomes: readonly GateOutcome[];
      readonly at: number;
    }
  | {readonly type: 'pings'; readonly outcomes: readonly GateOutcome[]; readonly at: number}
  | {readonly type: 'infos'; readonly results: ReadonlyMap<string, GateInfo>}
  | {readonly type: 'heard'; readonly events: readonly ClusterEvent[]; readonly at: number}
  | {
      readonly type: 'sessions';
      readonly question: string;
      readonly rows: readonly LocatedRow[];
      readonly outcomes: readonly GateOutcome[];
      readonly sampled: readonly string[];
      /** Rows requested per gate. A gate that returned fewer has no more. */
      readonly limit: number;
      readonly at: number;
    }
  | {readonly type: 'connections'; readonly rows: readonly LocatedRow[]; readonly at: number}
  | {readonly type: 'counted'; readonly question: string; readonly total: number | undefined}
  | {readonly type: 'detail'; readonly reference: string; readonly found: Partial<SessionDetailState>}
  | {
      readonly type: 'records';
      readonly rows: readonly LocatedRecord[];
      readonly outcomes: readonly GateOutcome[];
      readonly looked: number;
      readonly isWhole: boolean;
      readonly at: number;
    }
  | {
      readonly type: 'record';
      readonly uid: string;
      readonly record: LocatedRecord | undefined;
      readonly fault: string | undefined;
    }
  | {
      readonly type: 'same-user';
      readonly uid: string;
      readonly rows: readonly LocatedRow[];
      /** Gates that have not answered yet. */
      readonly unknown: readonly string[];
    }
  | {readonly type: 'traced'; readonly events: readonly TraceEvent[]}
  | {readonly type: 'trace-refused'; readonly message: string; readonly at: number}
  | {readonly type: 'anomalies'; readonly report: AnomalyReport; readonly at: number}
  | {readonly type: 'findings'; readonly findings: readonly DoctorFinding[]; readonly at: number}
  | {readonly type: 'journal'; readonly rows: readonly JournalRow[]}
  | {
      readonly type: 'failed';
      readonly what: 'sessions' | 'records' | 'journal' | 'anomalies' | 'doctor' | 'watch' | 'trace';
      readonly message: string;
      readonly at: number;
    };

/** Actions of the operator. */
export type UserAction =
  | {readonly type: 'move'; readonly by: number}
  | {readonly type: 'move-to'; readonly end: 'start' | 'end'}
  | {readonly type: 'point'; readonly index: number}
  | {readonly type: 'go'; readonly screen: Screen}
  | {readonly type: 'open'; readonly screen: Screen}
  | {readonly type: 'back'}
  | {readonly type: 'pane'}
  | {readonly type: 'mark'}
  | {readonly type: 'mark-all'}
  | {readonly type: 'unmark'}
  | {readonly type: 'choose-all'}
  | {readonly type: 'filter'; readonly name: FilterName; readonly filter: ScreenFilter}
  | {readonly type: 'add-view'; readonly document: TextDocument; readonly view: DocumentView}
  | {readonly type: 'find'; readonly text: string}
  | {readonly type: 'contexts'; readonly contexts: readonly SwitchableContext[]}
  | {readonly type: 'kept-filters'; readonly kept: SavedFilters}
  | {readonly type: 'order'; readonly order: SortOrder}
  /** Lists the last sessions of the order, or the first ones again. */
  | {readonly type: 'sessions-end'; readonly isAtEnd: boolean}
  | {readonly type: 'sort'; readonly table: TableName; readonly choice: SortChoice | undefined}
  | {readonly type: 'restored'; readonly views: SavedViews}
  | {readonly type: 'columns'; readonly columns: readonly string[] | undefined}
  | {readonly type: 'kinds'; readonly kinds: EventKindFilter}
  | {readonly type: 'trace-view'}
  | {readonly type: 'trace-own'}
  | {readonly type: 'trace-bodies'}
  | {readonly type: 'refresh'}
  | {readonly type: 'theme'; readonly theme: ThemeName}
  | {readonly type: 'prompt'; readonly prompt: Prompt | undefined}
  | {readonly type: 'dialog'; readonly dialog: Dialog | undefined}
  | {readonly type: 'sent-messages'; readonly messages: readonly ComposedMessage[]}
  | {readonly type: 'write'; readonly write: DashboardWrite}
  | {readonly type: 'changed'; readonly change: SettingsChange | undefined}
  | {readonly type: 'notice'; readonly notice: Notice | undefined}
  | {readonly type: 'print-later'; readonly command: string};

export type Action =
  | FeedAction
  | UserAction
  | {readonly type: 'tick'; readonly now: number; readonly tap?: TapTraffic | undefined}
  | {readonly type: 'resize'; readonly size: ScreenSize};

const newsTypes: ReadonlySet<Action['type']> = new Set<FeedAction['type'] | 'tick'>([
  ...([
    'link',
    'gates',
    'no-gates',
    'stats',
    'pings',
    'infos',
    'heard',
    'sessions',
    'counted',
    'detail',
  ] as const),
  ...([
    'records',
    'record',
    'same-user',
    'traced',
    'trace-refused',
    'journal',
    'connections',
    'anomalies',
    'findings',
    'failed',
    'tick',
  ] as const),
]);

/** Whether the action is a background update, which may be drawn slightly later. */
export const isFeedAction = ({type}: Action): boolean => newsTypes.has(type);
