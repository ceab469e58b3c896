import type {LocatedRecord, LocatedRow} from '../../cluster/cluster.js';
import {recordMatches} from '../../cluster/record-matches.js';
import {GatectlError, NegativeError, NoSessionError} from '../../errors.js';
import type {Selector} from '../../selector/selector.js';
import type {Action} from '../action.js';
import type {Doors} from '../doors.js';
import {mostRows, wantedRows} from '../layout.js';
import {sessionsAsked} from '../selectors.js';
import {type DetailState, screenOf} from '../state.js';
import type {Questioner} from './question.js';

/** Rows that are read at most of a gate that cannot filter or sort itself. */
const sampleRows = 2000;
const listEveryMs = 2000;
const statsEveryMs = 2000;
const infoEveryMs = 15_000;
/** A filter that is being typed is asked when the typing pauses. */
const typingMs = 150;

/** Figures of all gates, and how long they take to answer; those without figures are pinged. */
export const statsQuestion: Questioner = (state, {cluster, now}) => ({
  key: `stats ${state.generation}`,
  everyMs: statsEveryMs,
  ask: async () => {
    const {results, outcomes} = await cluster.stats();
    const lacking = outcomes.filter(({reason}) => reason === 'unsupported').map(({node}) => node);
    const stats: Action = {type: 'stats', results, outcomes, at: now()};
    if (lacking.length === 0) return [stats];
    const pinged = await cluster.ping(lacking);
    return [stats, {type: 'pings', outcomes: pinged.outcomes, at: now()}];
  },
});

export const infoQuestion: Questioner = (state, {cluster}) => ({
  key: `info ${[...state.gates.keys()].join(' ')}`,
  everyMs: infoEveryMs,
  ask: async () => [{type: 'infos', results: (await cluster.info()).results}],
});

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

/** The first sessions in the order of the table; gates filter and sort, and send only these. */
export const sessionsQuestion: Questioner = (state, {cluster, now}) => {
  if (screenOf(state).name !== 'sessions' || state.gates.size === 0) return undefined;
  const {order} = state.sessions;
  const where = state.filters.sessions.selector;
  const question = sessionsAsked(state);
  const limit = wantedRows(state);
  return {
    key: `${question} ${limit} ${state.generation}`,
    everyMs: listEveryMs,
    afterMs: state.prompt?.kind === 'filter' ? typingMs : undefined,
    ask: async (signal) => {
      const listing = await cluster.list({where, order, limit, sample: sampleRows, signal});
      const rows: LocatedRow[] = [];
      for await (const row of listing.rows) rows.push(row);
      const outcomes = listing.outcomes();
      const sampled = listing.sampled?.() ?? [];
      return [{type: 'sessions', question, rows, outcomes, sampled, limit, at: now()}];
    },
  };
};

/** How many there are in all, where every gate counts by itself. */
export const countQuestion: Questioner = (state, doors) => {
  if (screenOf(state).name !== 'sessions' || state.gates.size === 0) return undefined;
  const question = sessionsAsked(state);
  const where = state.filters.sessions.selector;
  return {
    key: `${question} ${state.generation}`,
    everyMs: listEveryMs,
    afterMs: state.prompt?.kind === 'filter' ? typingMs : undefined,
    ask: async (signal) => [{type: 'counted', question, total: await totalOf(doors, where, signal)}],
  };
};

async function totalOf(
  {cluster}: Doors,
  where: Selector | undefined,
  signal: AbortSignal,
): Promise<number | undefined> {
  const counted = await cluster.each((gate) => gate.count({where: where?.text}, {signal}));
  const counts = [...counted.results.values()];
  const isWhole = counted.outcomes.every(({status}) => status === 'ok');
  if (!isWhole || (where !== undefined && counts.some(({filtered}) => filtered !== true))) return undefined;
  return counts.reduce((sum, {sessions}) => sum + sessions, 0);
}

