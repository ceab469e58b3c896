import {didYouMean} from '../../base/closest-match.js';
import {
  NegativeError,
  NoSessionError,
  PartialError,
  ShortenedIdError,
  UidAsSessionError,
  UnknownGateError,
  UsageError,
} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {GateApi} from '../../session/gate-api.js';
import {incompleteError} from '../incomplete-error.js';
import type {LocateOptions, SessionsQuery} from '../query-types.js';
import type {
  GateOutcome,
  Gathered,
  Listing,
  LocatedRow,
  LocatedSession,
  RowWithSource,
} from '../result-types.js';
import {anyOfGatesText, callFailureReasonOf, duplicateNodeError, failedOutcome, okOutcome} from './gather.js';
import {foundSessionReferences, onlySessionOfUid, uidOfReference} from './uid-reference.js';

interface LocateDeps {
  readonly gates: () => Promise<readonly ClusterNode[]>;
  readonly named: (id: string) => Promise<ClusterNode>;
  readonly gateOf: (node: ClusterNode) => GateApi;
  readonly find: (uid: string) => Promise<Gathered<readonly RowWithSource[]>>;
  readonly list: (query: SessionsQuery) => Promise<Listing>;
  readonly now: () => number;
}

/** Minimum length of a session id prefix. */
export const minSessionIdPrefixLength = 6;

/** Splits `Gate@id/session` and `session`. */
export function splitSessionReference(reference: string): {
  readonly gate: string | undefined;
  readonly sessionId: string;
} {
  const slash = reference.indexOf('/');
  const gate = slash < 0 ? undefined : reference.slice(0, slash);
  const sessionId = reference.slice(slash + 1);
  if (sessionId === '' || gate === '') {
    throw new UsageError(`invalid session "${reference}": expected an id or Gate@id/<session id>`, {
      hint: 'for example 5f008e4b69780dc3 or Gate@a/5f008e4b69780dc3',
    });
  }
  return {gate, sessionId};
}

/**
 * Finds a session on any gate. Rejects with NegativeError if every gate replied and none has it, and with
 * PartialError if a gate did not reply.
 */
export async function locateSession(
  deps: LocateDeps,
  reference: string,
  options: LocateOptions = {},
): Promise<LocatedSession> {
  const uid = uidOfReference(reference);
  if (uid !== undefined) {
    const {node, session} = onlySessionOfUid(uid, await deps.find(uid));
    return await locateOn(deps, await deps.named(node), session.sessionId);
  }
  const {gate, sessionId} = splitSessionReference(reference);
  const mayBePrefix = options.allowPrefix === true && sessionId.length >= minSessionIdPrefixLength;
  if (gate !== undefined) {
    const node = await deps.named(gate);
    return await locateOn(deps, node, sessionId, {
      orElse: async () => {
        if (!mayBePrefix) await refuseShortened(deps, [node], sessionId, options);
        return mayBePrefix ? await locateByPrefix(deps, [node], sessionId) : undefined;
      },
      short: shortPrefixProblem(sessionId, options),
    });
  }
  const all = await deps.gates();
  const {found, outcomes} = await askAll(deps, all, sessionId);
  if (found !== undefined) return found;
  if (mayBePrefix) {
    const byPrefix = await locateByPrefix(deps, all, sessionId);
    if (byPrefix !== undefined) return byPrefix;
  }
  if (outcomes.every((outcome) => outcome.status === 'ok'))
    throw await notFound(deps, all, sessionId, options);
  throw incompleteError(`cannot tell whether session "${sessionId}" exists`, outcomes);
}

/**
 * Creates the error for a string that identifies no session. If it is a uid, the hint is the command that finds the
 * user's sessions.
 */
async function notFound(
  deps: LocateDeps,
  all: readonly ClusterNode[],
  sessionId: string,
  options: LocateOptions,
): Promise<NegativeError> {
  const message = `no session "${sessionId}" on ${anyOfGatesText(all.length)}`;
  if (isSessionId(sessionId)) return new NegativeError(message, {hint: 'gatectl sessions list'});
  const found = await deps.find(sessionId);
  const {outcomes} = found;
  const sessions = foundSessionReferences(found);
  if (sessions.length > 0) return new UidAsSessionError(sessionId, sessions, {hint: findCommand(sessionId)});
  await refuseShortened(deps, all, sessionId, options);
  const short = shortPrefixProblem(sessionId, options);
  if (short !== undefined) return new NegativeError(`${message}: ${short.why}`, {hint: short.hint});
  const isComplete = outcomes.every(({status}) => status === 'ok');
  const hint = isComplete ? 'gatectl sessions list' : `if it is a uid: ${findCommand(sessionId)}`;
  return new NegativeError(message, {hint});
}

/**
 * Explains why a string that looks like the start of an id is too short for a prefix, and how to find ids. Returns
 * undefined for other strings.
 */
export function shortPrefixProblem(
  text: string,
  {allowPrefix = false}: LocateOptions,
): {readonly why: string; readonly hint: string} | undefined {
  if (!allowPrefix || text.length >= minSessionIdPrefixLength || !/^[0-9a-f]+$/.test(text)) return undefined;
  return {
    why: `a prefix of an id needs at least ${minSessionIdPrefixLength} characters`,
    hint: `gatectl sessions list --where 'id.startsWith("${text}")'`,
  };
}

