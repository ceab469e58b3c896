import type {GateOutcome} from '../../cluster/cluster.js';
import {formatPlural} from '../../output/text/humanize.js';
import {matchesJournalEntry} from '../../presentation/journal-entry-text.js';
import {displayedGateState} from '../../session/gate-health.js';
import {reportsDirtyCount} from '../../session/node-kind.js';
import type {Session} from '../../session/session.js';
import type {GateState} from './gate-metrics.js';
import type {EventKindFilter, NumberedEvent, State, TableState} from './state.js';

/**
 * A gate is stale after this many milliseconds plus twice its last round-trip time without an
 * answer.
 */
const staleMs = 8000;
/** How long the banner shows a gap in the events, in milliseconds. */
const gapShownMs = 30_000;

export interface GateStatus {
  readonly word:
    | 'live'
    | 'draining'
    | 'drained'
    | 'dirty'
    | 'limited'
    | 'new'
    | 'stale'
    | 'silent'
    | 'reconnecting'
    | 'left';
  readonly tone: 'good' | 'warn' | 'bad' | 'dim';
  /** Explanation for the operator. May contain text from the gate. */
  readonly why: string;
}

/** Returns whether a gate's data is current, and why not. */
export function gateStatus(gate: GateState, {link, now}: State): GateStatus {
  if (gate.leftAt !== undefined) {
    const why = gate.failure === undefined ? '' : ', silent before: showing last known values';
    return {word: 'left', tone: 'bad', why: `left the registry${why}`};
  }
  if (link.state === 'lost') return {word: 'reconnecting', tone: 'bad', why: 'bus connection lost'};
  if (gate.failure !== undefined) return {word: 'silent', tone: 'bad', why: gate.failure.message};
  if (gate.answeredAt === undefined) return {word: 'new', tone: 'dim', why: 'not polled yet'};
  if (now - gate.answeredAt > staleMs + 2 * (gate.roundTripMs ?? 0))
    return {word: 'stale', tone: 'warn', why: 'no answer for a while'};
  if (gate.eventFeed === 'silent')
    return {word: 'stale', tone: 'warn', why: `its event watch failed: ${gate.eventFeedMessage}`};
  if (gate.missing !== undefined) return {word: 'limited', tone: 'warn', why: gate.missing};
  if (gate.eventFeed === 'unsupported') return {word: 'limited', tone: 'warn', why: gate.eventFeedMessage};
  const last = gate.samples.at(-1);
  const state = last && displayedGateState(last);
  if (state === 'draining' || state === 'drained')
    return {word: state, tone: 'warn', why: 'it refuses new sessions until it is resumed'};
  if (isDirty(gate)) return {word: 'dirty', tone: 'warn', why: dirtyText(gate)};
  return {word: 'live', tone: 'good', why: ''};
}

/** Whether the gate's storage fails: two consecutive polls found unsaved sessions. */
const isDirty = ({samples, info}: GateState): boolean =>
  info !== undefined &&
  reportsDirtyCount(info.software) &&
  samples.length > 1 &&
  samples.slice(-2).every(({dirty}) => dirty > 0);

function dirtyText({samples, info}: GateState): string {
  const {dirty = 0, failure = info?.storage.failure} = samples.at(-1) ?? {};
  const count = `${formatPlural(dirty, 'session')} not stored in ${info?.storage.kind ?? 'the store'}`;
  return failure === undefined ? count : `${count}: ${failure}`;
}

/** Whether a gate with this status answers with current data. */
export const isAnsweringStatus = (word: GateStatus['word']): boolean => isWhole(word) || word === 'limited';

/** Whether all data of a gate with this status is current. */
const isWhole = (word: GateStatus['word']): boolean =>
  ['live', 'draining', 'drained', 'dirty'].includes(word);

/** Returns when the displayed state of a gate was last confirmed. */
export const gateLastKnownAt = ({leftAt, failure, answeredAt}: GateState): number | undefined =>
  leftAt ?? failure?.since ?? answeredAt;

/** Returns how many milliseconds a gate's clock is ahead of this machine's; 0 if unknown. */
export function gateClockOffset({gates}: State, node: string): number {
  const last = gates.get(node)?.samples.at(-1);
  return last === undefined ? 0 : last.gateNow - last.at;
}

