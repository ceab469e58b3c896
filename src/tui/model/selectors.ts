import {journalTextMatches} from '../../presentation/journal-text.js';
import type {Session} from '../../session/session.js';
import type {EventKinds, GateState, ReceivedEvent, State, TableState} from './state.js';

/** A gate is stale when it gave no answer for longer than this, and than twice what its last answer took. */
const staleMs = 8000;
/** A gap is pointed at for so long. */
const gapShownMs = 30_000;

export interface GateStatus {
  readonly word: 'live' | 'new' | 'stale' | 'silent' | 'reconnecting' | 'limited' | 'left';
  readonly tone: 'good' | 'warn' | 'bad' | 'dim';
  /** For people; may hold the gate's own words. */
  readonly why: string;
}

/** What is known of a gate, as far as it can be trusted now. */
export function gateStatus(gate: GateState, {link, now}: State): GateStatus {
  if (gate.leftAt !== undefined) {
    const why = gate.failure === undefined ? '' : ', silent before: its figures are the last known';
    return {word: 'left', tone: 'bad', why: `left the registry${why}`};
  }
  if (link.state === 'lost') return {word: 'reconnecting', tone: 'bad', why: 'the bus is lost'};
  if (gate.failure !== undefined) return {word: 'silent', tone: 'bad', why: gate.failure.message};
  if (gate.answeredAt === undefined) return {word: 'new', tone: 'dim', why: 'not asked yet'};
  if (now - gate.answeredAt > staleMs + 2 * (gate.roundTripMs ?? 0))
    return {word: 'stale', tone: 'warn', why: 'has not been heard for a while'};
  if (gate.eventFeed === 'silent')
    return {word: 'stale', tone: 'warn', why: `its events do not come: ${gate.eventFeedMessage}`};
  if (gate.missing !== undefined) return {word: 'limited', tone: 'warn', why: gate.missing};
  if (gate.eventFeed === 'unsupported') return {word: 'limited', tone: 'warn', why: gate.eventFeedMessage};
  return {word: 'live', tone: 'good', why: ''};
}

/** When a gate was last known to be as it is shown. */
export const lastKnownAt = ({leftAt, failure, answeredAt}: GateState): number | undefined =>
  leftAt ?? failure?.since ?? answeredAt;

/** How far a gate's clock is ahead of ours, as far as it is known, in milliseconds. */
export function gateClockOffset({gates}: State, node: string): number {
  const last = gates.get(node)?.samples.at(-1);
  return last === undefined ? 0 : last.gateNow - last.at;
}

/** Gates that are not simply live, and gates of which events were missed a moment ago. */
export function troubledGates(
  state: State,
): readonly {readonly gate: GateState; readonly status: GateStatus}[] {
  return [...state.gates.values()]
    .map((gate) => ({gate, status: gateStatus(gate, state)}))
    .filter(({gate, status}) => {
      const hasGap = gate.gap !== undefined && state.now - gate.gap.at < gapShownMs;
      return hasGap || (status.word !== 'live' && status.word !== 'new');
    });
}

/** Gates that the registry names. */
export const registeredGates = ({gates}: State): readonly string[] =>
  [...gates.values()].filter(({leftAt}) => leftAt === undefined).map(({id}) => id);

/** Of the gates that are live; when none is, what was last known of all. */
export interface Totals {
  readonly gates: number;
  readonly live: number;
  readonly sessions: number;
  readonly bound: number;
  /** What the gates that are not live had when they last answered. It is not in the figures of those that are. */
  readonly lastKnown: {readonly sessions: number; readonly bound: number};
  /** Whether each gate has ever given figures. */
  readonly isCounted: boolean;
  /** Whether each gate is live and its figures are in it. */
  readonly isWhole: boolean;
}

