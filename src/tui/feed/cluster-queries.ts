import {messageAndHint} from '../../base/error-details.js';
import {GatectlError, NegativeError, NoSessionError} from '../../base/errors.js';
import {anomalyChecks} from '../../cluster/anomalies/anomaly.js';
import type {GateOutcome, LocatedRecord} from '../../cluster/cluster.js';
import {recordMatches} from '../../cluster/records/record-matches.js';
import type {Selector} from '../../selector/selector.js';
import type {DashboardDeps, DoctorFinding} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import {clusterTotals, hasFewSessions, isGateCurrent} from '../model/derived-state.js';
import {maxRequestedRows} from '../model/reduce/sessions.js';
import {currentScreen, type SessionDetailState, type State} from '../model/state.js';
import type {QueryForState} from './polled-query.js';

const listEveryMs = 2000;

/** Queries the nodes of the cluster after each change, and every 2 s while the registry fails. */
export const gatesQuery: QueryForState = (state, {cluster, now}) => ({
  key: `gates ${state.generation} ${state.registryFault ?? ''}`,
  intervalMs: state.registryFault === undefined ? 30_000 : 2000,
  fetch: async () => {
    try {
      return [{type: 'gates', nodes: await cluster.refreshGates(), at: now()}];
    } catch (error) {
      if (!(error instanceof GatectlError)) throw error;
      return [{type: 'no-gates', message: messageAndHint(error), at: now()}];
    }
  },
});

/** Queries one session and its counters, only from its own gate. */
export const sessionQuery: QueryForState = (state, deps) => {
  const {name, subject} = currentScreen(state);
  if (name !== 'session' || subject === undefined) return undefined;
  return {
    key: `${subject} ${state.generation}`,
    intervalMs: listEveryMs,
    fetch: async () => [{type: 'detail', reference: subject, found: await look(subject, deps)}],
  };
};

async function look(reference: string, deps: DashboardDeps): Promise<Partial<SessionDetailState>> {
  const {cluster, now} = deps;
  try {
    const located = await cluster.locate(reference);
    const {session} = located;
    const row = await cluster.rowOf(located);
    const guest = session.userId === '' ? {otherSessions: []} : {};
    return {
      session,
      ...(row === undefined ? {} : {row}),
      seenAt: now(),
      gone: undefined,
      fault: undefined,
      ...guest,
    };
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    if (!isNotThere(error)) return {fault: messageAndHint(error)};
    return {gone: {at: now(), why: 'no longer on its gate'}, fault: undefined};
  }
}

const isNotThere = (error: GatectlError): boolean =>
  error instanceof NegativeError || error.cause instanceof NoSessionError;

/** Queries the record of the displayed session's user. */
export const sessionRecordQuery: QueryForState = (state, deps) => {
  const {name, subject} = currentScreen(state);
  const {detail} = state;
  const uid = detail?.session?.userId ?? '';
  if (name !== 'session' || subject === undefined || detail === undefined || uid === '') return undefined;
  const isGone = detail.gone !== undefined;
  const settings = JSON.stringify(detail.session?.settings);
  return {
    key: `${subject} ${uid} ${isGone} ${settings} ${state.generation}`,
    intervalMs: 5000,
    fetch: async () => {
      const {record, fault: recordFault} = await recordOf(uid, deps);
      return [{type: 'detail', reference: subject, found: {record, recordFault}}];
    },
  };
};

async function recordOf(
  uid: string,
  {cluster}: DashboardDeps,
): Promise<{readonly record: LocatedRecord | undefined; readonly fault: string | undefined}> {
  try {
    return {record: await cluster.records.get(uid), fault: undefined};
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    return {
      record: undefined,
      fault: error instanceof NegativeError ? 'no records' : messageAndHint(error),
    };
  }
}

/** Maximum number of records read for a filter. */
const mostFiltered = 20_000;

/**
 * Queries records in storage order and filters them here, after a bounded read. Looks up a single
 * uid by key.
 */
export const recordsQuery: QueryForState = (state, deps) => {
  if (currentScreen(state).name !== 'records') return undefined;
  const {text, selector} = state.filters.records;
  const heard = [...state.gates.values()].filter((gate) => isGateCurrent(gate, state)).map(({id}) => id);
  return {
    key: `${text} ${heard.join(' ')} ${state.generation}`,
    intervalMs: 5000,
    maxIntervalMs: 10_000,
    fetch: async (signal) => {
      const uid = selector?.names?.uid;
      if (selector !== undefined && uid !== undefined) return await recordNamed(uid, selector, deps);
      return await recordsListed({heard, unheard: unheardOf(state), selector, signal}, deps);
    },
  };
};

