import {NegativeError, UidAsSessionError} from '../../base/errors.js';
import type {ClusterReader, GateOutcome} from '../cluster.js';
import {isSessionId, splitSessionReference} from '../read/locate-session.js';
import {requireAllSessions, severalSessionsError, uidOfReference} from '../read/uid-reference.js';
import {forEachSessionRow, type SessionIdRow, type Target, targetOfRow} from './paced-writes.js';

/** Up to this many sessions are looked up one by one; more are looked up in one listing of the gates. */
const maxSingleLookups = 20;
/** Number of concurrent lookups on a gate that cannot list. */
const concurrentLookups = 200;

/** A session as given by the operator. */
export interface RequestedSession {
  /** `<session id>`, `Gate@id/<session id>` or `uid:<uid>`. */
  readonly reference: string;
  /** Line number in the list of sessions. */
  readonly line?: number | undefined;
  /** The uid to bind the session to. */
  readonly bindTo?: string | undefined;
}

interface ResolveOptions {
  /** Accepts id prefixes, for up to `maxSingleLookups` sessions. */
  readonly allowPrefix: boolean;
  /** Returns all sessions of a uid, instead of rejecting if it has several. */
  readonly allSessions: boolean;
  readonly signal: AbortSignal;
}

interface ResolvedTargets {
  /** Each session once, in the order of the list. */
  readonly targets: readonly Target[];
  readonly missing: readonly RequestedSession[];
  /**
   * Gates that may have a missing session, or another session of a uid, because they failed; ok gates are included.
   */
  readonly outcomes: readonly GateOutcome[];
}

/**
 * Finds the sessions of a list: a few one by one, many in one listing, so that the number of calls does not grow with
 * sessions times gates. A line may also be a bare uid, for every session of the user. Rejects with ConflictError for a
 * reference `uid:<uid>` with several sessions.
 */
export async function resolveTargets(
  cluster: ClusterReader,
  named: readonly RequestedSession[],
  options: ResolveOptions,
): Promise<ResolvedTargets> {
  const resolved =
    named.length <= maxSingleLookups
      ? await lookUpEach(cluster, named, options)
      : await lookUpInListing(cluster, named, options);
  const targets = new Map<string, Target>();
  for (const [one, found] of resolved.found) {
    for (const target of found) {
      const known = targets.get(`${target.node}/${target.id}`);
      if (known === undefined || one.bindTo !== undefined)
        targets.set(`${target.node}/${target.id}`, {...target, bindTo: one.bindTo});
    }
  }
  const missing = named.filter((one) => (resolved.found.get(one)?.length ?? 0) === 0);
  return {targets: [...targets.values()], missing, outcomes: resolved.outcomes};
}

interface Found {
  readonly found: ReadonlyMap<RequestedSession, readonly Target[]>;
  readonly outcomes: readonly GateOutcome[];
}

async function lookUpEach(
  cluster: ClusterReader,
  named: readonly RequestedSession[],
  options: ResolveOptions,
): Promise<Found> {
  const uids: UidAsSessionError[] = [];
  const found = await Promise.all(
    named.map(async (one) => {
      const targets = await lookUp(cluster, one.reference, options).catch(async (error: unknown) => {
        if (!(error instanceof UidAsSessionError)) throw error;
        if (one.line !== undefined) return await lookUp(cluster, `uid:${error.uid}`, ofLine(one, options));
        uids.push(error);
        return [];
      });
      return [one, targets] as const;
    }),
  );
  const [first, ...others] = uids;
  if (first === undefined) return {found: new Map(found), outcomes: []};
  throw new UidAsSessionError(first.uid, first.sessions, {
    hint: first.hint,
    others: others.map(({uid}) => uid),
  });
}

/** A bare uid in a list means every session of the user, except where one is bound. */
const ofLine = ({bindTo}: RequestedSession, options: ResolveOptions): ResolveOptions =>
  bindTo === undefined ? {...options, allSessions: true} : options;

