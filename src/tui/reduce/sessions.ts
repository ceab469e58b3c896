import type {ClusterEvent, LocatedRow} from '../../cluster/cluster.js';
import type {Subject} from '../../selector/fields.js';
import type {SessionEvent} from '../../session/event.js';
import type {News} from '../action.js';
import {type SessionsState, type ShownRow, type State, tableAtTop} from '../state.js';

/** How long a row that is gone is shown. */
const fadeMs = 5000;

/** The name of a row, as a command takes it. */
const keyOf = ({node, session}: LocatedRow): string => `${node}/${session.sessionId}`;

export function reduceSessions(state: State, news: News): State {
  return anchored(withNews(state, news));
}

/** The cursor stays with its row; when that has gone for good, with the one that took its place. */
export function anchored(state: State): State {
  const {rows} = state.sessions;
  const table = state.tables.sessions;
  const found = rows.findIndex(({key}) => key === table.key);
  const at = found >= 0 ? found : Math.max(0, Math.min(table.at, rows.length - 1));
  const key = rows[at]?.key;
  if (key === table.key && at === table.at) return state;
  return {...state, tables: {...state.tables, sessions: {...table, key, at}}};
}

function withNews(state: State, news: News): State {
  const {sessions} = state;
  switch (news.type) {
    case 'sessions':
      return answered(state, news);
    case 'counted':
      return {...state, sessions: {...sessions, total: news.total, countedFor: news.question}};
    case 'heard':
      return {...state, sessions: patched(state, news.events, news.at)};
    default:
      return state;
  }
}

/** The cursor stays with its row, but begins at the top of what answers another question. */
function answered(state: State, news: Extract<News, {type: 'sessions'}>): State {
  const {sessions, tables} = state;
  const next = {...state, sessions: answeredWith(sessions, news)};
  return sessions.asked === news.question ? next : {...next, tables: {...tables, sessions: tableAtTop}};
}

/** Drops rows that have faded. */
export function withoutFaded(sessions: SessionsState, now: number): SessionsState {
  const isOver = ({vanished}: ShownRow) => vanished !== undefined && now - vanished.at > fadeMs;
  return sessions.rows.some(isOver)
    ? {...sessions, rows: sessions.rows.filter((row) => !isOver(row))}
    : sessions;
}

/**
 * What a selector and an order are asked about, at `now` of this machine: by the clock of the gate, which is what its
 * times are of.
 */
export function subjectOf({row, seenAt}: ShownRow, now: number): Subject {
  return {row, node: row.node, now: (row.observedAt ?? seenAt) + (now - seenAt)};
}

/** A new answer to the same question: rows that are missing in it fade, in the place where they were. */
function answeredWith(sessions: SessionsState, news: Extract<News, {type: 'sessions'}>): SessionsState {
  const {rows, outcomes, sampled, question, limit, at} = news;
  const closed = new Map(
    sessions.rows.filter(({vanished}) => vanished?.isClosed).map(({key, vanished}) => [key, vanished]),
  );
  const fresh = rows.map((row): ShownRow => {
    const key = keyOf(row);
    return {key, row, seenAt: at, vanished: closed.get(key)};
  });
  const isSame = sessions.asked === question;
  const silent = new Set(outcomes.filter(({status}) => status === 'failed').map(({node}) => node));
  const isWhole = rows.length < limit;
  const next = isSame ? withMissing(sessions.rows, fresh, {silent, isWhole, at}) : fresh;
  const total = sessions.countedFor === question ? sessions.total : undefined;
  return {...sessions, rows: next, asked: question, total, answer: {at, outcomes, sampled}};
}

interface Missing {
  readonly silent: ReadonlySet<string>;
  /** The answer holds all there are; else what is missing may stand below its end. */
  readonly isWhole: boolean;
  readonly at: number;
}

/** Rows of a gate that did not answer stay as they were: nobody knows. */
function withMissing(
  before: readonly ShownRow[],
  fresh: readonly ShownRow[],
  {silent, isWhole, at}: Missing,
): readonly ShownRow[] {
  const there = new Set(fresh.map(({key}) => key));
  const next = [...fresh];
  for (const [index, old] of before.entries()) {
    if (there.has(old.key)) continue;
    if (old.vanished !== undefined && at - old.vanished.at > fadeMs) continue;
    const isFading = old.vanished !== undefined;
    if (!isFading && !silent.has(old.row.node) && !isWhole) continue; // it may be there still, further down
    const kept =
      silent.has(old.row.node) || isFading
        ? old
        : {...old, vanished: {at, why: 'not listed any more', isClosed: false}};
    next.splice(Math.min(index, next.length), 0, kept);
  }
  return next;
}

