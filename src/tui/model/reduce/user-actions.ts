import {parseSessionOrder} from '../../../selector/sort-order.js';
import {currentTableWindow, firstDocumentLine, tableRowKeys} from '../../layout/screen-layout.js';
import {tracedSelector} from '../../search/screen-filter.js';
import type {UserAction} from '../action.js';
import {targetOfTableRow} from '../action-targets.js';
import {defaultSessionOrder} from '../initial-state.js';
import {
  currentScreen,
  type Screen,
  type ScreenName,
  type SessionDetailState,
  type State,
  type TableName,
  type TableState,
  tableStateAtEnd,
  tableStateAtTop,
} from '../state.js';
import {withDashboardWrite} from '../tables/dashboard-writes.js';
import type {SavedViews} from '../tables/saved-views.js';
import {isTailTable} from '../tables/tail-tables.js';
import {reduceSessionDetail} from './session-detail.js';
import {withoutCalls} from './trace.js';
import {withNotice} from './with-notice.js';

/** Applies an action of the operator. */
export function reduceUserAction(
  state: State,
  action: Exclude<UserAction, {type: 'trace-view' | 'trace-own' | 'trace-bodies'}>,
): State {
  switch (action.type) {
    case 'move':
      return movedTo(state, placeOf(state) + action.by);
    case 'move-to':
      return movedTo(state, action.end === 'start' ? 0 : Number.MAX_SAFE_INTEGER);
    case 'point':
      return movedTo(state, action.index);
    case 'go':
    case 'open':
    case 'back':
    case 'pane':
      return reduceWay(state, action);
    case 'mark':
    case 'mark-all':
    case 'unmark':
      return {
        ...state,
        sessions: {...state.sessions, marks: marksAfter(state, action.type), isAllChosen: false},
      };
    case 'choose-all':
      return {...state, sessions: {...state.sessions, marks: new Map(), isAllChosen: true}};
    case 'filter':
      return filtered(state, action);
    case 'add-view':
      return withView(state, action);
    case 'find':
      return {...state, find: action.text};
    case 'contexts':
      return {...state, contexts: action.contexts};
    case 'kept-filters':
      return {...state, savedFilters: action.kept};
    case 'order':
      return withTable(
        {...state, sessions: {...state.sessions, order: action.order, isAtEnd: false}},
        'sessions',
        tableStateAtTop,
      );
    case 'sessions-end':
      return withTable(
        {...state, sessions: {...state.sessions, isAtEnd: action.isAtEnd}},
        'sessions',
        action.isAtEnd ? tableStateAtEnd : tableStateAtTop,
      );
    case 'sort':
      return withTable(
        {...state, sorts: {...state.sorts, [action.table]: action.choice}},
        action.table,
        tableStateAtTop,
      );
    case 'restored':
      return restored(state, action.views);
    case 'columns':
      return {...state, sessions: {...state.sessions, columns: action.columns}};
    case 'kinds':
      return withTable({...state, events: {...state.events, kinds: action.kinds}}, 'events', tableStateAtTop);
    case 'refresh':
      return {...state, generation: state.generation + 1, refreshes: state.refreshes + 1};
    case 'theme':
      return {...state, theme: action.theme};
    case 'prompt':
      return {...state, prompt: action.prompt};
    case 'dialog':
      return {...state, dialog: action.dialog, notice: undefined};
    case 'sent-messages':
      return {...state, sentMessages: action.messages};
    case 'write':
      return {...state, writes: withDashboardWrite(state.writes, action.write)};
    case 'changed':
      return {...state, lastChange: action.change};
    case 'notice':
      return withNotice(state, action.notice);
    case 'print-later':
      return {...state, toPrint: [...state.toPrint.filter((one) => one !== action.command), action.command]};
    default:
      return action satisfies never;
  }
}

function reduceWay(
  before: State,
  action: Extract<UserAction, {type: 'go' | 'open' | 'back' | 'pane'}>,
): State {
  const state = withoutRemark(before);
  switch (action.type) {
    case 'go':
      return entered({...state, stack: [action.screen]}, action.screen);
    case 'open':
      return entered({...state, stack: pushed(state.stack, action.screen)}, action.screen);
    case 'back':
      return wentBack(state);
    case 'pane':
      return currentScreen(state).name === 'document' ? nextView(state) : reduceSessionDetail(state, action);
    default:
      return action satisfies never;
  }
}

/** Removes a `plain` or `warn` notice, which belongs to the screen being left. */
const withoutRemark = (state: State): State =>
  ['plain', 'warn'].includes(state.notice?.tone ?? '') ? {...state, notice: undefined} : state;

/** Adds a view to a document that is still open. */
function withView(state: State, {document, view}: Extract<UserAction, {type: 'add-view'}>): State {
  const added = (screen: Screen): Screen =>
    screen.document === document
      ? {...screen, document: {...document, views: [...document.views, view]}}
      : screen;
  const [first, ...rest] = state.stack;
  return {...state, stack: [added(first), ...rest.map(added)]};
}