/** One session, its counters, its user's other sessions. */
export const detailQuestion: Questioner = (state, doors) => {
  const {name, about} = screenOf(state);
  if (name !== 'session' || about === undefined) return undefined;
  return {
    key: `${about} ${state.generation}`,
    everyMs: listEveryMs,
    ask: async () => [{type: 'detail', reference: about, found: await look(about, doors)}],
  };
};

async function look(reference: string, doors: Doors): Promise<Partial<DetailState>> {
  const {cluster, now} = doors;
  try {
    const located = await cluster.locate(reference);
    const {session} = located;
    const [row, same] = await Promise.all([
      cluster.rowOf(located),
      session.userId === '' ? [] : sessionsOf(session.userId, doors),
    ]);
    const others = same
      .map((one) => `${one.node}/${one.session.sessionId}`)
      .filter((one) => one !== reference);
    return {
      session,
      ...(row === undefined ? {} : {row}),
      seenAt: now(),
      gone: undefined,
      fault: undefined,
      others,
    };
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    if (!isNotThere(error)) return {fault: error.message};
    return {gone: {at: now(), why: 'it is not on its gate any more'}, fault: undefined};
  }
}

const isNotThere = (error: GatectlError): boolean =>
  error instanceof NegativeError || error.cause instanceof NoSessionError;

async function sessionsOf(uid: string, {cluster}: Doors): Promise<readonly LocatedRow[]> {
  const {results} = await cluster.find(uid);
  return [...results].flatMap(([node, rows]) => rows.map((row) => ({...row, node})));
}

/** The record of the user of the session that is shown, and where he is when the session has gone. */
export const besideQuestion: Questioner = (state, doors) => {
  const {name, about} = screenOf(state);
  const {detail} = state;
  const uid = detail?.session?.userId ?? '';
  if (name !== 'session' || about === undefined || detail === undefined || uid === '') return undefined;
  const isGone = detail.gone !== undefined;
  const settings = JSON.stringify(detail.session?.settings);
  return {
    key: `${about} ${uid} ${isGone} ${settings} ${state.generation}`,
    everyMs: isGone ? listEveryMs : 5000,
    ask: async () => {
      const {record, fault: recordFault} = await recordOf(uid, doors);
      const others = isGone ? await othersOf(uid, about, doors) : {};
      return [{type: 'detail', reference: about, found: {record, recordFault, ...others}}];
    },
  };
};

async function othersOf(uid: string, reference: string, doors: Doors): Promise<Partial<DetailState>> {
  const rows = await sessionsOf(uid, doors);
  const others = rows.map(({node, session}) => `${node}/${session.sessionId}`);
  return {others: others.filter((one) => one !== reference)};
}

async function recordOf(
  uid: string,
  {cluster}: Doors,
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

/** Records in the order of their storage, filtered here: a bounded number is looked at. */
export const recordsQuestion: Questioner = (state, {cluster, now}) => {
  if (screenOf(state).name !== 'records') return undefined;
  const {text, selector} = state.filters.records;
  const most = selector === undefined ? mostRows : mostFiltered;
  return {
    key: `${text} ${state.generation}`,
    everyMs: 5000,
    ask: async (signal) => {
      const listing = await cluster.records.list({signal});
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
      return [{type: 'records', rows, outcomes: listing.outcomes(), looked, isWhole, at: now()}];
    },
  };
};

export const recordQuestion: Questioner = (state, doors) => {
  const {name, about} = screenOf(state);
  if (name !== 'record' || about === undefined) return undefined;
  return {
    key: `${about} ${state.generation}`,
    everyMs: 5000,
    ask: async () => {
      const [{record, fault}, live] = await Promise.all([recordOf(about, doors), sessionsOf(about, doors)]);
      return [{type: 'record', uid: about, record, fault, live}];
    },
  };
};

export const journalQuestion: Questioner = (state, {journal}) => {
  const {name} = screenOf(state);
  if (name !== 'journal' && name !== 'entry') return undefined;
  return {
    key: `journal ${state.generation}`,
    everyMs: 3000,
    ask: async () => [{type: 'journal', rows: await journal(mostRows)}],
  };
};
