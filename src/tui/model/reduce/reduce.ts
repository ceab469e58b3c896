import type {Action, FeedAction} from '../action.js';
import type {NumberedEvent, State} from '../state.js';
import {dropDepartedGates, reduceGates} from './gates.js';
import {withNotableEvents} from './notable-events.js';
import {reduceSessionDetail} from './session-detail.js';
import {dropClosedSessionRows, keepCursorOnRow, reduceSessions} from './sessions.js';
import {tapRate} from './tap-rate.js';
import {reduceTrace} from './trace.js';
import {reduceUserAction} from './user-actions.js';
import {withNotice} from './with-notice.js';

/** Maximum number of events kept in memory. */
export const maxKeptEvents = 2000;
/** How long a notice is shown, in milliseconds. */
const noticeMs = 6000;

/** Returns the next state. This is a pure function. */
export function reduce(state: State, action: Action): State {
  return withNotableEvents(state, next(state, action), action);
}

function next(state: State, action: Action): State {
  switch (action.type) {
    case 'tick':
      return ticked(state, action);
    case 'context-totals':
      return {
        ...state,
        contextTotals: state.contextTotals.map((one) =>
          one.name === action.totals.name ? action.totals : one,
        ),
      };
    case 'resize':
      return {...state, size: action.size};
    case 'link':
      return linked(state, action);
    case 'gates':
      return reduceSessions(reduceGates(state, action), action);
    case 'no-gates':
    case 'stats':
    case 'pings':
    case 'infos':
      return reduceGates(state, action);
    case 'sessions':
    case 'counted':
    case 'connections':
      return reduceSessions(state, action);
    case 'heard':
      return heard(state, action);
    case 'detail':
      return reduceSessionDetail(state, action);
    case 'same-user':
      return withSameUser(state, action);
    case 'traced':
    case 'trace-refused':
    case 'trace-view':
    case 'trace-own':
    case 'trace-bodies':
      return reduceTrace(state, action);
    case 'records':
    case 'record':
    case 'journal':
    case 'anomalies':
    case 'findings':
    case 'failed':
      return reduceAnswers(state, action);
    default:
      return reduceUserAction(state, action);
  }
}

function ticked(state: State, {now, tap}: Extract<Action, {type: 'tick'}>): State {
  const {notice} = state;
  return keepCursorOnRow({
    ...state,
    now,
    tap: tap && tapRate(state.tap, tap, now),
    gates: dropDepartedGates(state.gates, now),
    sessions: dropClosedSessionRows(state.sessions, now),
    notice: notice !== undefined && now - notice.at > noticeMs ? undefined : notice,
  });
}

/** After a reconnect, marks a gap on every gate and reruns all queries. */
function linked(state: State, {state: link, at}: Extract<FeedAction, {type: 'link'}>): State {
  if (link === 'lost') return {...state, link: {state: 'lost', since: at}};
  if (link === 'refused') return {...state, link: {...state.link, isRefused: true}};
  const gates = new Map(
    [...state.gates].map(([id, gate]) => [id, {...gate, gap: {at, why: 'bus connection was lost'}}]),
  );
  return {...state, link: {state: 'live', since: at}, gates, generation: state.generation + 1};
}

function heard(state: State, news: Extract<FeedAction, {type: 'heard'}>): State {
  const {events} = state;
  const added = news.events.map(
    (clusterEvent, at): NumberedEvent => ({number: events.nextNumber + at, clusterEvent}),
  );
  const kept = [...events.received, ...added].slice(-maxKeptEvents);
  const next = {...state, events: {...events, received: kept, nextNumber: events.nextNumber + added.length}};
  return reduceSessionDetail(reduceSessions(reduceGates(next, news), news), news);
}

/** Stores the sessions of the same user, for the session or record on the screen. */
function withSameUser(state: State, {uid, rows, unknown}: Extract<FeedAction, {type: 'same-user'}>): State {
  const {detail, records} = state;
  const {shown} = records;
  const references = rows.map(({node, session}) => `${node}/${session.sessionId}`);
  const isShown = detail?.session?.userId === uid;
  const otherSessions = references.filter((reference) => reference !== detail?.reference);
  return {
    ...state,
    detail: isShown ? {...detail, otherSessions, unknownGates: unknown} : detail,
    records:
      shown?.uid === uid
        ? {...records, shown: {...shown, liveSessions: rows, unknownGates: unknown}}
        : records,
  };
}

function reduceAnswers(
  state: State,
  news: Extract<FeedAction, {type: 'records' | 'record' | 'journal' | 'anomalies' | 'findings' | 'failed'}>,
): State {
  switch (news.type) {
    case 'records': {
      const {rows, outcomes, looked: examined, isWhole: isComplete, at} = news;
      const answer = {at, outcomes, sampled: []};
      return {...state, records: {...state.records, rows, examined, isComplete, answer, fault: undefined}};
    }
    case 'record': {
      const {uid, record, fault} = news;
      const {shown} = state.records;
      if (shown?.uid !== uid) return state;
      return {...state, records: {...state.records, shown: {...shown, record, fault}}};
    }
    case 'journal':
      return {...state, journal: {rows: news.rows, fault: undefined}};
    case 'anomalies':
      return {...state, anomalies: {report: news.report, at: news.at, fault: undefined}};
    case 'findings':
      return {...state, doctor: {findings: news.findings, at: news.at, fault: undefined}};
    case 'failed':
      return failed(state, news);
    default:
      return news satisfies never;
  }
}

function failed(state: State, {what, message, at}: Extract<FeedAction, {type: 'failed'}>): State {
  switch (what) {
    case 'records':
      return {...state, records: {...state.records, fault: message}};
    case 'journal':
      return {...state, journal: {...state.journal, fault: message}};
    case 'doctor':
      return {...state, doctor: {...state.doctor, fault: message}};
    case 'anomalies':
      return {...state, anomalies: {...state.anomalies, fault: message, at}};
    default:
      return withNotice(state, {text: message, tone: 'bad', at});
  }
}
