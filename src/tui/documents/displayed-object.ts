import {clusterEventDetail, clusterEventName, eventPresenter} from '../../presentation/event-presenter.js';
import {recordPresenter} from '../../presentation/record-presenter.js';
import {sessionFields} from '../../presentation/session-fields.js';
import {isoTime, timeCellFormatter} from '../../presentation/time-format.js';
import {tracePresenter, traceSummaryPresenter} from '../../presentation/trace-presenter.js';
import {currentTableWindow} from '../layout/screen-layout.js';
import {cursorGateId, cursorRecord, cursorRow, splitTargetReference} from '../model/action-targets.js';
import {eventsForSession, gateStatus} from '../model/derived-state.js';
import type {DashboardWrite} from '../model/dialog-types.js';
import type {GateState} from '../model/gate-metrics.js';
import {type NumberedEvent, type State, screenBelowDocument} from '../model/state.js';
import {cursorAnomaly, cursorFinding} from '../model/tables/anomalies-and-findings.js';
import {cursorWrite, writeStateText} from '../model/tables/dashboard-writes.js';
import {sortedEvents, sortedJournal} from '../model/tables/sorted-rows.js';
import {sortedCalls, sortedFunctions} from '../model/tables/traced-calls.js';

/** A complete object, in the form of a command's machine-readable output. */
interface WholeObject {
  readonly title: string;
  readonly value: unknown;
}

const time = timeCellFormatter('csv', 0); // timestamps

/** Returns the object displayed on the screen, or the row under its cursor. */
export function displayedObject(state: State): WholeObject | undefined {
  const {index} = currentTableWindow(state);
  switch (screenBelowDocument(state).name) {
    case 'overview': {
      const gate = state.gates.get(cursorGateId(state) ?? '');
      if (gate === undefined)
        return {title: 'all gates', value: [...state.gates.values()].map((one) => gateAsObject(one, state))};
      return {title: `gate ${gate.id}`, value: gateAsObject(gate, state)};
    }
    case 'sessions':
      return listedSession(state);
    case 'session':
      return shownSession(state);
    case 'events':
      return eventObject(sortedEvents(state)[index]);
    case 'records': {
      const record = cursorRecord(state);
      return record && {title: `record of ${record.uid}`, value: recordPresenter.record(record)};
    }
    case 'record': {
      const record = state.records.shown?.record;
      return record && {title: `record of ${record.uid}`, value: recordPresenter.record(record)};
    }
    case 'journal': {
      const row = sortedJournal(state)[index];
      return row && {title: `journal entry ${row.id}`, value: row.entry};
    }
    case 'entry': {
      const {subject} = screenBelowDocument(state);
      const row = state.journal.rows.find(({id}) => id === subject);
      return row && {title: `journal entry ${row.id}`, value: row.entry};
    }
    case 'anomalies': {
      const anomaly = cursorAnomaly(state);
      return anomaly && {title: `${anomaly.check} of ${anomaly.subject}`, value: anomaly};
    }
    case 'doctor': {
      const finding = cursorFinding(state);
      return finding && {title: `${finding.check} of ${finding.subject}`, value: finding};
    }
    case 'writes':
      return writeObject(cursorWrite(state));
    case 'trace':
      return tracedObject(state, index);
    default:
      return undefined;
  }
}

/** Returns a write with the outcome of each session. */
function writeObject(write: DashboardWrite | undefined): WholeObject | undefined {
  if (write === undefined) return undefined;
  const {title, command, startedAt, progress, result} = write;
  const {lines = [], outcomes = []} = result ?? {};
  const sessions = outcomes.map(({node, id, uid, state, detail}) => ({
    ...{session: `${node}/${id}`, uid, state, detail: detail ?? null},
  }));
  const at = isoTime(startedAt);
  return {
    title,
    value: {
      title,
      state: writeStateText(write),
      at,
      command,
      progress: progress ?? null,
      result: lines,
      sessions,
    },
  };
}

function listedSession(state: State): WholeObject | undefined {
  const shown = cursorRow(state);
  if (shown === undefined) return undefined;
  const {node: gate, session} = shown.row;
  return {
    title: `session ${shown.key}`,
    value: sessionFields({gate, session, row: shown.row, time}).record,
  };
}

/** Returns the session with the user's record if it is known, or the event under the cursor. */
function shownSession(state: State): WholeObject | undefined {
  const {detail} = state;
  if (detail?.session === undefined) return undefined;
  const {reference, session, row, record} = detail;
  if (detail.pane === 'events') {
    const events = eventsForSession(state, reference, session.userId);
    return eventObject(events[currentTableWindow(state).index]);
  }
  const {node: gate} = splitTargetReference(reference);
  return {title: `session ${reference}`, value: sessionFields({gate, session, row, time, record}).record};
}

function eventObject(received: NumberedEvent | undefined): WholeObject | undefined {
  if (received === undefined) return undefined;
  const {clusterEvent} = received;
  const presenter = eventPresenter((at) => isoTime(at) ?? '-');
  const value = {...Object(presenter.record(clusterEvent)), detail: clusterEventDetail(clusterEvent)};
  return {title: `event ${clusterEventName(clusterEvent)} on ${clusterEvent.node}`, value};
}

function tracedObject(state: State, index: number): WholeObject | undefined {
  const {trace} = state;
  if (trace.view === 'functions') {
    const {summary} = trace;
    const row = sortedFunctions(state)[index];
    const presenter = traceSummaryPresenter(summary === undefined ? 0 : summary.to - summary.from);
    return row && {title: `function ${row.fn}`, value: presenter.record(row)};
  }
  const call = sortedCalls(state)[index]?.traceEvent;
  if (call === undefined) return undefined;
  const value = tracePresenter((at) => isoTime(at) ?? '-').record(call);
  if (call.type !== 'call') return {title: call.type, value};
  const {fn, body} = call.call;
  return {title: `call ${fn}`, value: body === undefined ? {...Object(value), body: noBody} : value};
}

/** Arguments may contain personal data, so they are captured on request only. */
const noBody =
  'not captured: B on the trace captures arguments and replies of later calls, with secrets masked';

/** Returns all known data of a gate, for machine-readable output. */
export function gateAsObject(gate: GateState, state: State) {
  const {id, node, failure, missing, gap, info, samples} = gate;
  const {word, why} = gateStatus(gate, state);
  return {
    ...{id, status: word, why, failure: failure ?? null, missing: missing ?? null, gap: gap ?? null},
    ...{node: node ?? null, info: info ?? null, statistics: samples.at(-1) ?? null},
  };
}
