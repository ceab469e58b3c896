import {documentView} from '../documents/document-view.js';
import {currentScreen, type State} from '../model/state.js';
import type {DrawStyle, Line} from '../text/line.js';
import {anomaliesView} from './cluster/anomalies.js';
import {doctorView} from './cluster/doctor.js';
import {overviewView} from './cluster/overview.js';
import {writesView} from './cluster/writes.js';
import {eventsView} from './events.js';
import {helpView} from './help.js';
import {journalEntryView, journalView} from './journal.js';
import {recordsView, recordView} from './records.js';
import {sessionView} from './session.js';
import {sessionsView} from './sessions.js';
import {traceView} from './trace.js';

/** Returns the lines of the current screen, without header and footer. */
export function bodyLines(state: State, style: DrawStyle): readonly Line[] {
  const {name} = currentScreen(state);
  switch (name) {
    case 'overview':
      return overviewView(state, style);
    case 'sessions':
      return sessionsView(state, style);
    case 'session':
      return sessionView(state, style);
    case 'events':
      return eventsView(state, style);
    case 'records':
      return recordsView(state, style);
    case 'record':
      return recordView(state, style);
    case 'journal':
      return journalView(state, style);
    case 'entry':
      return journalEntryView(state);
    case 'trace':
      return traceView(state, style);
    case 'anomalies':
      return anomaliesView(state, style);
    case 'doctor':
      return doctorView(state, style);
    case 'document':
      return documentView(state, style);
    case 'writes':
      return writesView(state, style);
    case 'help':
      return helpView(state, style);
    default:
      return name satisfies never;
  }
}