/** Returns the gates that are not live, and live gates with a recent gap in their events. */
export function gatesWithProblems(
  state: State,
): readonly {readonly gate: GateState; readonly status: GateStatus}[] {
  return [...state.gates.values()]
    .map((gate) => ({gate, status: gateStatus(gate, state)}))
    .filter(({gate, status}) => {
      const hasGap = gate.gap !== undefined && state.now - gate.gap.at < gapShownMs;
      return hasGap || (status.word !== 'live' && status.word !== 'new');
    });
}

/** Returns the number of gates whose storage fails. */
export const failingStorageCount = (state: State): number =>
  [...state.gates.values()].filter((gate) => gateStatus(gate, state).word === 'dirty').length;

/** Returns the ids of the registered gates. */
export const registeredGateIds = ({gates}: State): readonly string[] =>
  [...gates.values()].filter(({leftAt}) => leftAt === undefined).map(({id}) => id);

/** Counts of the live gates, or the last known counts of all gates if none is live. */
interface Totals {
  readonly gates: number;
  readonly live: number;
  readonly sessions: number;
  readonly bound: number;
  /** Last known counts of the other gates, not included in `sessions` and `bound`. */
  readonly lastKnown: {readonly sessions: number; readonly bound: number};
  /** Whether every gate has reported its counts at least once. */
  readonly isCounted: boolean;
  /** Whether every gate is live and included. */
  readonly isWhole: boolean;
}

export function clusterTotals(state: State): Totals {
  const gates = [...state.gates.values()].filter(({leftAt}) => leftAt === undefined);
  const live = gates.filter((gate) => isAnsweringStatus(gateStatus(gate, state).word));
  const counted = live.length > 0 ? live : gates; // a silent gate's sessions are unknown
  const last = counted.flatMap(({samples}) => samples.at(-1) ?? []);
  const others = gates.filter((gate) => !counted.includes(gate));
  const {sessions, bound} = sumOfLast(counted);
  return {
    gates: gates.length,
    live: live.length,
    sessions,
    bound,
    lastKnown: sumOfLast(others),
    isCounted: gates.every(({samples, missing}) => samples.length > 0 && missing === undefined),
    isWhole: last.length === gates.length && live.length === gates.length,
  };
}

/**
 * Maximum number of sessions for regular anomaly checks, which list every session. Larger clusters
 * are checked on request only.
 */
const fewSessions = 20_000;

/** Whether the cluster is small enough for regular anomaly checks. */
export function hasFewSessions(state: State): boolean {
  const {sessions, lastKnown} = clusterTotals(state);
  return sessions + lastKnown.sessions <= fewSessions;
}

function sumOfLast(gates: readonly GateState[]): {readonly sessions: number; readonly bound: number} {
  const last = gates.flatMap(({samples}) => samples.at(-1) ?? []);
  return {
    sessions: last.reduce((sum, one) => sum + one.sessions, 0),
    bound: last.reduce((sum, one) => sum + one.bound, 0),
  };
}

/** Whether the displayed data of a gate is current rather than last known. */
export const isGateCurrent = (gate: GateState, state: State): boolean =>
  isAnsweringStatus(gateStatus(gate, state).word) || gateStatus(gate, state).word === 'new';

/**
 * Returns the gates whose sessions are not fully listed: failed, unable to list, not answered yet,
 * or sampled.
 */
export function incompletelyListedGates(state: State): {
  readonly failed: readonly string[];
  /** Outcomes of gates that cannot list. Their rows come from other sources and are current. */
  readonly unable: readonly GateOutcome[];
  readonly waiting: readonly string[];
  readonly sampled: readonly string[];
} {
  const {answer, queryKey} = state.sessions;
  const isAnswered = answer !== undefined && queryKey === sessionsQueryKey(state);
  const outcomes = new Map(isAnswered ? answer.outcomes.map((one) => [one.node, one]) : []);
  const there = registeredGateIds(state);
  const failed = there.flatMap((gate) => outcomes.get(gate) ?? []).filter(({status}) => status === 'failed');
  return {
    failed: failed.filter((one) => !isUnableToList(one)).map(({node}) => node),
    unable: failed.filter(isUnableToList),
    waiting: there.filter((gate) => !outcomes.has(gate)),
    sampled: isAnswered ? answer.sampled : [],
  };
}

