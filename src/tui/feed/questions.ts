import {GatectlError, NegativeError, NoSessionError} from '../../base/errors.js';
import type {GateOutcome, LocatedRecord} from '../../cluster/cluster.js';
import {recordMatches} from '../../cluster/records/record-matches.js';
import type {Selector} from '../../selector/selector.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import {mostRows} from '../layout/layout.js';
import type {Action} from '../model/action.js';
import {isHeard} from '../model/selectors.js';
import {currentScreen, type DetailState, type State} from '../model/state.js';
import type {Questioner} from './question.js';

const listEveryMs = 2000;

/** Who is in the cluster: asked when that may have changed, and while nobody is. */
export const gatesQuestion: Questioner = (state, {cluster, now}) => ({
  key: `gates ${state.generation} ${state.registryFault ?? ''}`,
  everyMs: state.registryFault === undefined ? 30_000 : 2000,
  ask: async () => {
    try {
      return [{type: 'gates', nodes: await cluster.lookAgain(), at: now()}];
    } catch (error) {
      if (!(error instanceof GatectlError)) throw error;
      return [{type: 'no-gates', message: error.message, at: now()}];
    }
  },
});

/** One session and its counters; only its gate is asked. */
export const detailQuestion: Questioner = (state, doors) => {
  const {name, about} = currentScreen(state);
  if (name !== 'session' || about === undefined) return undefined;
  return {
    key: `${about} ${state.generation}`,
    everyMs: listEveryMs,
    ask: async () => [{type: 'detail', reference: about, found: await look(about, doors)}],
  };
};

async function look(reference: string, doors: DashboardDeps): Promise<Partial<DetailState>> {
  const {cluster, now} = doors;
  try {
    const located = await cluster.locate(reference);
    const {session} = located;
    const row = await cluster.rowOf(located);
    const guest = session.userId === '' ? {others: []} : {};
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
    if (!isNotThere(error)) return {fault: error.message};
    return {gone: {at: now(), why: 'it is not on its gate any more'}, fault: undefined};
  }
}

const isNotThere = (error: GatectlError): boolean =>
  error instanceof NegativeError || error.cause instanceof NoSessionError;

/** The record of the user of the session that is shown. */
export const besideQuestion: Questioner = (state, doors) => {
  const {name, about} = currentScreen(state);
  const {detail} = state;
  const uid = detail?.session?.userId ?? '';
  if (name !== 'session' || about === undefined || detail === undefined || uid === '') return undefined;
  const isGone = detail.gone !== undefined;
  const settings = JSON.stringify(detail.session?.settings);
  return {
    key: `${about} ${uid} ${isGone} ${settings} ${state.generation}`,
    everyMs: 5000,
    ask: async () => {
      const {record, fault: recordFault} = await recordOf(uid, doors);
      return [{type: 'detail', reference: about, found: {record, recordFault}}];
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
    return {record: undefined, fault: error instanceof NegativeError ? 'no record' : error.message};
  }
}

/** Records that are looked at for those that match. */
const mostFiltered = 20_000;

/** Records in the order of their storage, filtered here: a bounded number is looked at. A uid is looked up. */
export const recordsQuestion: Questioner = (state, doors) => {
  if (currentScreen(state).name !== 'records') return undefined;
  const {text, selector} = state.filters.records;
  const heard = [...state.gates.values()].filter((gate) => isHeard(gate, state)).map(({id}) => id);
  return {
    key: `${text} ${heard.join(' ')} ${state.generation}`,
    everyMs: 5000,
    mostMs: 10_000,
    ask: async (signal) => {
      const uid = selector?.names?.uid;
      if (selector !== undefined && uid !== undefined) return await recordNamed(uid, selector, doors);
      return await recordsListed({heard, unheard: unheardOf(state), selector, signal}, doors);
    },
  };
};

/** Gates that do not answer: nobody waits for them, and the answer says that they are missing. */
function unheardOf(state: State): readonly GateOutcome[] {
  return [...state.gates.values()].flatMap((gate) => {
    if (gate.leftAt !== undefined || isHeard(gate, state)) return [];
    const {reason = 'timeout', message = 'has not been heard for a while'} = gate.failure ?? {};
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
  const most = selector === undefined ? mostRows : mostFiltered;
  const gates = unheard.length > 0 && heard.length > 0 ? heard : undefined;
  const listing = await cluster.records.list({gates, signal});
  const rows: LocatedRecord[] = [];
  let looked = 0;
  let isWhole = true;
  for await (const record of listing.rows) {
    looked += 1;
    if (selector === undefined || recordMatches(record, selector, now())) rows.push(record);
    if (looked < most && rows.length < mostRows) continue;
    isWhole = false;
    break;
  }
  const outcomes = gates === undefined ? listing.outcomes() : [...listing.outcomes(), ...unheard];
  return [{type: 'records', rows, outcomes, looked, isWhole, at: now()}];
}

/** The record of a uid by its key, as `records get` finds it: the answer is complete. */
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

export const recordQuestion: Questioner = (state, doors) => {
  const {name, about} = currentScreen(state);
  if (name !== 'record' || about === undefined) return undefined;
  return {
    key: `${about} ${state.generation}`,
    everyMs: 5000,
    ask: async () => {
      const {record, fault} = await recordOf(about, doors);
      return [{type: 'record', uid: about, record, fault}];
    },
  };
};

export const journalQuestion: Questioner = (state, {journal}) => {
  const {name} = currentScreen(state);
  if (name !== 'journal' && name !== 'entry') return undefined;
  return {
    key: `journal ${state.generation}`,
    everyMs: 3000,
    ask: async () => [{type: 'journal', rows: await journal(mostRows)}],
  };
};