/** Returns failed outcomes for gates that don't answer and are therefore not queried. */
function unheardOf(state: State): readonly GateOutcome[] {
  return [...state.gates.values()].flatMap((gate) => {
    if (gate.leftAt !== undefined || isGateCurrent(gate, state)) return [];
    const {reason = 'timeout', message = 'no answer for a while'} = gate.failure ?? {};
    return [{node: gate.id, status: 'failed', reason, message, ms: 0, count: 0} as const];
  });
}

interface RecordsWanted {
  readonly heard: readonly string[];
  readonly unheard: readonly GateOutcome[];
  readonly selector: Selector | undefined;
  readonly signal: AbortSignal;
}

async function recordsListed(
  {heard, unheard, selector, signal}: RecordsWanted,
  {cluster, now}: DashboardDeps,
): Promise<readonly Action[]> {
  const most = selector === undefined ? maxRequestedRows : mostFiltered;
  const gates = unheard.length > 0 && heard.length > 0 ? heard : undefined;
  const listing = await cluster.records.list({gates, signal});
  const rows: LocatedRecord[] = [];
  let looked = 0;
  let isWhole = true;
  for await (const record of listing.rows) {
    looked += 1;
    if (selector === undefined || recordMatches(record, selector, now())) rows.push(record);
    if (looked < most && rows.length < maxRequestedRows) continue;
    isWhole = false;
    break;
  }
  const outcomes = gates === undefined ? listing.outcomes() : [...listing.outcomes(), ...unheard];
  return [{type: 'records', rows, outcomes, looked, isWhole, at: now()}];
}

/** Looks up a record by uid, like `records get`, so that the answer is complete. */
async function recordNamed(
  uid: string,
  selector: Selector,
  {cluster, now}: DashboardDeps,
): Promise<readonly Action[]> {
  const found = await cluster.records.get(uid).catch((error: unknown) => {
    if (error instanceof NegativeError) return undefined;
    throw error;
  });
  const rows = found !== undefined && recordMatches(found, selector, now()) ? [found] : [];
  const looked = found === undefined ? 0 : 1;
  return [{type: 'records', rows, outcomes: [], looked, isWhole: true, at: now()}];
}

export const recordQuery: QueryForState = (state, deps) => {
  const {name, subject} = currentScreen(state);
  if (name !== 'record' || subject === undefined) return undefined;
  return {
    key: `${subject} ${state.generation}`,
    intervalMs: 5000,
    fetch: async () => {
      const {record, fault} = await recordOf(subject, deps);
      return [{type: 'record', uid: subject, record, fault}];
    },
  };
};

export const journalQuery: QueryForState = (state, {readJournal}) => {
  const {name} = currentScreen(state);
  if (name !== 'journal' && name !== 'entry') return undefined;
  return {
    key: `journal ${state.generation}`,
    intervalMs: 3000,
    fetch: async () => [{type: 'journal', rows: await readJournal(maxRequestedRows)}],
  };
};

const anomaliesEveryMs = 60_000;
/** Guest sessions older than this many milliseconds are reported, as by `gatectl anomalies`. */
const guestOlderThan = 3_600_000;

/**
 * Checks that run for the overview. Record checks are left out, because they call a gate for each
 * record that names an unseen session.
 */
const sessionChecks = ['duplicate-uid', 'old-guest', 'no-server'] as const;

/**
 * Checks for anomalies while they are displayed, and for the overview if the cluster is small
 * enough.
 */
export const anomaliesQuery: QueryForState = (state, {cluster, now}) => {
  const {name} = currentScreen(state);
  const isShown = name === 'anomalies';
  if (!isShown && (name !== 'overview' || !hasFewSessions(state))) return undefined;
  if (state.gates.size === 0 || (!isShown && !clusterTotals(state).isCounted)) return undefined;
  return {
    key: isShown ? `shown ${state.refreshes}` : 'overview',
    intervalMs: anomaliesEveryMs,
    maxIntervalMs: 10 * anomaliesEveryMs,
    delayMs:
      isShown || state.anomalies.at === 0 ? undefined : state.anomalies.at + anomaliesEveryMs - state.now,
    fetch: async (signal) => {
      const {findAnomalies} = await import('../../cluster/anomalies/find-anomalies.js'); // not needed for the first frame
      const checks = isShown ? anomalyChecks : sessionChecks;
      const options = {checks, gates: undefined, guestOlderThan, now, signal, live: cluster};
      return [{type: 'anomalies', report: await findAnomalies(cluster, options), at: now()}];
    },
  };
};

/** Runs the diagnosis while its screen is open. */
export const doctorQuery: QueryForState = (state, {cluster, diagnose, now}) => {
  if (currentScreen(state).name !== 'doctor') return undefined;
  return {
    key: `doctor ${state.refreshes}`,
    intervalMs: anomaliesEveryMs,
    maxIntervalMs: 10 * anomaliesEveryMs,
    fetch: async () => {
      const findings: DoctorFinding[] = [];
      for await (const finding of diagnose(cluster)) findings.push(finding);
      return [{type: 'findings', findings, at: now()}];
    },
  };
};