/** Rejects with ShortenedIdError for a prefix that names a session, where none is accepted. */
async function refuseShortened(
  deps: LocateDeps,
  nodes: readonly ClusterNode[],
  text: string,
  {allowPrefix = false}: LocateOptions,
): Promise<void> {
  if (allowPrefix || text.length < minSessionIdPrefixLength || !/^[0-9a-f]+$/.test(text)) return;
  const located = await locateByPrefix(deps, nodes, text);
  if (located !== undefined) throw new ShortenedIdError(text, located.session.sessionId);
}

/** Matches the ids of mqant and gatectl. Any other string is probably a uid. */
export const isSessionId = (text: string): boolean => /^[0-9a-f]{16,32}$/.test(text);

const findCommand = (uid: string): string =>
  /^[\w@.:-]+$/.test(uid) ? `gatectl sessions find ${uid}` : 'gatectl sessions find <uid>';

export function nodeWithId(all: readonly ClusterNode[], id: string): ClusterNode {
  const node = all.find((one) => one.id === id);
  if (node !== undefined) return node;
  const names = all.map((one) => one.id);
  const [ending, ...others] = names.filter((name) => name.endsWith(`@${id}`));
  const meant = others.length === 0 ? ending : undefined;
  const hint = meant === undefined ? didYouMean(id, names, 'gatectl gates list') : `did you mean ${meant}?`;
  throw new UnknownGateError(id, meant, {hint});
}

async function locateOn(
  deps: LocateDeps,
  node: ClusterNode,
  sessionId: string,
  {
    orElse,
    short,
  }: {
    readonly orElse?: () => Promise<LocatedSession | undefined>;
    readonly short?: ReturnType<typeof shortPrefixProblem>;
  } = {},
): Promise<LocatedSession> {
  try {
    return {node, session: await deps.gateOf(node).update(sessionId)};
  } catch (error) {
    if (!(error instanceof NoSessionError)) throw error;
    const duplicate = duplicateNodeError(node);
    if (duplicate !== undefined)
      throw new PartialError(
        `cannot tell whether session "${sessionId}" exists: ${duplicate.message}`,
        duplicate,
      );
    const other = await orElse?.();
    if (other !== undefined) return other;
    const why = short === undefined ? '' : `: ${short.why}`;
    throw new NegativeError(`no session "${sessionId}" on ${node.id}${why}`, {
      hint: short?.hint ?? 'gatectl sessions list',
      cause: error,
    });
  }
}

interface Search {
  readonly found: LocatedSession | undefined;
  readonly outcomes: readonly GateOutcome[];
}

/** Calls all gates at once. The first that has the session ends the search. */
async function askAll(deps: LocateDeps, all: readonly ClusterNode[], sessionId: string): Promise<Search> {
  const started = deps.now();
  const outcomes: GateOutcome[] = [];
  const enough = new AbortController();
  const ask = async (node: ClusterNode): Promise<LocatedSession> => {
    try {
      const session = await deps.gateOf(node).update(sessionId, {signal: enough.signal});
      return {node, session};
    } catch (error) {
      const elapsed = deps.now() - started;
      if (error instanceof NoSessionError) outcomes.push(okOutcome(node, elapsed, 0));
      else if (callFailureReasonOf(error) !== undefined) outcomes.push(failedOutcome(node, error, elapsed));
      else if (!enough.signal.aborted) throw error;
      throw error;
    }
  };
  try {
    const found = await Promise.any(all.map(ask));
    return {found, outcomes};
  } catch (error) {
    const other = (error as AggregateError).errors.find(
      (one) => !(one instanceof NoSessionError) && callFailureReasonOf(one) === undefined,
    );
    if (other !== undefined) throw other;
    return {found: undefined, outcomes};
  } finally {
    enough.abort();
  }
}

/**
 * Finds the only session whose id begins with a prefix. Gates that can filter send matching sessions only. Throws
 * UsageError if several match.
 */
async function locateByPrefix(
  deps: LocateDeps,
  nodes: readonly ClusterNode[],
  prefix: string,
): Promise<LocatedSession | undefined> {
  const {parseSelector} = await import('../../selector/selector.js');
  const where = await parseSelector(`id.startsWith(${JSON.stringify(prefix)})`);
  const listing = await deps.list({where, gates: nodes.map(({id}) => id)});
  const matching: LocatedRow[] = [];
  let count = 0;
  for await (const row of listing.rows) {
    count += 1;
    if (matching.length < maxPrefixMatches) matching.push(row);
  }
  const [first, second] = matching;
  if (first === undefined) return undefined;
  if (second !== undefined) {
    const some = matching.map(({session}) => session.sessionId);
    throw new UsageError(`"${prefix}" is ambiguous: ${count} session ids begin with it: ${some.join(', ')}`, {
      hint: 'give more characters of the id',
    });
  }
  const failed = listing.outcomes().filter((outcome) => outcome.status === 'failed');
  if (failed.length > 0)
    throw incompleteError(`other session ids may begin with "${prefix}"`, listing.outcomes());
  return {node: nodeWithId(nodes, first.node), session: first.session};
}

/** Maximum number of session ids listed in an error about an ambiguous prefix. */
const maxPrefixMatches = 5;
