import {clusterEventDetail, clusterEventTime, eventName} from '../../presentation/event-presenter.js';
import {timeOfDay} from '../../presentation/time.js';
import {activeWindow} from '../layout/layout.js';
import type {ReceivedEvent, State} from '../model/state.js';
import {isTail} from '../model/tables/following.js';
import {sortedEvents} from '../model/tables/table-rows.js';
import type {ScreenColumn} from '../text/columns.js';
import {dim, type Line, line, type Pen} from '../text/line.js';
import type {Tone} from '../text/theme.js';
import {tableLines} from './rows.js';

/** Columns of the event table. The newest event is last. */
export const eventColumns: readonly ScreenColumn<ReceivedEvent>[] = [
  {header: 'AT', cell: ({clusterEvent}) => timeOfDay(clusterEventTime(clusterEvent)), priority: 2},
  {
    header: 'KIND',
    cell: ({clusterEvent}) => eventName(clusterEvent),
    priority: 0,
    tone: ({clusterEvent}) => toneOf(clusterEvent.type, eventName(clusterEvent)),
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
    canTruncate: true,
  },
];

function toneOf(type: ReceivedEvent['clusterEvent']['type'], name: string): Tone | undefined {
  if (type === 'gap') return 'bad';
  if (type === 'gate') return 'warn';
  if (name === 'connected') return 'good';
  return name === 'closed' ? 'dim' : 'accent';
}

/** Returns the sign that distinguishes gaps and gate states from session events. */
export const eventSign = ({clusterEvent}: ReceivedEvent): string =>
  clusterEvent.type === 'gap' ? '~' : clusterEvent.type === 'gate' ? '!' : ' ';

export function eventsView(state: State, pen: Pen): readonly Line[] {
  const rows = sortedEvents(state);
  const window = activeWindow(state);
  const width = state.size.columns;
  const hasCursor = !isTail(state) || state.tables.events.key !== undefined;
  const sort = state.sorts.events;
  const lines = tableLines(
    {columns: eventColumns, rows, window, width, sign: eventSign, hasCursor, sort},
    pen,
  );
  return rows.length > 0 ? lines : [...lines, line(dim('  no events yet'))];
}
