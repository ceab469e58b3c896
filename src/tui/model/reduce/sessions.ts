import type {ClusterEvent, LocatedRow} from '../../../cluster/cluster.js';
import type {SelectorSubject} from '../../../selector/selector-fields.js';
import type {SessionEvent} from '../../../session/codec/event-page.js';
import type {FeedAction} from '../action.js';
import {
  type GateOutcomes,
  type SessionsState,
  type SessionTableRow,
  type State,
  tableStateAtEnd,
  tableStateAtTop,
} from '../state.js';
import {reusedRow} from './same-row.js';

/** Maximum number of rows requested and kept, however far the operator scrolls. */
export const maxRequestedRows = 1000;
/** How long the row of a closed session stays visible, in milliseconds. */
const fadeMs = 5000;

/** Returns the row key: the session reference that commands accept. */
const keyOf = ({node, session}: Pick<LocatedRow, 'node' | 'session'>): string =>
  `${node}/${session.sessionId}`;

export function reduceSessions(state: State, news: FeedAction): State {
  return keepCursorOnRow(withNews(state, news));
}

/** Keeps the cursor on its row, or moves it to the row now at that position. */
export function keepCursorOnRow(state: State): State {
  const {rows} = state.sessions;
  const table = state.tables.sessions;
  if (table === tableStateAtEnd) return state;
  const found = rows.findIndex(({key}) => key === table.key);
  const index = found >= 0 ? found : Math.max(0, Math.min(table.index, rows.length - 1));
  const key = rows[index]?.key;
  if (key === table.key && index === table.index) return state;
  return {...state, tables: {...state.tables, sessions: {...table, key, index}}};
}

function withNews(state: State, news: FeedAction): State {
  const {sessions} = state;
  switch (news.type) {
    case 'sessions':
      return answered(state, news);
    case 'counted':
      return {...state, sessions: {...sessions, total: news.total, totalQueryKey: news.question}};
    case 'connections':
      return {...state, sessions: withConnections(sessions, news)};
    case 'gates':
      return {...state, sessions: withoutGone(sessions, news)};
    case 'heard':
      return {...state, sessions: withoutClosedMarks(patched(state, news.events, news.at), news.events)};
    default:
      return state;
  }
}

/** Applies new rows. Keeps the cursor on its row; a new filter or order starts at the top. */
function answered(state: State, news: Extract<FeedAction, {type: 'sessions'}>): State {
  const {sessions, tables} = state;
  const next = {...state, sessions: answeredWith(sessions, news)};
  if (sessions.queryKey === news.question) return next;
  return {...next, tables: {...tables, sessions: sessions.isAtEnd ? tableStateAtEnd : tableStateAtTop}};
}

/** Removes rows of sessions that closed more than `fadeMs` ago. */
export function dropClosedSessionRows(sessions: SessionsState, now: number): SessionsState {
  const isOver = ({vanished}: SessionTableRow) => vanished !== undefined && now - vanished.at > fadeMs;
  return sessions.rows.some(isOver)
    ? {...sessions, rows: sessions.rows.filter((row) => !isOver(row))}
    : sessions;
}

/**
 * Returns the object that selectors and orders evaluate: the row at `now`, converted from this
 * machine's clock to the gate's, which its times are based on.
 */
export function selectorSubjectOfRow({row, seenAt}: SessionTableRow, now: number): SelectorSubject {
  return {row, node: row.node, now: (row.observedAt ?? seenAt) + (now - seenAt)};
}

/** Replaces the rows of the gates that answered and keeps all others. */
function answeredWith(sessions: SessionsState, news: Extract<FeedAction, {type: 'sessions'}>): SessionsState {
  const {rows, outcomes, question, limit, at} = news;
  const isSame = sessions.queryKey === question;
  const known = new Map(isSame ? sessions.rows.map((row) => [row.key, row]) : []);
  const closed = new Map(
    sessions.rows.filter(({vanished}) => vanished?.isClosed).map(({key, vanished}) => [key, vanished]),
  );
  const fresh = rows.map((row): SessionTableRow => {
    const key = keyOf(row);
    const connectionState = row.connectionState ?? known.get(key)?.row.connectionState;
    const shown = {key, row: {...row, connectionState}, seenAt: at, vanished: closed.get(key)};
    return reusedRow(known.get(key), shown);
  });
  const asked = new Set(outcomes.map(({node}) => node));
  const isOfAsked = ({row}: SessionTableRow): boolean => asked.has(row.node);
  const before = [...known.values()].filter(isOfAsked);
  const elsewhere = [...known.values()].filter((row) => !isOfAsked(row));
  const completeGates = wholeGates(sessions, news, isSame);
  const silent = new Set(outcomes.filter(({status}) => status === 'failed').map(({node}) => node));
  const merged = withMissing(before, fresh, {silent, whole: completeGates, at});
  const all = elsewhere.length === 0 ? merged : inOrder([...elsewhere, ...merged], sessions, at);
  const next = cut(all, limit, sessions); // beyond the limit, rows of one gate may be missing between those of another
  const total = sessions.totalQueryKey === question ? sessions.total : undefined;
  const answer = answerOf(isSame ? sessions.answer : undefined, news, asked);
  return {...sessions, rows: next, queryKey: question, total, completeGates, answer};
}

