import {clusterEventDetail, clusterEventName, clusterEventTime} from '../../presentation/event-presenter.js';
import {formatTimeOfDay} from '../../presentation/time-format.js';
import {currentTableWindow} from '../layout/screen-layout.js';
import type {NumberedEvent, State} from '../model/state.js';
import {sortedEvents} from '../model/tables/sorted-rows.js';
import {isTailTable} from '../model/tables/tail-tables.js';
import {type DrawStyle, dimSpan, type Line, lineOf} from '../text/line.js';
import type {ScreenColumn} from '../text/table-columns.js';
import type {TextTone} from '../text/theme.js';
import {tableLines} from './table-lines.js';

/** Width of DETAIL when other columns need the space. */
const detailColumns = 14;

/** Columns of the event table. The newest event is last. */
export const eventColumns: readonly ScreenColumn<NumberedEvent>[] = [
  {header: 'AT', cell: ({clusterEvent}) => formatTimeOfDay(clusterEventTime(clusterEvent)), priority: 2},
  {
    header: 'KIND',
    cell: ({clusterEvent}) => clusterEventName(clusterEvent),
    priority: 0,
    tone: ({clusterEvent}) => toneOf(clusterEvent.type, clusterEventName(clusterEvent)),
  },
  {
    header: 'UID',
    cell: ({clusterEvent}) =>
      clusterEvent.type === 'event' ? clusterEvent.event.session.userId || '-' : '-',
    priority: 1,
    maxWidth: 48,
    canTruncate: true,
  },
  {
    header: 'ID',
    cell: ({clusterEvent}) => (clusterEvent.type === 'event' ? clusterEvent.event.session.sessionId : '-'),
    priority: 4,
  },
  {header: 'GATE', cell: ({clusterEvent}) => clusterEvent.node, priority: 5, maxWidth: 48, canTruncate: true},
  {
    header: 'DETAIL',
    cell: ({clusterEvent}) => clusterEventDetail(clusterEvent),
    priority: 3,
    reserved: detailColumns,
    canTruncate: true,
  },
];

function toneOf(type: NumberedEvent['clusterEvent']['type'], name: string): TextTone | undefined {
  if (type === 'gap') return 'bad';
  if (type === 'gate') return 'warn';
  if (name === 'connected') return 'good';
  return name === 'closed' ? 'dim' : 'accent';
}

/** Returns the sign that distinguishes gaps and gate states from session events. */
export const eventSign = ({clusterEvent}: NumberedEvent): string =>
  clusterEvent.type === 'gap' ? '~' : clusterEvent.type === 'gate' ? '!' : ' ';

export function eventsView(state: State, style: DrawStyle): readonly Line[] {
  const rows = sortedEvents(state);
  const window = currentTableWindow(state);
  const width = state.size.columns;
  const hasCursor = !isTailTable(state) || state.tables.events.key !== undefined;
  const sort = state.sorts.events;
  const lines = tableLines(
    {columns: eventColumns, rows, window, width, sign: eventSign, hasCursor, sort},
    style,
  );
  return rows.length > 0 ? lines : [...lines, lineOf(dimSpan('  no events yet'))];
}