/** Shows the next view of a document, from its top. */
function nextView(state: State): State {
  const {document, view = 0, ...screen} = currentScreen(state);
  if (document === undefined) return state;
  const next = {...screen, document, view: (view + 1) % document.views.length};
  const [first, ...rest] = state.stack.slice(0, -1);
  const stack: State['stack'] = first === undefined ? [next] : [first, ...rest, next];
  return withTable({...state, stack}, 'document', tableStateAtTop);
}

/** Pushes a screen, or returns to it if it is already on the stack. */
function pushed(stack: State['stack'], screen: Screen): State['stack'] {
  const at = stack.findIndex(({name, subject}) => name === screen.name && subject === screen.subject);
  const [first, ...rest] = at < 0 ? stack : stack.slice(0, at);
  return first === undefined ? [screen] : [first, ...rest, screen];
}

function wentBack(state: State): State {
  const [first, ...rest] = state.stack.slice(0, -1);
  if (first === undefined) return state;
  const back: State = {...state, stack: [first, ...rest]};
  return isAboutShown(back) ? back : entered(back, currentScreen(back));
}

/** Whether the loaded details belong to the displayed session or record. */
function isAboutShown(state: State): boolean {
  const {name, subject} = currentScreen(state);
  if (name === 'session') return state.detail?.reference === subject;
  return name !== 'record' || state.records.shown?.uid === subject;
}

const itself: readonly ScreenName[] = ['session', 'record', 'entry', 'document'];

/** Resets the table and details when a single-object screen opens. */
function entered(state: State, screen: Screen): State {
  const {name, subject} = screen;
  const fresh = itself.includes(name) ? withTable(state, name, tableStateAtTop) : state;
  if (name === 'session' && subject !== undefined && state.detail?.reference !== subject)
    return {...fresh, detail: newDetail(subject, state)};
  if (name === 'record' && subject !== undefined && state.records.shown?.uid !== subject) {
    const shown = {
      uid: subject,
      record: undefined,
      fault: undefined,
      liveSessions: [],
      unknownGates: undefined,
    };
    return {...fresh, records: {...state.records, shown}};
  }
  return fresh;
}

/** Creates details from the list, shown until the gate answers. */
function newDetail(reference: string, {sessions, now}: State): SessionDetailState {
  const known = sessions.rows.find(({key}) => key === reference);
  return {
    reference,
    row: known?.row,
    session: known?.row.session,
    seenAt: known?.seenAt ?? now,
    gone: undefined,
    fault: undefined,
    record: undefined,
    recordFault: undefined,
    otherSessions: [],
    unknownGates: undefined,
    pane: 'live',
    waiting: [],
  };
}

function withTable(state: State, name: TableName, table: TableState): State {
  return {...state, tables: {...state.tables, [name]: table}};
}

/**
 * Returns the start of a cursor move: the cursor's row, or the first visible line of a document.
 */
const placeOf = (state: State): number =>
  currentScreen(state).name === 'document' ? firstDocumentLine(state) : currentTableWindow(state).index;

function movedTo(state: State, index: number): State {
  const {name} = currentScreen(state);
  const keys = tableRowKeys(state, name);
  const at = Math.max(0, Math.min(index, keys.length - 1));
  const {top} = currentTableWindow(state);
  const key = isTailTable(state) && at === keys.length - 1 ? undefined : keys[at]; // at the end, follow the tail
  return withTable(state, name, {key, index: at, top});
}

function marksAfter(state: State, action: 'mark' | 'mark-all' | 'unmark'): State['sessions']['marks'] {
  const {rows, marks} = state.sessions;
  if (action === 'unmark') return new Map();
  const there = rows.filter(({vanished}) => vanished === undefined);
  if (action === 'mark-all')
    return new Map([...marks, ...there.map((row) => [row.key, targetOfTableRow(row)] as const)]);
  const row = rows[currentTableWindow(state).index];
  if (row === undefined) return marks;
  const next = new Map(marks);
  if (!next.delete(row.key) && row.vanished === undefined) next.set(row.key, targetOfTableRow(row));
  return next;
}

function filtered(state: State, {name, filter}: Extract<UserAction, {type: 'filter'}>): State {
  if (state.filters[name].text === filter.text) return state;
  const sessions =
    name === 'sessions' ? {...state.sessions, isAllChosen: false, isAtEnd: false} : state.sessions;
  const lastFilters = filter.text === '' ? state.lastFilters : {...state.lastFilters, [name]: filter};
  // Rows of the previous filter are invalid.
  const records = name === 'records' ? {...state.records, rows: [], answer: undefined} : state.records;
  const trace =
    name === 'trace' && tracedSelector(filter) !== tracedSelector(state.filters.trace)
      ? withoutCalls(state.trace)
      : state.trace;
  return withTable(
    {...state, sessions, records, trace, filters: {...state.filters, [name]: filter}, lastFilters},
    name,
    tableStateAtTop,
  );
}

/** Applies saved orders and columns, unless the operator has already chosen others. */
function restored(state: State, {order, columns, sorts}: SavedViews): State {
  const {sessions} = state;
  return {
    ...state,
    sorts: {...sorts, ...state.sorts},
    sessions: {
      ...sessions,
      order:
        order === undefined || sessions.order.text !== defaultSessionOrder
          ? sessions.order
          : parseSessionOrder(order),
      columns: sessions.columns ?? columns,
    },
  };
}