/** Returns the gates whose latest answer contained all their matching sessions. */
function wholeGates(
  {completeGates}: SessionsState,
  {rows, outcomes, sampled, limit}: Extract<FeedAction, {type: 'sessions'}>,
  isSame: boolean,
): ReadonlySet<string> {
  const next = new Set(isSame ? completeGates : []);
  for (const {node, status} of outcomes) {
    const given = rows.reduce((count, row) => count + (row.node === node ? 1 : 0), 0);
    if (status === 'ok' && given < limit && !sampled.includes(node)) next.add(node);
    else next.delete(node);
  }
  return next;
}

/** Merges new outcomes into the latest outcome per gate. */
function answerOf(
  before: GateOutcomes | undefined,
  {outcomes, sampled, at}: Extract<FeedAction, {type: 'sessions'}>,
  asked: ReadonlySet<string>,
): GateOutcomes {
  const others = before?.outcomes.filter(({node}) => !asked.has(node)) ?? [];
  const othersSampled = before?.sampled.filter((node) => !asked.has(node)) ?? [];
  return {at, outcomes: [...others, ...outcomes], sampled: [...othersSampled, ...sampled]};
}

/** Returns the first or last `limit` rows, plus the rows of closed sessions. */
function cut(
  rows: readonly SessionTableRow[],
  limit: number,
  {isAtEnd}: SessionsState,
): readonly SessionTableRow[] {
  const fading = rows.filter(({vanished}) => vanished !== undefined).length;
  return isAtEnd ? rows.slice(-(limit + fading)) : rows.slice(0, limit + fading);
}

interface Missing {
  readonly silent: ReadonlySet<string>;
  /** Gates whose answer is complete. On other gates a missing row may be beyond the limit. */
  readonly whole: ReadonlySet<string>;
  readonly at: number;
}

/** Keeps the rows of gates that did not answer; marks other missing rows as vanished. */
function withMissing(
  before: readonly SessionTableRow[],
  fresh: readonly SessionTableRow[],
  {silent, whole, at}: Missing,
): readonly SessionTableRow[] {
  const there = new Set(fresh.map(({key}) => key));
  const next = [...fresh];
  for (const [index, old] of before.entries()) {
    if (there.has(old.key)) continue;
    if (old.vanished !== undefined && at - old.vanished.at > fadeMs) continue;
    const {node} = old.row;
    const isFading = old.vanished !== undefined;
    if (!isFading && !silent.has(node) && !whole.has(node)) continue; // it may be beyond the limit
    const kept =
      silent.has(node) || isFading ? old : {...old, vanished: {at, why: 'no longer listed', isClosed: false}};
    next.splice(Math.min(index, next.length), 0, kept);
  }
  return next;
}

/** Whether the table lists every session of the answering gates. */
function isWhole({answer, completeGates, rows, total}: SessionsState): boolean {
  if (total !== undefined) return rows.length >= total;
  return answer?.outcomes.every(({node, status}) => status === 'failed' || completeGates.has(node)) === true;
}

/** Updates rows with the state of their connections. */
function withConnections(
  sessions: SessionsState,
  {rows, at}: Extract<FeedAction, {type: 'connections'}>,
): SessionsState {
  const fresh = new Map(rows.map((row) => [keyOf(row), row]));
  const next = sessions.rows.map((shown) => {
    const row = shown.vanished === undefined ? fresh.get(shown.key) : undefined;
    return row === undefined ? shown : reusedRow(shown, {...shown, row, seenAt: at});
  });
  return {...sessions, rows: next};
}

/** Marks the sessions of departed gates as vanished. */
function withoutGone(
  sessions: SessionsState,
  {nodes, at}: Extract<FeedAction, {type: 'gates'}>,
): SessionsState {
  const there = new Set(nodes.map(({id}) => id));
  const isGone = ({row, vanished}: SessionTableRow): boolean =>
    vanished === undefined && !there.has(row.node);
  const answer = sessions.answer && {
    ...sessions.answer,
    outcomes: sessions.answer.outcomes.filter(({node}) => there.has(node)),
    sampled: sessions.answer.sampled.filter((node) => there.has(node)),
  };
  if (!sessions.rows.some(isGone)) return {...sessions, answer};
  const vanished = {at, why: 'its gate left', isClosed: false};
  return {...sessions, answer, rows: sessions.rows.map((row) => (isGone(row) ? {...row, vanished} : row))};
}

