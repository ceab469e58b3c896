import {parseOrder} from '../../selector/order.js';
import type {DashboardOptions} from '../dashboard-deps.js';
import {type Filter, noKeptFilters} from '../search/filter.js';
import type {Size} from '../term/terminal.js';
import {noUserKeys} from '../user-keys/user-key.js';
import {type State, type TableName, type TableState, tableAtTop} from './state.js';

const noFilter: Filter = {text: ''};

/** Default order: longest connected first. */
export const usualOrder = 'age';

export function initialState(options: DashboardOptions, size: Size, now: number): State {
  const tables: Record<TableName, TableState> = {
    overview: tableAtTop,
    sessions: tableAtTop,
    session: tableAtTop,
    events: tableAtTop,
    records: tableAtTop,
    record: tableAtTop,
    journal: tableAtTop,
    trace: tableAtTop,
    anomalies: tableAtTop,
    doctor: tableAtTop,
    writes: tableAtTop,
    entry: tableAtTop,
    help: tableAtTop,
    document: tableAtTop,
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
    keptFilters: noKeptFilters,
    contexts: [],
    sides: [],
    sessions: {
      order: parseOrder(usualOrder),
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
      summary: undefined,
      unavailable: undefined,
    },
    notable: [],
    anomalies: {report: undefined, at: 0, fault: undefined},
    doctor: {findings: undefined, at: 0, fault: undefined},
    userKeys: noUserKeys,
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
