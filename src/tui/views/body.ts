import {currentScreen, type State} from '../model/state.js';
import {documentView} from '../read/document-view.js';
import type {Line, Pen} from '../text/line.js';
import {anomaliesView} from './cluster/anomalies.js';
import {doctorView} from './cluster/doctor.js';
import {overviewView} from './cluster/overview.js';
import {writesView} from './cluster/writes.js';
import {eventsView} from './events.js';
import {helpView} from './help.js';
import {entryView, journalView} from './journal.js';
import {recordsView, recordView} from './records.js';
import {sessionView} from './session.js';
import {sessionsView} from './sessions.js';
import {traceView} from './trace.js';

/** Returns the lines of the current screen, without header and footer. */
export function bodyLines(state: State, pen: Pen): readonly Line[] {
  const {name} = currentScreen(state);
  switch (name) {
    case 'overview':
      return overviewView(state, pen);
    case 'sessions':
      return sessionsView(state, pen);
    case 'session':
      return sessionView(state, pen);
    case 'events':
      return eventsView(state, pen);
    case 'records':
      return recordsView(state, pen);
    case 'record':
      return recordView(state, pen);
    case 'journal':
      return journalView(state, pen);
    case 'entry':
      return entryView(state);
    case 'trace':
      return traceView(state, pen);
    case 'anomalies':
      return anomaliesView(state, pen);
    case 'doctor':
      return doctorView(state, pen);
    case 'document':
      return documentView(state, pen);
    case 'writes':
      return writesView(state, pen);
    case 'help':
      return helpView(state, pen);
    default:
      return name satisfies never;
  }
}
