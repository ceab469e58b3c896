import {CallError, NegativeError, UidAsSessionError, UsageError} from '../../base/errors.js';
import {GroupTally} from '../../selector/grouping.js';
import type {GateInfo, GateStats, SessionCount} from '../../session/gate-api.js';
import {classifyNode, type NodeKind} from '../../session/node-kind.js';
import type {SessionRow} from '../../session/session.js';
import type {
  AllGatesCountQuery,
  AllGatesListQuery,
  ClusterNode,
  ClusterReader,
  GateOutcome,
  Gathered,
  Listing,
  LocatedRow,
  LocatedSession,
  LocateOptions,
  RecordReader,
  SessionsQuery,
} from '../cluster.js';
import {incompleteError} from '../incomplete-error.js';
import {anyOfGatesText} from '../read/gather.js';
import {
  minSessionIdPrefixLength,
  nodeWithId,
  shortPrefixProblem,
  splitSessionReference,
} from '../read/locate-session.js';
import {sortedRows} from '../read/sort-rows.js';
import {foundSessionReferences, onlySessionOfUid, uidOfReference} from '../read/uid-reference.js';
import type {SnapshotFile} from './snapshot-file.js';
import type {SnapshotGate} from './snapshot-header.js';
import {SnapshotRecords} from './snapshot-records.js';

/**
 * A cluster that is read from a snapshot. Gates reply as they did when it was saved: silent gates stay silent, and
 * incomplete results stay incomplete. Each query reads the file once.
 */
export class SnapshotCluster implements ClusterReader {
  readonly server: string;
  readonly registry: string;
  readonly records: RecordReader;

  constructor(private readonly file: SnapshotFile) {
    this.server = `snapshot ${file.name}`;
    this.registry = `snapshot ${file.name}`;
    this.records = new SnapshotRecords(file);
  }

  async gates(): Promise<readonly ClusterNode[]> {
    return this.file.header.gates.map(({node}) => node);
  }

  allNodes(): Promise<readonly ClusterNode[]> {
    return this.gates();
  }

  refreshGates(): Promise<readonly ClusterNode[]> {
    return this.gates();
  }

  async list(query: SessionsQuery = {}): Promise<Listing> {
    const {order, limit} = query;
    const chosen = this.chosen(query.gates);
    const counts = new Map<string, number>();
    const rows =
      order === undefined
        ? this.matching(query, counts)
        : sortedRows(this.matching({...query, limit: undefined}, counts), order, limit);
    return {
      expected: chosen.map(({node}) => node),
      rows,
      outcomes: () => chosen.map(({outcome}) => ({...outcome, count: counts.get(outcome.node) ?? 0})),
    };
  }

  async count(query: AllGatesCountQuery = {}): Promise<Gathered<SessionCount>> {
    const {by} = query;
    const byGate = new Map<string, {sessions: number; bound: number; tally: GroupTally}>();
    const chosen = this.chosen(query.gates);
    for (const {node} of chosen)
      byGate.set(node.id, {sessions: 0, bound: 0, tally: new GroupTally(by?.text ?? '')});
    for await (const row of this.matching(query, new Map())) {
      const counted = byGate.get(row.node);
      if (counted === undefined) continue;
      const bound = row.session.userId === '' ? 0 : 1;
      counted.sessions += 1;
      counted.bound += bound;
      if (by !== undefined) counted.tally.add(by.keyOf(row, row.node) ?? null, 1, bound);
    }
    const answer = ({node}: SnapshotGate): SessionCount => {
      const {tally, ...counted} = byGate.get(node.id) ?? {sessions: 0, bound: 0, tally: new GroupTally('')};
      return {...counted, ...(by === undefined ? {} : {groups: tally.sorted()})};
    };
    return this.gathered(chosen, answer, ({sessions}) => sessions);
  }

  async stats(gates?: readonly string[]): Promise<Gathered<GateStats>> {
    return this.gathered(
      this.chosen(gates),
      ({stats}) => stats,
      ({sessions}) => sessions,
      'GatectlStats',
    );
  }

  async info(gates?: readonly string[]): Promise<Gathered<GateInfo>> {
    return this.gathered(
      this.chosen(gates),
      ({info}) => info,
      ({sessions}) => sessions,
      'GatectlInfo',
    );
  }

  async kinds(nodes?: readonly ClusterNode[]): Promise<ReadonlyMap<string, NodeKind>> {
    const known = this.chosen(nodes?.map(({id}) => id)).flatMap(({node, info}) =>
      info === undefined
        ? []
        : [[node.id, classifyNode(new Map([['GatectlInfo', 'answers']]), info)] as const],
    );
    return new Map(known);
  }

  async processes(): Promise<ReadonlyMap<string, readonly string[]>> {
    return new Map();
  }

  async find(uid: string): Promise<Gathered<readonly SessionRow[]>> {
    const found = new Map<string, LocatedRow[]>();
    for await (const row of this.file.rows()) {
      if (row.session.userId === uid) found.set(row.node, [...(found.get(row.node) ?? []), row]);
    }
    const answer = ({node}: SnapshotGate): readonly LocatedRow[] => found.get(node.id) ?? [];
    return this.gathered(this.file.header.gates, answer, (rows) => rows.length);
  }

