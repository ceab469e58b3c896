import {documentLines} from '../documents/document-lines.js';
import {helpScreenRows} from '../keymap/help-screen-rows.js';
import {gatesWithProblems, tableWindow} from '../model/derived-state.js';
import {recordFieldRows} from '../model/record-field-rows.js';
import {maxRequestedRows} from '../model/reduce/sessions.js';
import {
  overviewRowKeys,
  recordsRowKeys,
  sessionFieldNames,
  sessionScreenRowKeys,
  sessionsRowKeys,
  traceRowKeys,
} from '../model/row-keys.js';
import {currentScreen, type State, type TableName} from '../model/state.js';
import {anomalyRowKeys, findingRowKeys} from '../model/tables/anomalies-and-findings.js';
import {writeRowKeys} from '../model/tables/dashboard-writes.js';
import {sortedEvents, sortedJournal} from '../model/tables/sorted-rows.js';
import {isTailTable} from '../model/tables/tail-tables.js';

/** Screen layout, in rows from the top. */
interface FrameLayout {
  readonly columns: number;
  readonly rows: number;
  /** Height of the banner, in rows. */
  readonly banner: number;
  readonly bodyTop: number;
  readonly body: number;
}

const headRows = 2;
const footRows = 2;

export function frameLayout(state: State): FrameLayout {
  const {columns, rows} = state.size;
  const most = rows >= 24 ? 3 : 1;
  const banner = Math.min(
    most,
    gatesWithProblems(state).length + (state.registryFault === undefined ? 0 : 1),
  );
  const bodyTop = headRows + banner;
  return {columns, rows, banner, bodyTop, body: Math.max(1, rows - bodyTop - footRows)};
}

/** Returns the keys of a table's rows, in display order. */
export function tableRowKeys(state: State, table: TableName): readonly string[] {
  switch (table) {
    case 'overview':
      return overviewRowKeys(state);
    case 'sessions':
      return sessionsRowKeys(state);
    case 'session':
      return sessionScreenRowKeys(state);
    case 'events':
      return sortedEvents(state).map(({number}) => String(number));
    case 'records':
      return recordsRowKeys(state);
    case 'record':
      return numbered(recordFieldRows(state).length);
    case 'journal':
      return sortedJournal(state).map(({id}) => id);
    case 'entry':
      return numbered(journalEntryLines(state).length);
    case 'trace':
      return traceRowKeys(state);
    case 'anomalies':
      return anomalyRowKeys(state);
    case 'doctor':
      return findingRowKeys(state);
    case 'document':
      return numbered(currentDocumentLines(state).length);
    case 'writes':
      return writeRowKeys(state);
    case 'help':
      return numbered(helpScreenRows(state).length);
    default:
      return table satisfies never;
  }
}

const numbered = (count: number): readonly string[] => Array.from({length: count}, (_, at) => String(at));

/** Returns the displayed journal entry as lines of indented JSON. */
export function journalEntryLines(state: State): readonly string[] {
  const {subject} = currentScreen(state);
  const entry = state.journal.rows.find(({id}) => id === subject)?.entry;
  return entry === undefined ? [] : JSON.stringify(entry, undefined, 2).split('\n');
}

/** Returns the lines of the displayed document. */
export function currentDocumentLines({stack, size}: State): readonly string[] {
  const {document, view = 0} = stack.at(-1) ?? stack[0];
  const shown = document?.views[view];
  return shown === undefined ? [] : documentLines(shown, size.columns - 2);
}

/**
 * Returns the index of the first visible line of the document, limited to the end. A search may
 * have set a higher one.
 */
export const firstDocumentLine = (state: State): number =>
  Math.max(
    0,
    Math.min(currentTableWindow(state).index, currentDocumentLines(state).length - documentHeight(state)),
  );

/** Returns the height of a document below its title, in rows. */
export const documentHeight = (state: State): number => Math.max(1, frameLayout(state).body - 1);

/** Height of each part of the session screen, in rows. */
interface SessionLayout {
  readonly fields: number;
  readonly settings: number;
  readonly events: number;
}

/** Number of fields above the settings. */
export const sessionFieldCount = sessionFieldNames.length;

/** Returns the number of field columns. A narrow screen gets two if it is too low for one. */
export function fieldColumnCount({columns, body}: FrameLayout): number {
  if (columns >= 150) return 3;
  if (columns >= 76) return 2;
  return columns >= 56 && sessionFieldCount > body / 2 ? 2 : 1;
}