export function totalsOf(state: State): Totals {
  const gates = [...state.gates.values()].filter(({leftAt}) => leftAt === undefined);
  const live = gates.filter((gate) => ['live', 'limited'].includes(gateStatus(gate, state).word));
  const counted = live.length > 0 ? live : gates; // of a silent gate's sessions nobody knows
  const last = counted.flatMap(({samples}) => samples.at(-1) ?? []);
  const others = gates.filter((gate) => !counted.includes(gate));
  const {sessions, bound} = sumOfLast(counted);
  return {
    gates: gates.length,
    live: live.length,
    sessions,
    bound,
    lastKnown: sumOfLast(others),
    isCounted: gates.every(({samples}) => samples.length > 0),
    isWhole: last.length === gates.length && live.length === gates.length,
  };
}

function sumOfLast(gates: readonly GateState[]): {readonly sessions: number; readonly bound: number} {
  const last = gates.flatMap(({samples}) => samples.at(-1) ?? []);
  return {
    sessions: last.reduce((sum, one) => sum + one.sessions, 0),
    bound: last.reduce((sum, one) => sum + one.bound, 0),
  };
}

/** Whether what is shown of a gate is what it said a moment ago, and not what was last known of it. */
export const isCurrent = (gate: GateState, state: State): boolean =>
  ['live', 'limited', 'new'].includes(gateStatus(gate, state).word);

/** Gates of which the table of sessions can't say all: they failed, have not answered yet, or were read in part. */
export function unknownGates(state: State): {
  readonly failed: readonly string[];
  readonly waiting: readonly string[];
  readonly sampled: readonly string[];
} {
  const {answer, queryKey} = state.sessions;
  const isAnswered = answer !== undefined && queryKey === sessionsQueryKey(state);
  const outcomes = new Map(isAnswered ? answer.outcomes.map((one) => [one.node, one.status]) : []);
  const there = registeredGates(state);
  return {
    failed: there.filter((gate) => outcomes.get(gate) === 'failed'),
    waiting: there.filter((gate) => !outcomes.has(gate)),
    sampled: isAnswered ? answer.sampled : [],
  };
}

/** What the table of sessions is about, whatever its length. */
export const sessionsQueryKey = ({filters, sessions}: State): string =>
  `${sessions.order.text} ${filters.sessions.text}`;

/** Events that the operator wants to see, the newest last. */
export function filteredEvents(state: State): readonly ReceivedEvent[] {
  const {received, kinds} = state.events;
  const {selector} = state.filters.events;
  if (kinds === 'all' && selector === undefined) return received;
  return received.filter(({clusterEvent}) => {
    if (clusterEvent.type !== 'event') return true; // gaps and what becomes of gates are always told
    const {event, node} = clusterEvent;
    if (!kindWanted(event.kind, kinds)) return false;
    if (selector === undefined) return true;
    return selector.matches(event, node, event.at);
  });
}

function kindWanted(kind: string, kinds: EventKinds): boolean {
  switch (kinds) {
    case 'all':
      return true;
    case 'comings and goings':
      return kind === 'connected' || kind === 'closed';
    case 'identity':
      return kind === 'bound' || kind === 'unbound';
    case 'settings':
      return kind === 'settings';
    default:
      return kinds satisfies never;
  }
}

/** Events of one session, or of its uid: so a client that comes back is seen. */
export function sessionEvents(state: State, reference: string, uid: string): readonly ReceivedEvent[] {
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

/** A session's settings beside those of its record. */
export function settingsWithRecord(
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

/** Entries of the journal that hold the text of the filter. */
export function filteredJournal({journal, filters}: State): State['journal']['rows'] {
  const {text} = filters.journal;
  return text === '' ? journal.rows : journal.rows.filter((row) => journalTextMatches(row, text));
}

/** The part of a table that is shown. */
export interface TableWindow {
  readonly top: number;
  readonly height: number;
  /** Of the cursor among all rows; -1 when there is none. */
  readonly index: number;
}

/** Where the cursor is among these rows, and which of them fitted: the cursor is always among those. */
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
