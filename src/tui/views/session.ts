import {sessionScreenFields} from '../documents/session-screen-fields.js';
import {
  currentTableWindow,
  fieldColumnCount,
  frameLayout,
  sessionFieldCount,
  sessionLayout,
  tableHeight,
} from '../layout/screen-layout.js';
import {eventsForSession, type SettingRow, tableWindow} from '../model/derived-state.js';
import {sessionScreenRowKeys} from '../model/row-keys.js';
import {type NumberedEvent, type SessionDetailState, type State, tableStateAtTop} from '../model/state.js';
import {sortedSettings} from '../model/tables/sorted-rows.js';
import {
  type DrawStyle,
  dimSpan,
  fitToWidth,
  type Line,
  lineOf,
  safeSpanText,
  tonedSpan,
} from '../text/line.js';
import {sparkline} from '../text/sparkline.js';
import type {ScreenColumn} from '../text/table-columns.js';
import {eventColumns, eventSign} from './events.js';
import {tableLines} from './table-lines.js';

/** Draws one session: its fields, its settings beside those of its record, and its events. */
export function sessionView(state: State, style: DrawStyle): readonly Line[] {
  const {detail} = state;
  if (detail === undefined) return [];
  const parts = sessionLayout(state);
  return [
    ...fieldLines(detail, state, parts.fields, style),
    ...settingsPart(detail, state, parts.settings, style),
    ...eventsPart(detail, state, parts.events, style),
  ];
}

/** Draws the fields in as many columns as fit. */
function fieldLines(
  detail: SessionDetailState,
  state: State,
  rows: number,
  style: DrawStyle,
): readonly Line[] {
  const fields = sessionScreenFields(detail, state);
  const cursor = detail.pane === 'fields' ? currentTableWindow(state).index : -1;
  const across = Math.max(1, Math.ceil(sessionFieldCount / rows));
  const perRow = Math.min(across, fieldColumnCount(frameLayout(state)));
  const width = Math.floor((state.size.columns - 1) / perRow);
  return Array.from({length: rows}, (_, at) => {
    const some = Array.from({length: perRow}, (__, column) => fields[at * perRow + column]);
    return lineOf(
      ' ',
      ...some.flatMap((field) => {
        if (field === undefined) return [];
        const [name, value, tone] = field;
        const text =
          name === 'waiting' ? `${waitingHistory(detail, state, style, width - 10)}${value}` : value;
        const isCursor = fields.indexOf(field) === cursor;
        return [
          isCursor
            ? tonedSpan('cursor', fitToWidth(`>${name}`, 9, style))
            : dimSpan(fitToWidth(name, 9, style)),
          {text: fitToWidth(safeSpanText(text), width - 10, style), tone: isCursor ? 'cursor' : tone},
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
function waitingHistory(
  {waiting}: SessionDetailState,
  {now}: State,
  {ascii}: DrawStyle,
  width: number,
): string {
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

function settingsPart(
  detail: SessionDetailState,
  state: State,
  rows: number,
  style: DrawStyle,
): readonly Line[] {
  const all = sortedSettings(state);
  const hasKeys = detail.pane === 'live';
  const height = Math.max(1, rows - 1);
  const window = tableWindow(
    hasKeys ? state.tables.session : tableStateAtTop,
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
    style,
  );
  const filled = all.length === 0 ? [...lines, lineOf(dimSpan('  no settings (e sets one)'))] : lines;
  return padded(filled, rows);
}

/** Event columns without UID, which rarely changes; a `bound` event shows the new uid instead. */
const ownEventColumns = eventColumns
  .filter(({header}) => header !== 'UID')
  .map((column) => (column.header === 'DETAIL' ? {...column, cell: withUid(column.cell)} : column));

type EventCell = ScreenColumn<NumberedEvent>['cell'];

function withUid(cell: EventCell): EventCell {
  return (heard, now) => {
    const {clusterEvent} = heard;
    if (clusterEvent.type !== 'event' || clusterEvent.event.kind !== 'bound') return cell(heard, now);
    return [`uid ${clusterEvent.event.session.userId}`, cell(heard, now)].filter(Boolean).join(', ');
  };
}

function eventsPart(
  detail: SessionDetailState,
  state: State,
  rows: number,
  style: DrawStyle,
): readonly Line[] {
  const hasKeys = detail.pane === 'events';
  const all = eventsForSession(state, detail.reference, detail.session?.userId ?? '');
  const keys = hasKeys ? sessionScreenRowKeys(state) : all.map(({number}) => String(number));
  const height = hasKeys ? tableHeight(state, 'session') : Math.max(1, rows - 1);
  const window = tableWindow(hasKeys ? state.tables.session : tableStateAtTop, keys, height, true);
  const lines = tableLines(
    {
      columns: ownEventColumns,
      rows: all,
      window,
      width: state.size.columns,
      sign: eventSign,
      hasCursor: hasKeys,
    },
    style,
  );
  const title = lineOf(
    tonedSpan('head', `  EVENTS${hasKeys ? '' : ' (Tab)'} `),
    dimSpan('since the dashboard started'),
  );
  return padded(all.length === 0 ? [title, lineOf(dimSpan('  none yet'))] : lines, rows);
}

function padded(lines: readonly Line[], rows: number): readonly Line[] {
  return [...lines.slice(0, rows), ...Array.from({length: Math.max(0, rows - lines.length)}, () => lineOf())];
}