export function sessionLayout(state: State): SessionLayout {
  const frame = frameLayout(state);
  const {body} = frame;
  const wanted = Math.ceil(sessionFieldCount / fieldColumnCount(frame));
  const isReadable = state.detail?.pane === 'fields';
  const fields = Math.min(wanted, Math.max(2, isReadable ? body - 4 : Math.floor(body / 2)));
  const rest = body - fields;
  const share = state.detail?.pane === 'events' ? 0.65 : 0.4;
  const events = Math.max(2, Math.floor(rest * share));
  return {fields, settings: Math.max(2, rest - events), events};
}

/** Number of rows below a table of checks, for the full text of the row under the cursor. */
export const rowDetailHeight = 4;

/** Returns how many rows a table can show. */
export function tableHeight(state: State, table: TableName): number {
  const {body} = frameLayout(state);
  switch (table) {
    case 'overview':
      return overviewLayout(state).rows;
    case 'document':
      return 1; // its rows are scroll positions
    case 'session': {
      if (state.detail?.pane === 'fields') return sessionFieldCount;
      const {settings, events} = sessionLayout(state);
      return Math.max(1, (state.detail?.pane === 'events' ? events : settings) - 1);
    }
    case 'sessions':
    case 'records':
    case 'events':
    case 'journal':
    case 'trace':
      return Math.max(1, body - 1);
    case 'anomalies':
    case 'doctor':
    case 'writes':
      return Math.max(1, body - 1 - rowDetailHeight);
    default:
      return body;
  }
}

/** Returns the heights of the gate table and of the panel below it. A low screen has no panel. */
export function overviewLayout(state: State): {
  readonly rows: number;
  readonly contexts: number;
  readonly panel: number;
} {
  const {body} = frameLayout(state);
  const least = body < 18 ? 3 : Math.max(9, Math.floor(body * 0.45));
  const rows = Math.max(1, Math.min(state.gates.size + 1, body - 1 - least));
  const wanted = state.contextTotals.length === 0 ? 0 : state.contextTotals.length + 3;
  const contexts = Math.min(wanted, Math.max(0, body - 1 - rows));
  return {rows, contexts, panel: Math.max(0, body - 1 - rows - contexts)};
}

/** Returns the visible part of the current screen's table. */
export function currentTableWindow(state: State) {
  const {name} = currentScreen(state);
  return tableWindow(
    state.tables[name],
    tableRowKeys(state, name),
    tableHeight(state, name),
    isTailTable(state),
  );
}

const step = 50;
/** Maximum number of rows read from a gate that can't filter or sort. */
export const maxSampledRows = 2000;

/** Returns how many sessions to request: a screenful and a margin for scrolling. */
export function sessionsToRequest(state: State): number {
  const height = Math.max(1, state.size.rows - headRows - footRows);
  const keys = tableRowKeys(state, 'sessions');
  const {index} = tableWindow(state.tables.sessions, keys, height);
  const far = state.sessions.isAtEnd ? keys.length - 1 - index : index;
  const wanted = Math.max(far, 0) + 2 * height;
  return Math.min(maxRequestedRows, Math.ceil(wanted / step) * step);
}

/** Screen rows that can be clicked. */
interface ClickableRows {
  readonly top: number;
  readonly height: number;
  /** Index of the top row. */
  readonly first: number;
  readonly count: number;
  readonly cursor: number;
}

export function clickableRows(state: State): ClickableRows | undefined {
  const {name} = currentScreen(state);
  const {bodyTop} = frameLayout(state);
  const {top: first, height, index: cursor} = currentTableWindow(state);
  const count = tableRowKeys(state, name).length;
  switch (name) {
    case 'overview':
    case 'sessions':
    case 'events':
    case 'records':
    case 'journal':
    case 'trace':
    case 'anomalies':
    case 'doctor':
    case 'writes':
      return {top: bodyTop + 1, height, first, count, cursor};
    case 'session': {
      const {fields, settings} = sessionLayout(state);
      if (state.detail?.pane === 'fields') return undefined;
      const above = fields + (state.detail?.pane === 'events' ? settings : 0);
      return {top: bodyTop + above + 1, height, first, count, cursor};
    }
    default:
      return undefined;
  }
}
