import {parseSessionOrder} from '../../selector/sort-order.js';
import type {DashboardOptions} from '../dashboard-deps.js';
import {noSavedFilters, type ScreenFilter} from '../search/screen-filter.js';
import type {ScreenSize} from '../term/terminal.js';
import {emptyDashboardConfig} from '../user-keys/dashboard-config.js';
import {type State, type TableName, type TableState, tableStateAtTop} from './state.js';

const noFilter: ScreenFilter = {text: ''};

/** Default order: longest connected first. */
export const defaultSessionOrder = 'age';

export function initialState(options: DashboardOptions, size: ScreenSize, now: number): State {
  const tables: Record<TableName, TableState> = {
    overview: tableStateAtTop,
    sessions: tableStateAtTop,
    session: tableStateAtTop,
    events: tableStateAtTop,
    records: tableStateAtTop,
    record: tableStateAtTop,
    journal: tableStateAtTop,
    trace: tableStateAtTop,
    anomalies: tableStateAtTop,
    doctor: tableStateAtTop,
    writes: tableStateAtTop,
    entry: tableStateAtTop,
    help: tableStateAtTop,
    document: tableStateAtTop,
  };
  return {
    options,
    theme: options.theme,
    size,
    now,
    stack: [{name: 'overview'}],
    tap: undefined,
    link: {state: 'live', since: now},
    gates: new Map(),
    registryFault: undefined,
    generation: 0,
    refreshes: 0,
    tables,
    sorts: {},
    filters: {sessions: noFilter, events: noFilter, records: noFilter, journal: noFilter, trace: noFilter},
    lastFilters: {},
    savedFilters: noSavedFilters,
    contexts: [],
    contextTotals: [],
    sessions: {
      order: parseSessionOrder(defaultSessionOrder),
      columns: undefined,
      rows: [],
      queryKey: undefined,
      answer: undefined,
      completeGates: new Set(),
      total: undefined,
      totalQueryKey: undefined,
      isAtEnd: false,
      marks: new Map(),
      isAllChosen: false,
    },
    detail: undefined,
    events: {received: [], nextNumber: 1, kinds: 'all'},
    records: {
      rows: [],
      answer: undefined,
      examined: 0,
      isComplete: true,
      fault: undefined,
      shown: undefined,
    },
    journal: {rows: [], fault: undefined},
    trace: {
      received: [],
      nextNumber: 1,
      view: 'calls',
      hidesOwn: true,
      hasBodies: false,
      summary: undefined,
      unavailable: undefined,
    },
    notable: [],
    anomalies: {report: undefined, at: 0, fault: undefined},
    doctor: {findings: undefined, at: 0, fault: undefined},
    config: emptyDashboardConfig,
    find: '',
    messages: [],
    sentMessages: [],
    writes: [],
    lastChange: undefined,
    prompt: undefined,
    dialog: undefined,
    notice: undefined,
    toPrint: [],
  };
}
