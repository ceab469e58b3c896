import {didYouMean} from '../../base/closest-match.js';
import {NegativeError, NoSessionError, PartialError, UsageError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {GateApi} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {GateOutcome, Located} from '../answers.js';
import {incomplete} from '../incomplete.js';
import type {LocateOptions} from '../queries.js';
import {anyGateText, duplicateOf, failedOutcome, failureReason, okOutcome} from './gather.js';
import {sessionGuard} from './session-guard.js';
import {streamPages} from './stream.js';

interface LocateDeps {
  readonly gates: () => Promise<readonly ClusterNode[]>;
  readonly named: (id: string) => Promise<ClusterNode>;
  readonly gateOf: (node: ClusterNode) => GateApi;
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** Shortest session id prefix accepted on a terminal. */
export const minPrefixLength = 6;

/** Splits `Gate@id/session` and `session`. */
export function splitReference(reference: string): {
  readonly gate: string | undefined;
  readonly sessionId: string;
} {
  const slash = reference.indexOf('/');
  const gate = slash < 0 ? undefined : reference.slice(0, slash);
  const sessionId = reference.slice(slash + 1);
  if (sessionId === '' || gate === '') {
    throw new UsageError(`"${reference}" names no session`, {
      hint: 'like 5f008e4b69780dc3 or Gate@a/5f008e4b69780dc3',
    });
  }
  return {gate, sessionId};
}

/** Finds a session on any gate. */
export async function locate(
  deps: LocateDeps,
  reference: string,
  options: LocateOptions = {},
): Promise<Located> {
  const {gate, sessionId} = splitReference(reference);
  if (gate !== undefined) return await locateOn(deps, await deps.named(gate), sessionId);
  const all = await deps.gates();
  const {found, outcomes} = await askAll(deps, all, sessionId);
  if (found !== undefined) return found;
  const complete = outcomes.every((outcome) => outcome.status === 'ok');
  if (options.allowPrefix === true && sessionId.length >= minPrefixLength) {
    const byPrefix = await locateByPrefix(deps, all, sessionId);
    if (byPrefix !== undefined) return byPrefix;
  }
  if (complete) {
    throw new NegativeError(`no session "${sessionId}" on ${anyGateText(all.length)}`, {
      hint: isSessionId(sessionId) ? 'gatectl sessions list' : `if it is a uid: ${findCommand(sessionId)}`,
    });
  }
  throw incomplete(`whether there is a session "${sessionId}" is unknown`, outcomes);
}

/** The form of mqant's and gatectl's ids. Any other text is probably a uid. */
const isSessionId = (text: string): boolean => /^[0-9a-f]{16,32}$/.test(text);

const findCommand = (uid: string): string =>
  /^[\w@.:-]+$/.test(uid) ? `gatectl sessions find ${uid}` : 'gatectl sessions find <uid>';

export function gateNamed(all: readonly ClusterNode[], id: string): ClusterNode {
  const node = all.find((one) => one.id === id);
  if (node !== undefined) return node;
  const names = all.map((one) => one.id);
  throw new NegativeError(`no gate "${id}" in the registry`, {
    hint: didYouMean(id, names, 'gatectl gates list'),
  });
}

async function locateOn(deps: LocateDeps, node: ClusterNode, sessionId: string): Promise<Located> {
  try {
    return {node, session: await deps.gateOf(node).update(sessionId)};
  } catch (error) {
    if (!(error instanceof NoSessionError)) throw error;
    const duplicate = duplicateOf(node);
    if (duplicate !== undefined)
      throw new PartialError(
        `whether there is a session "${sessionId}" is unknown: ${duplicate.message}`,
        duplicate,
      );
    throw new NegativeError(`no session "${sessionId}" on ${node.id}`, {
      hint: 'gatectl sessions list',
      cause: error,
    });
  }
}

interface Search {
  readonly found: Located | undefined;
  readonly outcomes: readonly GateOutcome[];
}

/** Asks all gates at once. The first that has the session ends the search. */
async function askAll(deps: LocateDeps, all: readonly ClusterNode[], sessionId: string): Promise<Search> {
  const started = deps.now();
  const outcomes: GateOutcome[] = [];
  const enough = new AbortController();
  const ask = async (node: ClusterNode): Promise<Located> => {
    try {
      const session = await deps.gateOf(node).update(sessionId, {signal: enough.signal});
      return {node, session};
    } catch (error) {
      const elapsed = deps.now() - started;
      if (error instanceof NoSessionError) outcomes.push(okOutcome(node, elapsed, 0));
      else if (failureReason(error) !== undefined) outcomes.push(failedOutcome(node, error, elapsed));
      else if (!enough.signal.aborted) throw error;
      throw error;
    }
  };
  try {
    const found = await Promise.any(all.map(ask));
    return {found, outcomes};
  } catch (error) {
    const other = (error as AggregateError).errors.find(
      (one) => !(one instanceof NoSessionError) && failureReason(one) === undefined,
    );
    if (other !== undefined) throw other;
    return {found: undefined, outcomes};
  } finally {
    enough.abort();
  }
}

/** Searches the listing for a prefix, for people who type at a terminal. */
async function locateByPrefix(
  deps: LocateDeps,
  all: readonly ClusterNode[],
  prefix: string,
): Promise<Located | undefined> {
  const matching: {readonly node: ClusterNode; readonly session: Session}[] = [];
  const listing = streamPages({
    expected: all,
    now: deps.now,
    guard: (node) => sessionGuard(deps.gateOf(node), deps),
    page: async (node, after, limit) => {
      const {rows, next} = await deps.gateOf(node).list({after, limit});
      return {rows: rows.map((row) => ({node, session: row.session})), next};
    },
  });
  for await (const row of listing.rows) if (row.session.sessionId.startsWith(prefix)) matching.push(row);
  const [first, second] = matching;
  if (first === undefined) return undefined;
  if (second !== undefined) {
    const some = matching.slice(0, 5).map(({session}) => session.sessionId);
    throw new UsageError(`"${prefix}" begins ${matching.length} session ids: ${some.join(', ')}`, {
      hint: 'type more of it',
    });
  }
  const failed = listing.outcomes().filter((outcome) => outcome.status === 'failed');
  if (failed.length > 0) throw incomplete(`"${prefix}" may begin other session ids`, listing.outcomes());
  return first;
}