/** Between two answers: what events say of the rows that are shown, and rows that belong among them. */
function patched(state: State, events: readonly ClusterEvent[], at: number): SessionsState {
  const {sessions} = state;
  if (sessions.answer === undefined) return sessions;
  const index = new Map(sessions.rows.map(({key}, place) => [key, place]));
  const rows = [...sessions.rows];
  const isWhole = sessions.total !== undefined && rows.length >= sessions.total;
  let {total} = sessions;
  let isChanged = false;
  for (const told of events) {
    if (told.type !== 'event') continue;
    const {event, node} = told;
    if (state.filters.sessions.selector === undefined) total = counted(total, event);
    const place = index.get(`${node}/${event.session.sessionId}`);
    const known = place === undefined ? undefined : rows[place];
    if (place !== undefined && known !== undefined) {
      rows[place] = afterEvent(known, event, state, at);
      isChanged = true;
    } else if (event.kind === 'connected' || (isWhole && event.kind !== 'closed')) {
      const added = newRow(node, event, at);
      if (!matches(added, state, at) || !(isWhole || isBeforeLast(added, rows, sessions, at))) continue;
      rows.push(added);
      index.set(added.key, rows.length - 1);
      isChanged = true;
    }
  }
  if (!isChanged) return total === sessions.total ? sessions : {...sessions, total};
  return {...sessions, total, rows: inOrder(rows, sessions, at)};
}

function counted(total: number | undefined, {kind}: SessionEvent): number | undefined {
  if (total === undefined) return undefined;
  if (kind === 'connected') return total + 1;
  return kind === 'closed' ? Math.max(0, total - 1) : total;
}

/** What an event says of times and counts; a gate of an earlier version says nothing of them. */
function numbersOf({connectedAt, lastActiveAt, received, sent, at: observedAt}: SessionEvent) {
  return connectedAt === 0 ? undefined : {connectedAt, lastActiveAt, received, sent, observedAt};
}

/** Without those, when a session connected is known only where it does so now. */
function newRow(node: string, event: SessionEvent, at: number): ShownRow {
  const {kind, session, at: eventAt} = event;
  const since = kind === 'connected' ? eventAt : 0;
  const times = {connectedAt: since, lastActiveAt: eventAt, observedAt: eventAt, received: 0, sent: 0};
  const row = {session, node, ...times, ...numbersOf(event)};
  return {key: keyOf(row), row, seenAt: at, vanished: undefined};
}

function afterEvent(shown: ShownRow, event: SessionEvent, state: State, at: number): ShownRow {
  const numbers = numbersOf(event);
  const row = {...shown.row, session: event.session, ...numbers};
  const next = {...shown, row, ...(numbers === undefined ? {} : {seenAt: at})};
  if (event.kind === 'closed') return {...next, vanished: {at, why: event.why || 'closed', isClosed: true}};
  if (matches(next, state, at)) return {...next, vanished: undefined};
  return {...next, vanished: {at, why: 'does not match any more', isClosed: false}};
}

function matches(shown: ShownRow, {filters}: State, now: number): boolean {
  const {selector} = filters.sessions;
  if (selector === undefined) return true;
  const subject = subjectOf(shown, now);
  return selector.matches(shown.row, subject.node, subject.now);
}

function isBeforeLast(
  added: ShownRow,
  rows: readonly ShownRow[],
  {order}: SessionsState,
  at: number,
): boolean {
  const last = rows.at(-1);
  if (last === undefined) return true;
  const [here, there] = [order.keyOf(subjectOf(added, at)), order.keyOf(subjectOf(last, at))];
  return order.compareKeys(here, there) < 0;
}

/** Sorted anew; rows that fade keep to the place that their last state gives them. */
function inOrder(rows: readonly ShownRow[], {order}: SessionsState, now: number): readonly ShownRow[] {
  const ranked = rows.map((row) => ({row, key: order.keyOf(subjectOf(row, now))}));
  ranked.sort(
    (one, other) => order.compareKeys(one.key, other.key) || (one.row.key < other.row.key ? -1 : 1),
  );
  return ranked.map(({row}) => row);
}
