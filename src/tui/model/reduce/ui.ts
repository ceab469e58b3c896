import {parseOrder} from '../../../selector/order.js';
import {activeWindow, documentTop, tableRowKeys} from '../../layout/layout.js';
import type {UserAction} from '../action.js';
import {usualOrder} from '../initial-state.js';
import {
  currentScreen,
  type DetailState,
  type Screen,
  type ScreenName,
  type State,
  type TableName,
  type TableState,
  tableAtEnd,
  tableAtTop,
} from '../state.js';
import {isTail} from '../tables/following.js';
import type {KeptViews} from '../tables/kept-views.js';
import {withWrite} from '../tables/writes.js';
import {rowTarget} from '../targets.js';
import {reduceDetail} from './detail.js';
import {withNotice} from './messages.js';

/** Applies an action of the operator. */
export function reduceUserAction(
  state: State,
  deed: Exclude<UserAction, {type: 'trace-view' | 'trace-own'}>,
): State {
  switch (deed.type) {
    case 'move':
      return movedTo(state, placeOf(state) + deed.by);
    case 'move-to':
      return movedTo(state, deed.end === 'start' ? 0 : Number.MAX_SAFE_INTEGER);
    case 'point':
      return movedTo(state, deed.index);
    case 'go':
    case 'open':
    case 'back':
    case 'pane':
      return reduceWay(state, deed);
    case 'mark':
    case 'mark-all':
    case 'unmark':
      return {...state, sessions: {...state.sessions, marks: marked(state, deed.type), isAllChosen: false}};
    case 'choose-all':
      return {...state, sessions: {...state.sessions, marks: new Map(), isAllChosen: true}};
    case 'filter':
      return filtered(state, deed);
    case 'add-view':
      return withView(state, deed);
    case 'find':
      return {...state, find: deed.text};
    case 'contexts':
      return {...state, contexts: deed.contexts};
    case 'kept-filters':
      return {...state, keptFilters: deed.kept};
    case 'order':
      return withTable(
        {...state, sessions: {...state.sessions, order: deed.order, isAtEnd: false}},
        'sessions',
        tableAtTop,
      );
    case 'sessions-end':
      return withTable(
        {...state, sessions: {...state.sessions, isAtEnd: deed.isAtEnd}},
        'sessions',
        deed.isAtEnd ? tableAtEnd : tableAtTop,
      );
    case 'sort':
      return withTable(
        {...state, sorts: {...state.sorts, [deed.table]: deed.choice}},
        deed.table,
        tableAtTop,
      );
    case 'restored':
      return restored(state, deed.views);
    case 'columns':
      return {...state, sessions: {...state.sessions, columns: deed.columns}};
    case 'kinds':
      return withTable({...state, events: {...state.events, kinds: deed.kinds}}, 'events', tableAtTop);
    case 'refresh':
      return {...state, generation: state.generation + 1, refreshes: state.refreshes + 1};
    case 'theme':
      return {...state, theme: deed.theme};
    case 'prompt':
      return {...state, prompt: deed.prompt};
    case 'dialog':
      return {...state, dialog: deed.dialog, notice: undefined};
    case 'sent-messages':
      return {...state, sentMessages: deed.messages};
    case 'write':
      return {...state, writes: withWrite(state.writes, deed.write)};
    case 'changed':
      return {...state, lastChange: deed.change};
    case 'notice':
      return withNotice(state, deed.notice);
    case 'print-later':
      return {...state, toPrint: [...state.toPrint.filter((one) => one !== deed.command), deed.command]};
    default:
      return deed satisfies never;
  }
}

function reduceWay(before: State, deed: Extract<UserAction, {type: 'go' | 'open' | 'back' | 'pane'}>): State {
  const state = withoutRemark(before);
  switch (deed.type) {
    case 'go':
      return entered({...state, stack: [deed.screen]}, deed.screen);
    case 'open':
      return entered({...state, stack: pushed(state.stack, deed.screen)}, deed.screen);
    case 'back':
      return wentBack(state);
    case 'pane':
      return currentScreen(state).name === 'document' ? nextView(state) : reduceDetail(state, deed);
    default:
      return deed satisfies never;
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
  return withTable({...state, stack}, 'document', tableAtTop);
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
  const fresh = itself.includes(name) ? withTable(state, name, tableAtTop) : state;
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
function newDetail(reference: string, {sessions, now}: State): DetailState {
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
  currentScreen(state).name === 'document' ? documentTop(state) : activeWindow(state).index;

function movedTo(state: State, index: number): State {
  const {name} = currentScreen(state);
  const keys = tableRowKeys(state, name);
  const at = Math.max(0, Math.min(index, keys.length - 1));
  const {top} = activeWindow(state);
  const key = isTail(state) && at === keys.length - 1 ? undefined : keys[at]; // at the end, follow the tail
  return withTable(state, name, {key, index: at, top});
}

function marked(state: State, deed: 'mark' | 'mark-all' | 'unmark'): State['sessions']['marks'] {
  const {rows, marks} = state.sessions;
  if (deed === 'unmark') return new Map();
  const there = rows.filter(({vanished}) => vanished === undefined);
  if (deed === 'mark-all')
    return new Map([...marks, ...there.map((row) => [row.key, rowTarget(row)] as const)]);
  const row = rows[activeWindow(state).index];
  if (row === undefined) return marks;
  const next = new Map(marks);
  if (!next.delete(row.key) && row.vanished === undefined) next.set(row.key, rowTarget(row));
  return next;
}

function filtered(state: State, {name, filter}: Extract<UserAction, {type: 'filter'}>): State {
  if (state.filters[name].text === filter.text) return state;
  const sessions =
    name === 'sessions' ? {...state.sessions, isAllChosen: false, isAtEnd: false} : state.sessions;
  const lastFilters = filter.text === '' ? state.lastFilters : {...state.lastFilters, [name]: filter};
  // Rows of the previous filter are invalid.
  const records = name === 'records' ? {...state.records, rows: [], answer: undefined} : state.records;
  return withTable(
    {...state, sessions, records, filters: {...state.filters, [name]: filter}, lastFilters},
    name,
    tableAtTop,
  );
}

/** Applies saved orders and columns, unless the operator has already chosen others. */
function restored(state: State, {order, columns, sorts}: KeptViews): State {
  const {sessions} = state;
  return {
    ...state,
    sorts: {...sorts, ...state.sorts},
    sessions: {
      ...sessions,
      order: order === undefined || sessions.order.text !== usualOrder ? sessions.order : parseOrder(order),
      columns: sessions.columns ?? columns,
    },
  };
}