/** Unmarks closed sessions, so that an action doesn't target them instead of the row under the cursor. */
function withoutClosedMarks(sessions: SessionsState, events: readonly ClusterEvent[]): SessionsState {
  const closed = events.flatMap((told) =>
    told.type === 'event' && told.event.kind === 'closed' ? [keyOf({...told.event, node: told.node})] : [],
  );
  if (!closed.some((key) => sessions.marks.has(key))) return sessions;
  return {...sessions, marks: new Map([...sessions.marks].filter(([key]) => !closed.includes(key)))};
}

/** Applies events between two listings: updates shown rows and adds new ones that belong among them. */
function patched(state: State, events: readonly ClusterEvent[], at: number): SessionsState {
  const {sessions} = state;
  if (sessions.answer === undefined) return sessions;
  const index = new Map(sessions.rows.map(({key}, place) => [key, place]));
  const rows = [...sessions.rows];
  const holdsAll = isWhole(sessions);
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
    } else if (event.kind === 'connected' || (holdsAll && event.kind !== 'closed')) {
      const added = newRow(node, event, at);
      if (!matches(added, state, at) || !(holdsAll || isAmong(added, rows, sessions, at))) continue;
      rows.push(added);
      index.set(added.key, rows.length - 1);
      isChanged = true;
    }
  }
  if (!isChanged) return total === sessions.total ? sessions : {...sessions, total};
  return {...sessions, total, rows: cut(inOrder(rows, sessions, at), maxRequestedRows, sessions)};
}

function counted(total: number | undefined, {kind}: SessionEvent): number | undefined {
  if (total === undefined) return undefined;
  if (kind === 'connected') return total + 1;
  return kind === 'closed' ? Math.max(0, total - 1) : total;
}

/**
 * Returns the times and counts of an event. They are undefined for gates of earlier versions, which
 * don't send them.
 */
function numbersOf({connectedAt, lastActiveAt, received, sent, at: observedAt}: SessionEvent) {
  return connectedAt === 0 ? undefined : {connectedAt, lastActiveAt, received, sent, observedAt};
}

/**
 * Creates a row from an event. If the event has no connect time, it is known only for `connected`.
 */
function newRow(node: string, event: SessionEvent, at: number): SessionTableRow {
  const {kind, session, at: eventAt} = event;
  const since = kind === 'connected' ? eventAt : 0;
  const times = {connectedAt: since, lastActiveAt: eventAt, observedAt: eventAt, received: 0, sent: 0};
  const row = {session, node, ...times, ...numbersOf(event)};
  return {key: keyOf(row), row, seenAt: at, vanished: undefined};
}

function afterEvent(shown: SessionTableRow, event: SessionEvent, state: State, at: number): SessionTableRow {
  const numbers = numbersOf(event);
  const row = {...shown.row, session: event.session, ...numbers};
  const next = {...shown, row, ...(numbers === undefined ? {} : {seenAt: at})};
  if (event.kind === 'closed') return {...next, vanished: {at, why: event.why || 'closed', isClosed: true}};
  if (matches(next, state, at)) return {...next, vanished: undefined};
  return {...next, vanished: {at, why: 'no longer matches', isClosed: false}};
}

function matches(shown: SessionTableRow, {filters}: State, now: number): boolean {
  const {selector} = filters.sessions;
  if (selector === undefined) return true;
  const subject = selectorSubjectOfRow(shown, now);
  return selector.matches(shown.row, subject.node, subject.now);
}

/**
 * Whether a new row sorts before the last listed row or, when the end is listed, after the first
 * one.
 */
function isAmong(
  added: SessionTableRow,
  rows: readonly SessionTableRow[],
  {order, isAtEnd}: SessionsState,
  at: number,
): boolean {
  const limit = isAtEnd ? rows[0] : rows.at(-1);
  if (limit === undefined) return true;
  const [here, there] = [
    order.keyOf(selectorSubjectOfRow(added, at)),
    order.keyOf(selectorSubjectOfRow(limit, at)),
  ];
  return isAtEnd ? order.compareKeys(here, there) > 0 : order.compareKeys(here, there) < 0;
}

/** Sorts the rows; vanished rows sort by their last known state. */
function inOrder(
  rows: readonly SessionTableRow[],
  {order}: SessionsState,
  now: number,
): readonly SessionTableRow[] {
  const ranked = rows.map((row) => ({row, key: order.keyOf(selectorSubjectOfRow(row, now))}));
  ranked.sort(
    (one, other) => order.compareKeys(one.key, other.key) || (one.row.key < other.row.key ? -1 : 1),
  );
  return ranked.map(({row}) => row);
}
