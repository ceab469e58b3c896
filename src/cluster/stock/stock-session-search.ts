import {CallError, NegativeError, NoSessionError, PartialError, PermissionError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {GateApi} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {RecordReader} from '../records/record-access.js';
import type {GateOutcome, LocatedRow, RowSource} from '../result-types.js';
import type {StockSessionFinder} from './stock-session-finder.js';
import type {TimedBusTap} from './timed-bus-tap.js';

/** Sources of sessions for gates that cannot list. */
export interface StockSources {
  /** Records; each contains the session that wrote it. */
  readonly records?: RecordReader | undefined;
  /** Sessions mentioned on the bus. */
  readonly tap?: Pick<TimedBusTap, 'sessions'> | undefined;
}

/** A session that may be on a gate, according to a source. Only the gate can confirm it. */
interface Claim {
  readonly gate: string;
  readonly id: string;
  readonly source: 'record' | 'tap';
}

/** Number of claims verified concurrently. */
const maxConcurrent = 32;

/**
 * Finds sessions of gates that cannot list them: takes claims from records and bus traffic, and verifies each with
 * its gate.
 */
export class StockSessionSearch implements StockSessionFinder {
  /** Errors of gates that did not reply, by node id. */
  readonly failures = new Map<string, CallError>();
  /** Human-readable reasons why records are missing. */
  readonly sourceFailures: string[] = [];
  private readonly seen = new Set<string>();
  private readonly nodes: ReadonlyMap<string, ClusterNode>;

  constructor(
    private readonly gateOf: (node: ClusterNode) => GateApi,
    private readonly sources: StockSources,
    gates: readonly ClusterNode[],
  ) {
    this.nodes = new Map(gates.map((node) => [node.id, node]));
  }

  /** Yields every claimed session that is live, each once. */
  all(signal: AbortSignal | undefined): AsyncGenerator<LocatedRow, void, undefined> {
    return this.verified(this.claims(signal), signal);
  }

  /** Returns the live sessions of a uid. */
  async ofUid(uid: string, {oneEach} = {oneEach: false}): Promise<readonly LocatedRow[]> {
    const rows: LocatedRow[] = [];
    if (this.nodes.size === 0) return rows;
    for await (const claim of this.claimsOf(uid)) {
      const row = this.isNew(claim) ? await this.verify(claim, undefined) : undefined;
      if (row?.session.userId !== uid) continue;
      rows.push(row);
      if (oneEach && new Set(rows.map(({node}) => node)).size === this.nodes.size) break;
    }
    return rows;
  }

  async isOnline(gate: string, uid: string): Promise<boolean | undefined> {
    const node = this.nodes.get(gate);
    return node === undefined ? undefined : await isUidOnlineOn(this.gateOf(node), uid);
  }

  private async *claims(signal: AbortSignal | undefined): AsyncGenerator<Claim, void, undefined> {
    const {records, tap} = this.sources;
    if (records !== undefined) {
      const listing = await records.list({signal});
      for await (const {session} of listing.rows) {
        if (session !== undefined) yield {gate: session.serverId, id: session.sessionId, source: 'record'};
      }
      this.noteMissing(listing.outcomes());
    }
    if (tap === undefined) return;
    for await (const {gate, id} of tap.sessions(signal)) yield {gate, id, source: 'tap'};
  }

  /** Records why records are missing. Leaves out stock gates, which are known not to list records. */
  private noteMissing(outcomes: readonly GateOutcome[]): void {
    for (const {status, reason, message = ''} of outcomes)
      if (status === 'failed' && reason !== 'unsupported') this.sourceFailures.push(message);
  }

  private async *claimsOf(uid: string): AsyncGenerator<Claim, void, undefined> {
    const {records, tap} = this.sources;
    const record = await records?.get(uid).catch((error: unknown) => {
      if (error instanceof PartialError || error instanceof PermissionError)
        this.sourceFailures.push(error.message);
      else if (!(error instanceof NegativeError)) throw error;
      return undefined;
    });
    const session = record?.session;
    if (session !== undefined) yield {gate: session.serverId, id: session.sessionId, source: 'record'};
    if (tap === undefined) return;
    for await (const {gate, id, uid: who} of tap.sessions()) if (who === uid) yield {gate, id, source: 'tap'};
  }

  private async *verified(
    claims: AsyncIterable<Claim>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<LocatedRow, void, undefined> {
    let waiting: Claim[] = [];
    const take = async (): Promise<LocatedRow[]> => {
      const rows = await Promise.all(waiting.map((claim) => this.verify(claim, signal)));
      waiting = [];
      return rows.filter((row) => row !== undefined);
    };
    for await (const claim of claims) {
      if (!this.isNew(claim)) continue;
      waiting.push(claim);
      if (waiting.length >= maxConcurrent) yield* await take();
    }
    yield* await take();
  }

  private isNew({gate, id}: Claim): boolean {
    const name = `${gate}/${id}`;
    if (id === '' || !this.nodes.has(gate) || this.seen.has(name)) return false;
    this.seen.add(name);
    return true;
  }

  /**
   * Reads the session from its gate; undefined if the gate does not have it. A gate that failed once is not
   * called again.
   */
  private async verify(
    {gate, id, source}: Claim,
    signal: AbortSignal | undefined,
  ): Promise<LocatedRow | undefined> {
    const node = this.nodes.get(gate);
    if (node === undefined || this.failures.has(gate)) return undefined;
    try {
      const session = await this.gateOf(node).update(id, {signal});
      return stockSessionRow(gate, session, source);
    } catch (error) {
      if (error instanceof NoSessionError) return undefined;
      if (!(error instanceof CallError)) throw error;
      this.failures.set(gate, error);
      return undefined;
    }
  }
}

/** Returns whether the uid is connected to the gate; undefined if the gate did not reply. */
export async function isUidOnlineOn(gate: GateApi, uid: string): Promise<boolean | undefined> {
  return await gate.isConnect(uid).catch((error: unknown) => {
    if (error instanceof CallError) return undefined;
    throw error;
  });
}

/** Creates a row for a session of a gate that cannot list: times are 0, counts are NaN. */
export const stockSessionRow = (node: string, session: Session, source: RowSource): LocatedRow => ({
  ...{session, node, source},
  ...{connectedAt: 0, lastActiveAt: 0, received: Number.NaN, sent: Number.NaN},
});
