import {
  activeWindow,
  fieldColumns,
  frameLayout,
  sessionFieldCount,
  sessionLayout,
  tableHeight,
} from '../layout/layout.js';
import {sessionKeys} from '../model/row-keys.js';
import {eventsForSession, type SettingRow, tableWindow} from '../model/selectors.js';
import {type DetailState, type ReceivedEvent, type State, tableAtTop} from '../model/state.js';
import {sortedSettings} from '../model/tables/table-rows.js';
import {sessionScreenFields} from '../read/session-fields.js';
import type {ScreenColumn} from '../text/columns.js';
import {dim, fitToWidth, type Line, line, type Pen, safeSpanText, withTone} from '../text/line.js';
import {sparkline} from '../text/sparkline.js';
import {eventColumns, eventSign} from './events.js';
import {tableLines} from './rows.js';

/** Draws one session: its fields, its settings beside those of its record, and its events. */
export function sessionView(state: State, pen: Pen): readonly Line[] {
  const {detail} = state;
  if (detail === undefined) return [];
  const parts = sessionLayout(state);
  return [
    ...fieldLines(detail, state, parts.fields, pen),
    ...settingsPart(detail, state, parts.settings, pen),
    ...eventsPart(detail, state, parts.events, pen),
  ];
}

/** Draws the fields in as many columns as fit. */
function fieldLines(detail: DetailState, state: State, rows: number, pen: Pen): readonly Line[] {
  const fields = sessionScreenFields(detail, state);
  const cursor = detail.pane === 'fields' ? activeWindow(state).index : -1;
  const across = Math.max(1, Math.ceil(sessionFieldCount / rows));
  const perRow = Math.min(across, fieldColumns(frameLayout(state)));
  const width = Math.floor((state.size.columns - 1) / perRow);
  return Array.from({length: rows}, (_, at) => {
    const some = Array.from({length: perRow}, (__, column) => fields[at * perRow + column]);
    return line(
      ' ',
      ...some.flatMap((field) => {
        if (field === undefined) return [];
        const [name, value, tone] = field;
        const text = name === 'waiting' ? `${waitingHistory(detail, state, pen, width - 10)}${value}` : value;
        const isCursor = fields.indexOf(field) === cursor;
        return [
          isCursor ? withTone('cursor', fitToWidth(`>${name}`, 9, pen)) : dim(fitToWidth(name, 9, pen)),
          {text: fitToWidth(safeSpanText(text), width - 10, pen), tone: isCursor ? 'cursor' : tone},
          {text: ' '},
        ];
      }),
    );
  });
}

const historyColumns = 8;
/** Width reserved for the queue's size and age. */
const queueColumns = 20;
const historyMs = 120_000;
/** Minimum time span of the sparkline: two seconds per bar. */
const leastHistoryMs = 16_000;

/** Draws a sparkline of the queued bytes; empty if none were queued. */
function waitingHistory({waiting}: DetailState, {now}: State, {ascii}: Pen, width: number): string {
  const columns = Math.min(historyColumns, width - queueColumns);
  const most = Math.max(0, ...waiting.map(({value}) => value));
  if (most === 0 || columns < 1) return '';
  const begun = Math.min(waiting[0]?.at ?? now, now - leastHistoryMs);
  const from = Math.max(now - historyMs, begun);
  return `${sparkline(waiting, columns, {from, to: now, most}, ascii)} `;
}

const settingColumns: readonly ScreenColumn<SettingRow>[] = [
  {header: 'SETTING', cell: ({name}) => name, priority: 0, maxWidth: 30, canTruncate: true},
  {header: 'LIVE', cell: ({live}) => live ?? '(none)', priority: 1, maxWidth: 60, canTruncate: true},
  {
    header: 'RECORD',
    cell: ({record}) => record ?? '(none)',
    priority: 2,
    maxWidth: 60,
    canTruncate: true,
    tone: ({differs}) => (differs ? 'warn' : 'dim'),
  },
];

function settingsPart(detail: DetailState, state: State, rows: number, pen: Pen): readonly Line[] {
  const all = sortedSettings(state);
  const hasKeys = detail.pane === 'live';
  const height = Math.max(1, rows - 1);
  const window = tableWindow(
    hasKeys ? state.tables.session : tableAtTop,
    all.map(({name}) => name),
    height,
  );
  const columns = detail.record === undefined ? settingColumns.slice(0, 2) : settingColumns;
  const sign = ({differs}: SettingRow): string => (differs ? '!' : ' ');
  const lines = tableLines(
    {
      columns,
      rows: all,
      window,
      width: state.size.columns,
      sign,
      hasCursor: hasKeys,
      sort: state.sorts.session,
    },
    pen,
  );
  const filled = all.length === 0 ? [...lines, line(dim('  no settings (e sets one)'))] : lines;
  return padded(filled, rows);
}

/** Event columns without UID, which rarely changes; a `bound` event shows the new uid instead. */
const ownEventColumns = eventColumns
  .filter(({header}) => header !== 'UID')
  .map((column) => (column.header === 'DETAIL' ? {...column, cell: withUid(column.cell)} : column));

function withUid(cell: (heard: ReceivedEvent) => string): (heard: ReceivedEvent) => string {
  return (heard) => {
    const {clusterEvent} = heard;
    if (clusterEvent.type !== 'event' || clusterEvent.event.kind !== 'bound') return cell(heard);
    return [`uid ${clusterEvent.event.session.userId}`, cell(heard)].filter(Boolean).join(', ');
  };
}

function eventsPart(detail: DetailState, state: State, rows: number, pen: Pen): readonly Line[] {
  const hasKeys = detail.pane === 'events';
  const all = eventsForSession(state, detail.reference, detail.session?.userId ?? '');
  const keys = hasKeys ? sessionKeys(state) : all.map(({number}) => String(number));
  const height = hasKeys ? tableHeight(state, 'session') : Math.max(1, rows - 1);
  const window = tableWindow(hasKeys ? state.tables.session : tableAtTop, keys, height, true);
  const lines = tableLines(
    {
      columns: ownEventColumns,
      rows: all,
      window,
      width: state.size.columns,
      sign: eventSign,
      hasCursor: hasKeys,
    },
    pen,
  );
  const title = line(
    withTone('head', `  EVENTS${hasKeys ? '' : ' (Tab)'} `),
    dim('since the dashboard started'),
  );
  return padded(all.length === 0 ? [title, line(dim('  none yet'))] : lines, rows);
}

function padded(lines: readonly Line[], rows: number): readonly Line[] {
  return [...lines.slice(0, rows), ...Array.from({length: Math.max(0, rows - lines.length)}, () => line())];
}