/** Whether a gate failed only because it cannot list. */
export const isUnableToList = ({reason}: GateOutcome): boolean => reason === 'unsupported';

/** Returns a key for the order and filter of the sessions table. */
export const sessionsQueryKey = ({filters, sessions}: State): string =>
  `${sessions.order.text} ${sessions.isAtEnd ? 'from the end ' : ''}${filters.sessions.text}`;

/** Returns the events that match the filter and the selected kinds, newest last. */
export function filteredEvents(state: State): readonly NumberedEvent[] {
  const {received, kinds} = state.events;
  const {selector} = state.filters.events;
  if (kinds === 'all' && selector === undefined) return received;
  return received.filter(({clusterEvent}) => {
    if (clusterEvent.type !== 'event') return true; // gaps and gate states are always shown
    const {event, node} = clusterEvent;
    if (!kindWanted(event.kind, kinds)) return false;
    if (selector === undefined) return true;
    return selector.matches(event, node, event.at);
  });
}

function kindWanted(kind: string, kinds: EventKindFilter): boolean {
  switch (kinds) {
    case 'all':
      return true;
    case 'connections':
      return kind === 'connected' || kind === 'closed';
    case 'identity':
      return kind === 'bound' || kind === 'unbound';
    case 'settings':
      return kind === 'settings';
    default:
      return kinds satisfies never;
  }
}

/** Returns the events of a session or its uid, so that a reconnect is included. */
export function eventsForSession(state: State, reference: string, uid: string): readonly NumberedEvent[] {
  return state.events.received.filter(({clusterEvent}) => {
    if (clusterEvent.type === 'gap') return reference.startsWith(`${clusterEvent.node}/`);
    if (clusterEvent.type !== 'event') return false;
    const {sessionId, userId} = clusterEvent.event.session;
    return `${clusterEvent.node}/${sessionId}` === reference || (uid !== '' && userId === uid);
  });
}

export interface SettingRow {
  readonly name: string;
  readonly live: string | undefined;
  readonly record: string | undefined;
  readonly differs: boolean;
}

/** Returns a session's settings beside those of its record, sorted by name. */
export function settingRowsWithRecord(
  session: Session | undefined,
  stored: Session | undefined,
): readonly SettingRow[] {
  const bag = (one: Session | undefined) => new Map(Object.entries(one?.settings ?? {}));
  const [live, record] = [bag(session), bag(stored)];
  return [...new Set([...live.keys(), ...record.keys()])].sort().map((name) => ({
    name,
    live: live.get(name),
    record: record.get(name),
    differs: stored !== undefined && live.get(name) !== record.get(name),
  }));
}

/** Returns the journal entries that contain the filter text. */
export function filteredJournal({journal, filters}: State): State['journal']['rows'] {
  const {text} = filters.journal;
  return text === '' ? journal.rows : journal.rows.filter((row) => matchesJournalEntry(row, text));
}

/** The visible part of a table. */
export interface TableWindow {
  readonly top: number;
  readonly height: number;
  /** Index of the cursor among all rows; -1 if the table is empty. */
  readonly index: number;
}

/** Returns the visible rows and the cursor. The cursor is always visible. */
export function tableWindow(
  table: TableState,
  keys: readonly string[],
  height: number,
  follows = false,
): TableWindow {
  const index = cursorAt(table, keys, follows);
  const most = Math.max(0, keys.length - height);
  const low = Math.max(0, index - height + 1);
  const top = Math.min(most, Math.max(low, Math.min(table.top, Math.max(index, 0))));
  return {top, height, index};
}

function cursorAt({key, index}: TableState, keys: readonly string[], follows: boolean): number {
  if (keys.length === 0) return -1;
  if (key === undefined && follows) return keys.length - 1;
  const found = key === undefined ? -1 : keys.indexOf(key);
  return found >= 0 ? found : Math.min(index, keys.length - 1);
}
