import {CallError, GatectlError, NoSessionError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {SessionEvent} from '../../session/codec/event-page.js';
import type {GateApi} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {LocatedRow, RowSource} from '../answers.js';
import type {RecordReader} from '../records/records.js';
import {settingChanges} from '../snapshot/setting-changes.js';
import type {ClusterEvent} from '../watch/cluster-event.js';
import type {LiveTap} from './live-tap.js';
import type {StockFinder} from './stock-finder.js';
import {isOnlineOn, stockRow} from './stock-sessions.js';

interface UnlistedSessionsOptions {
  readonly gateOf: (node: ClusterNode) => GateApi;
  readonly records?: (() => Promise<RecordReader>) | undefined;
  readonly tap?: LiveTap | undefined;
  /** In milliseconds. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const roundMs = 1000;
/** Calls to gates in a round: 200 a second at most. */
const callsPerRound = 200;
const atOnce = 16;
/** A session that a client's request carried is confirmed again after this time, any other after the longer one. */
const activeMs = 2000;
const quietMs = 10_000;
const recordsEveryMs = 30_000;
const maxRecords = 20_000;
const maxConfirmed = 40_000;

interface Claim {
  readonly gate: string;
  readonly id: string;
  readonly source: RowSource;
  /** When it was last heard of; 0 for a record. */
  readonly at: number;
}

interface Confirmed {
  readonly row: LocatedRow;
  readonly at: number;
}

/**
 * Keeps the sessions of gates that cannot list: what records and the bus claim, confirmed by the gate again and again. Costs
 * at most 200 calls a second, so with many sessions each is confirmed less often.
 */
export class UnlistedSessions {
  private readonly gates = new Map<string, ClusterNode>();
  private readonly confirmed = new Map<string, Confirmed>();
  private readonly failures = new Map<string, CallError>();
  private recordClaims: readonly Claim[] = [];
  private recordsReadAt = Number.NEGATIVE_INFINITY;
  private readonly faults = new Map<'records' | 'tap', string>();
  private readonly listeners = new Set<(event: ClusterEvent) => void>();
  private first: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: UnlistedSessionsOptions) {}

  /** Resolves after the first round for these gates. */
  finder(gates: readonly ClusterNode[]): StockFinder {
    const ids = new Set(gates.map(({id}) => id));
    const rows = async (): Promise<readonly LocatedRow[]> => {
      await this.follow(gates);
      return [...this.confirmed.values()].map(({row}) => row).filter(({node}) => ids.has(node));
    };
    return {
      failures: this.failures,
      sourceFailures: [...this.faults.values()],
      async *all() {
        yield* await rows();
      },
      isOnline: async (gate, uid) => {
        const node = gates.find(({id}) => id === gate);
        return node === undefined ? undefined : await isOnlineOn(this.options.gateOf(node), uid);
      },
      ofUid: async (uid) => (await rows()).filter(({session}) => session.userId === uid),
    };
  }

  /** Calls back with what changes on the gates that are followed. The returned function stops it. */
  listen(listener: (event: ClusterEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Looks for sessions of these gates too. */
  async follow(gates: readonly ClusterNode[]): Promise<void> {
    const isNew = gates.some((node) => this.gates.get(node.id)?.address !== node.address);
    for (const node of gates) this.gates.set(node.id, node);
    if (this.first === undefined) {
      this.first = this.round();
      void this.first.then(() => this.keepOn());
    } else if (isNew) this.first = this.first.then(() => this.round());
    await this.first;
  }

  close(): void {
    this.isClosed = true;
  }

  private async keepOn(): Promise<void> {
    while (!this.isClosed) {
      await this.options.wait(roundMs);
      if (!this.isClosed) await this.round();
    }
  }

  private async round(): Promise<void> {
    await this.readRecords();
    await this.startTap();
    const due = this.dueClaims();
    for (let at = 0; at < due.length && !this.isClosed; at += atOnce)
      await Promise.all(due.slice(at, at + atOnce).map((claim) => this.confirm(claim)));
  }

  private async startTap(): Promise<void> {
    const {tap} = this.options;
    await this.noting('tap', async () => await tap?.start());
  }

  private async readRecords(): Promise<void> {
    const {records, now} = this.options;
    if (records === undefined || now() - this.recordsReadAt < recordsEveryMs) return;
    await this.noting('records', async () => {
      const claims: Claim[] = [];
      const listing = await (await records()).list({limit: maxRecords});
      for await (const {session} of listing.rows)
        if (session !== undefined)
          claims.push({gate: session.serverId, id: session.sessionId, source: 'record', at: 0});
      this.recordClaims = claims;
    });
    this.recordsReadAt = now();
  }

  /** A source that fails is named, and tried again. */
  private async noting(source: 'records' | 'tap', work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.faults.delete(source);
    } catch (error) {
      if (!(error instanceof GatectlError)) throw error;
      this.faults.set(source, error.message);
    }
  }

  /** New claims first, then the sessions that were confirmed the longest time ago. */
  private dueClaims(): readonly Claim[] {
    const {tap, now} = this.options;
    const claims = new Map<string, Claim>();
    for (const [key, {row}] of this.confirmed) {
      const {node: gate, session, source = 'tap'} = row;
      claims.set(key, {gate, id: session.sessionId, source, at: 0});
    }
    for (const claim of this.recordClaims) claims.set(`${claim.gate}/${claim.id}`, claim);
    for (const {gate, id, at} of tap?.sessions() ?? [])
      claims.set(`${gate}/${id}`, {gate, id, at, source: 'tap'});
    const confirmedAt = (key: string): number => this.confirmed.get(key)?.at ?? Number.NEGATIVE_INFINITY;
    return [...claims]
      .filter(([key, {gate, at}]) => {
        const before = confirmedAt(key);
        return this.gates.has(gate) && now() - before >= (at > before ? activeMs : quietMs);
      })
      .sort(([one], [other]) => confirmedAt(one) - confirmedAt(other))
      .slice(0, callsPerRound)
      .map(([, claim]) => claim);
  }

  private async confirm({gate, id, source}: Claim): Promise<void> {
    const node = this.gates.get(gate);
    if (node === undefined) return;
    const {gateOf, now} = this.options;
    try {
      const session = await gateOf(node).update(id);
      this.failures.delete(gate);
      this.keep({row: stockRow(gate, session, source), at: now()});
    } catch (error) {
      if (error instanceof NoSessionError) this.drop(gate, id);
      else if (error instanceof CallError) this.failures.set(gate, error);
      else throw error;
    }
  }

  private keep(confirmed: Confirmed): void {
    const {row} = confirmed;
    const key = `${row.node}/${row.session.sessionId}`;
    const before = this.confirmed.get(key)?.row;
    if (before === undefined && this.confirmed.size >= maxConfirmed) return;
    this.confirmed.set(key, confirmed);
    if (this.listeners.size === 0) return;
    for (const change of changesBetween(before?.session, row.session)) this.tell(row, change);
  }

  private drop(gate: string, id: string): void {
    const key = `${gate}/${id}`;
    const before = this.confirmed.get(key);
    this.confirmed.delete(key);
    this.options.tap?.forget(gate, id);
    this.recordClaims = this.recordClaims.filter((claim) => claim.gate !== gate || claim.id !== id);
    if (before !== undefined) this.tell(before.row, {kind: 'closed', why: 'no longer on its gate'});
  }

  private tell(row: LocatedRow, change: Partial<SessionEvent> & Pick<SessionEvent, 'kind'>): void {
    const event = {...row, uidBefore: '', keys: [], why: '', ...change, at: Date.now()};
    for (const listener of this.listeners)
      listener({type: 'event', node: row.node, event, source: row.source ?? 'tap'});
  }
}

type Change = Pick<SessionEvent, 'kind'> & Partial<SessionEvent>;

/** A session that is new here may be connected for long. */
function changesBetween(before: Session | undefined, after: Session): readonly Change[] {
  if (before === undefined) return [{kind: 'connected', why: 'first seen'}];
  const uidBefore = before.userId;
  const keys = [...settingChanges(before.settings, after.settings).keys()];
  return [
    ...(uidBefore === after.userId
      ? []
      : [{kind: after.userId === '' ? ('unbound' as const) : ('bound' as const), uidBefore}]),
    ...(keys.length === 0 ? [] : [{kind: 'settings' as const, keys}]),
  ];
}
