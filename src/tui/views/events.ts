import {clusterEventDetail, clusterEventTime, eventName} from '../../presentation/event-presenter.js';
import {timeOfDay} from '../../presentation/time.js';
import {activeWindow} from '../layout/layout.js';
import {wantedEvents} from '../model/selectors.js';
import type {ReceivedEvent, State} from '../model/state.js';
import type {ScreenColumn} from '../text/columns.js';
import {dim, type Line, line, type Pen} from '../text/line.js';
import type {Tone} from '../text/theme.js';
import {tableLines} from './rows.js';

/** Events as they are told, the newest last. */
export const eventColumns: readonly ScreenColumn<ReceivedEvent>[] = [
  {header: 'TIME', cell: ({told}) => timeOfDay(clusterEventTime(told)), rank: 2},
  {
    header: 'EVENT',
    cell: ({told}) => eventName(told),
    rank: 0,
    tone: ({told}) => toneOf(told.type, eventName(told)),
  },
  {
    header: 'UID',
    cell: ({told}) => (told.type === 'event' ? told.event.session.userId || '-' : '-'),
    rank: 1,
    most: 24,
    canCut: true,
  },
  {
    header: 'SESSION',
    cell: ({told}) => (told.type === 'event' ? told.event.session.sessionId : '-'),
    rank: 4,
  },
  {header: 'GATE', cell: ({told}) => told.node, rank: 5, most: 26, canCut: true},
  {header: 'DETAIL', cell: ({told}) => clusterEventDetail(told), rank: 3, canCut: true},
];

function toneOf(type: ReceivedEvent['told']['type'], name: string): Tone | undefined {
  if (type === 'gap') return 'bad';
  if (type === 'gate') return 'warn';
  if (name === 'connected') return 'good';
  return name === 'closed' ? 'dim' : 'accent';
}

/** A gap and the state of a gate are never taken for an event of a session. */
export const eventSign = ({told}: ReceivedEvent): string =>
  told.type === 'gap' ? '~' : told.type === 'gate' ? '!' : ' ';

export function eventsView(state: State, pen: Pen): readonly Line[] {
  const rows = wantedEvents(state);
  const window = activeWindow(state);
  const width = state.size.columns;
  const hasCursor = state.tables.events.key !== undefined;
  const lines = tableLines({columns: eventColumns, rows, window, width, sign: eventSign, hasCursor}, pen);
  return rows.length > 0 ? lines : [...lines, line(dim('  nothing has happened yet'))];
}