  async locate(reference: string, {allowPrefix = false}: LocateOptions = {}): Promise<LocatedSession> {
    const nodes = await this.gates();
    const uid = uidOfReference(reference);
    if (uid !== undefined) {
      const {node, session} = onlySessionOfUid(uid, await this.find(uid));
      return {node: nodeWithId(nodes, node), session};
    }
    const {gate, sessionId} = splitSessionReference(reference);
    if (gate !== undefined) nodeWithId(nodes, gate);
    const byPrefix: LocatedRow[] = [];
    for await (const row of this.file.rows()) {
      if (gate !== undefined && row.node !== gate) continue;
      if (row.session.sessionId === sessionId)
        return {node: nodeWithId(nodes, row.node), session: row.session};
      const isLike =
        allowPrefix &&
        sessionId.length >= minSessionIdPrefixLength &&
        row.session.sessionId.startsWith(sessionId);
      if (isLike && byPrefix.length < 2) byPrefix.push(row);
    }
    const [first, second] = byPrefix;
    if (second !== undefined)
      throw new UsageError(`"${sessionId}" is ambiguous: several session ids begin with it`, {
        hint: 'give more characters of the id',
      });
    if (first !== undefined) return {node: nodeWithId(nodes, first.node), session: first.session};
    const ofUid = foundSessionReferences(await this.find(sessionId));
    throw ofUid.length === 0
      ? this.notFound(sessionId, shortPrefixProblem(sessionId, {allowPrefix})?.why)
      : new UidAsSessionError(sessionId, ofUid);
  }

  async rowOf({node, session}: LocatedSession): Promise<LocatedRow | undefined> {
    for await (const row of this.matching({gates: [node.id]}, new Map()))
      if (row.session.sessionId === session.sessionId) return row;
    return undefined;
  }

  async online(uid: string): Promise<readonly string[]> {
    const {results, outcomes} = await this.find(uid);
    const here = [...results].filter(([, rows]) => rows.length > 0).map(([node]) => node);
    if (here.length > 0 || this.file.header.complete) return here;
    throw incompleteError(`cannot tell whether "${uid}" was online`, outcomes);
  }

  async close(): Promise<void> {}

  private async *matching(
    {gates, where, limit = Number.POSITIVE_INFINITY, signal}: SessionsQuery & AllGatesListQuery,
    counts: Map<string, number>,
  ): AsyncGenerator<LocatedRow, void, undefined> {
    const savedAt = Date.parse(this.file.header.savedAt) || 0;
    let left = limit;
    for await (const row of this.file.rows(signal)) {
      if (gates !== undefined && gates.length > 0 && !gates.includes(row.node)) continue;
      const observedAt = row.observedAt ?? savedAt;
      if (where !== undefined && !where.matches(row, row.node, observedAt)) continue;
      counts.set(row.node, (counts.get(row.node) ?? 0) + 1);
      yield {...row, observedAt};
      left -= 1;
      if (left <= 0) return;
    }
  }

  private chosen(gates: readonly string[] | undefined): readonly SnapshotGate[] {
    const all = this.file.header.gates;
    if (gates === undefined || gates.length === 0) return all;
    const nodes = all.map(({node}) => node);
    const wanted = new Set(gates.map((id) => nodeWithId(nodes, id).id));
    return all.filter(({node}) => wanted.has(node.id));
  }

  /**
   * Returns the replies of the gates that had replied when the snapshot was saved. With `fn`, only of gates that had
   * the function.
   */
  private gathered<T>(
    gates: readonly SnapshotGate[],
    answer: (gate: SnapshotGate) => T | undefined,
    countOf: (result: T) => number,
    fn?: string,
  ): Gathered<T> {
    const results = new Map<string, T>();
    const outcomes = gates.map((gate): GateOutcome => {
      const {node, outcome} = gate;
      const result = fn === undefined && outcome.status === 'failed' ? undefined : answer(gate);
      if (result !== undefined) {
        results.set(node.id, result);
        return {node: node.id, status: 'ok', ms: outcome.ms, count: countOf(result)};
      }
      if (fn === undefined || outcome.status === 'failed') return outcome;
      const message = new CallError(
        {reason: 'unsupported', node: node.id, fn},
        `${node.id} did not answer ${fn}`,
      ).message;
      return {node: node.id, status: 'failed', reason: 'unsupported', message, ms: outcome.ms, count: 0};
    });
    return {expected: gates.map(({node}) => node), results, outcomes};
  }

  private notFound(sessionId: string, why: string | undefined): Error {
    const {gates, complete} = this.file.header;
    const outcomes = gates.map(({outcome}) => outcome);
    const message = `no session "${sessionId}" was on ${anyOfGatesText(gates.length)}`;
    if (complete) return new NegativeError(why === undefined ? message : `${message}: ${why}`);
    return incompleteError(`cannot tell whether session "${sessionId}" existed`, outcomes);
  }
}