async function lookUp(
  cluster: ClusterReader,
  reference: string,
  {allowPrefix, allSessions}: ResolveOptions,
): Promise<readonly Target[]> {
  const uid = uidOfReference(reference);
  if (uid !== undefined && allSessions)
    return requireAllSessions(uid, await cluster.find(uid)).map(targetOfRow);
  try {
    const {node, session} = await cluster.locate(reference, {allowPrefix});
    return [{node: node.id, id: session.sessionId, uid: session.userId}];
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}

async function lookUpInListing(
  cluster: ClusterReader,
  named: readonly RequestedSession[],
  options: ResolveOptions,
): Promise<Found> {
  const wanted = new WantedSessions(named);
  const gates = wanted.isOnNamedGates ? gatesIn(named) : [];
  const listing = await cluster.list({gates, signal: options.signal});
  await forEachSessionRow(listing.rows, (row) => wanted.add(row));
  const outcomes = listing.outcomes();
  const unlisted = outcomes.filter(({reason}) => reason === 'unsupported').map(({node}) => node);
  await lookUpOnGates(cluster, wanted, unlisted, options.signal);
  wanted.takeUids();
  if (!options.allSessions) wanted.checkUids();
  const isOpen = ({status, node}: GateOutcome): boolean =>
    status === 'failed' && (wanted.hasUids || (wanted.missing().length > 0 && !unlisted.includes(node)));
  return {found: wanted.found, outcomes: outcomes.filter((one) => one.status === 'ok' || isOpen(one))};
}

/** Looks up each missing session on gates that cannot list. */
async function lookUpOnGates(
  cluster: ClusterReader,
  wanted: WantedSessions,
  gates: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const gate of gates) {
    const open = wanted.missing().filter(({reference}) => mayBeOn(reference, gate));
    for (let at = 0; at < open.length; at += concurrentLookups) {
      signal.throwIfAborted();
      const some = open.slice(at, at + concurrentLookups);
      await Promise.all(
        some.map(async (one) => {
          const {sessionId} = splitSessionReference(one.reference);
          const located = await cluster.locate(`${gate}/${sessionId}`).catch(ignoreMissing);
          if (located !== undefined)
            wanted.take(one, {node: gate, id: sessionId, uid: located.session.userId});
        }),
      );
    }
  }
}

function mayBeOn(reference: string, gate: string): boolean {
  if (uidOfReference(reference) !== undefined) return false;
  const {gate: named} = splitSessionReference(reference);
  return named === undefined || named === gate;
}

/** Ignores the error for a missing session; rethrows all others. */
function ignoreMissing(error: unknown): undefined {
  const isMissing = error instanceof NegativeError && error.constructor === NegativeError;
  if (!isMissing) throw error;
}

/** Returns the gates in the references, each once. */
const gatesIn = (named: readonly RequestedSession[]): readonly string[] => [
  ...new Set(named.flatMap(({reference}) => gateIn(reference) ?? [])),
];

const gateIn = (reference: string): string | undefined =>
  uidOfReference(reference) === undefined ? splitSessionReference(reference).gate : undefined;

/** The sessions of a list, indexed by id and uid, with the targets found for each. */
class WantedSessions {
  readonly found = new Map<RequestedSession, Target[]>();
  readonly isOnNamedGates: boolean;
  hasUids: boolean;
  private readonly byId = new Map<string, RequestedSession[]>();
  private readonly byUid = new Map<string, RequestedSession[]>();
  /** Lines of a list that may be bare uids, by uid, and the sessions of these uids. */
  private readonly bare = new Map<string, {readonly lines: RequestedSession[]; readonly targets: Target[]}>();
  private readonly gateOf = new Map<RequestedSession, string>();

  constructor(private readonly named: readonly RequestedSession[]) {
    for (const one of named) {
      this.found.set(one, []);
      const uid = uidOfReference(one.reference);
      if (uid !== undefined) {
        listIn(this.byUid, uid).push(one);
        continue;
      }
      const {gate, sessionId} = splitSessionReference(one.reference);
      listIn(this.byId, sessionId).push(one);
      if (gate !== undefined) this.gateOf.set(one, gate);
      else if (one.line !== undefined && !isSessionId(sessionId)) this.bareUid(sessionId).lines.push(one);
    }
    this.isOnNamedGates = this.gateOf.size === named.length;
    this.hasUids = this.byUid.size > 0;
  }

  add(row: SessionIdRow): void {
    const {node, session} = row;
    for (const one of this.byId.get(session.sessionId) ?? []) {
      const gate = this.gateOf.get(one);
      if (gate === undefined || gate === node) this.take(one, targetOfRow(row));
    }
    this.bare.get(session.userId)?.targets.push(targetOfRow(row));
    if (!this.hasUids) return;
    for (const one of this.byUid.get(session.userId) ?? []) this.take(one, targetOfRow(row));
  }

  take(one: RequestedSession, target: Target): void {
    this.found.get(one)?.push(target);
  }

  missing(): readonly RequestedSession[] {
    return this.named.filter((one) => this.found.get(one)?.length === 0);
  }

  /** Takes the lines that name no session for uids. */
  takeUids(): void {
    for (const [uid, {lines, targets}] of this.bare) {
      const open = lines.filter((one) => this.found.get(one)?.length === 0);
      if (targets.length === 0) continue;
      for (const one of open) {
        this.hasUids = true;
        this.found.set(one, targets);
        if (one.bindTo !== undefined) listIn(this.byUid, uid).push(one);
      }
    }
  }

  private bareUid(uid: string) {
    const known = this.bare.get(uid) ?? {lines: [], targets: []};
    this.bare.set(uid, known);
    return known;
  }

  /** Throws ConflictError for a uid with several sessions. */
  checkUids(): void {
    for (const [uid, [one]] of this.byUid) {
      const targets = (one && this.found.get(one)) ?? [];
      if (targets.length > 1)
        throw severalSessionsError(
          uid,
          targets.map(({node, id}) => ({node, session: {sessionId: id}})),
        );
    }
  }
}

function listIn(lists: Map<string, RequestedSession[]>, key: string): RequestedSession[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: RequestedSession[] = [];
  lists.set(key, list);
  return list;
}
