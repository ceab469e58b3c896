import type {ClusterReader} from '../cluster.js';
import {gateCountText} from '../read/gather.js';
import type {Listing, LocatedRow} from '../result-types.js';
import type {AnomalyCollector} from './anomaly.js';
import {StringHashSet} from './string-hash-set.js';

/** Maximum number of uids with several sessions that are examined. */
const maxSuspects = 10_000;
/** Maximum number of sessions listed for one uid. */
const maxListed = 20;
/** Up to this many uids are looked up one by one; for more, the sessions are listed again. */
const fewSuspects = 8;

/** Sessions seen while listing, kept in bounded memory for the record checks. */
export interface SeenSessions {
  readonly uids: StringHashSet;
  /** Sessions as `Gate@id/<session id>`. */
  readonly references: StringHashSet;
  readonly count: number;
  readonly listing: Listing;
}

export interface SessionCheckOptions {
  readonly gates: readonly string[] | undefined;
  /** Guests connected for longer than this are reported. In milliseconds. */
  readonly guestOlderThan: number;
  /** Unix milliseconds, for gates that do not report their own time. */
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

const referenceOf = ({node, session}: LocatedRow): string => `${node}/${session.sessionId}`;

/** Checks every session once, then looks up uids with several sessions a second time. */
export async function checkSessions(
  cluster: ClusterReader,
  findings: AnomalyCollector,
  options: SessionCheckOptions,
): Promise<SeenSessions> {
  const {gates, signal} = options;
  const [uids, references, suspects] = [new StringHashSet(), new StringHashSet(), new Set<string>()];
  let count = 0;
  let unlooked = 0;
  const listing = await cluster.list({gates, signal});
  for await (const row of listing.rows) {
    count += 1;
    references.see(referenceOf(row));
    checkRow(row, findings, options);
    const {userId} = row.session;
    if (userId === '' || !uids.see(userId) || suspects.has(userId)) continue;
    if (suspects.size < maxSuspects) suspects.add(userId);
    else unlooked += 1;
  }
  if (unlooked > 0)
    findings.note(
      'duplicate-uid',
      `more than ${maxSuspects} uids have several sessions: only the first ${maxSuspects} were examined`,
    );
  if (uids.forgotten > 0)
    findings.note('duplicate-uid', `${uids.forgotten} uids were not checked: too many to keep in memory`);
  if (suspects.size > 0 && findings.wants('duplicate-uid')) {
    for await (const rows of sessionsOf(cluster, suspects, options)) checkUid(rows, findings);
  }
  return {uids, references, count, listing};
}

function checkRow(
  row: LocatedRow,
  findings: AnomalyCollector,
  {guestOlderThan, now}: SessionCheckOptions,
): void {
  const {node, session, connectedAt, observedAt = now()} = row;
  const subject = referenceOf(row);
  const about = {subject, sessions: [subject], next: ['sessions', 'get', subject]};
  if (session.serverId !== node) {
    const evidence =
      session.serverId === ''
        ? 'has no gate id: modules cannot reach it'
        : `names the gate "${session.serverId}", but is on ${node}: modules call the wrong gate`;
    findings.add({check: 'no-server', severity: 'high', evidence, ...about});
  }
  const age = observedAt - connectedAt;
  if (session.userId !== '' || connectedAt === 0 || age <= guestOlderThan) return;
  const evidence = `a guest for ${Math.floor(age / 1000)} s from ${session.ip}`;
  findings.add({check: 'old-guest', severity: 'low', evidence, ...about});
}

/**
 * Reports a uid that has several sessions at the same time. A session that only moved between gates is not a
 * duplicate.
 */
function checkUid(rows: readonly LocatedRow[], findings: AnomalyCollector): void {
  const sessions = [...new Set(rows.map(referenceOf))].sort();
  const [first] = rows;
  if (first === undefined || sessions.length < 2) return;
  const gates = new Set(rows.map(({node}) => node)).size;
  const {userId} = first.session;
  const named = sessions.slice(0, maxListed);
  const more = sessions.length > named.length ? ` and ${sessions.length - named.length} more` : '';
  findings.add({
    check: 'duplicate-uid',
    severity: gates > 1 ? 'high' : 'medium',
    subject: userId,
    evidence: `${sessions.length} sessions on ${gateCountText(gates)}: ${named.join(', ')}${more}`,
    sessions: named,
    newest: newestOf(rows),
    next: ['sessions', 'find', userId],
  });
}

/** Returns the session that connected last; undefined if a gate doesn't report when its sessions connected. */
function newestOf(rows: readonly LocatedRow[]): string | undefined {
  if (rows.some(({connectedAt}) => connectedAt === 0)) return undefined;
  const [newest] = [...rows].sort((one, other) => other.connectedAt - one.connectedAt);
  return newest && referenceOf(newest);
}

async function* sessionsOf(
  cluster: ClusterReader,
  uids: ReadonlySet<string>,
  {gates, signal}: SessionCheckOptions,
): AsyncGenerator<readonly LocatedRow[], void, undefined> {
  if (uids.size <= fewSuspects) {
    for (const uid of uids) {
      const {results} = await cluster.find(uid);
      yield [...results].flatMap(([node, rows]) =>
        gates === undefined || gates.includes(node) ? rows.map((row) => ({...row, node})) : [],
      );
    }
    return;
  }
  const byUid = new Map<string, LocatedRow[]>();
  for await (const row of (await cluster.list({gates, signal})).rows) {
    const {userId} = row.session;
    if (!uids.has(userId)) continue;
    const rows = byUid.get(userId) ?? [];
    byUid.set(userId, rows);
    if (rows.length <= 10 * maxListed) rows.push(row);
  }
  yield* byUid.values();
}
