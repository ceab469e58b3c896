import {CallError, GatectlError, NoSessionError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {SessionEvent} from '../../session/codec/event-page.js';
import type {GateApi} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {RecordReader} from '../records/record-access.js';
import type {LocatedRow, RowSource} from '../result-types.js';
import {settingChanges} from '../snapshot/setting-changes.js';
import type {ClusterEvent} from '../watch/cluster-event.js';
import type {ContinuousBusTap} from './continuous-bus-tap.js';
import type {StockSessionFinder} from './stock-session-finder.js';
import {isUidOnlineOn, stockSessionRow} from './stock-session-search.js';

interface UnlistedSessionsOptions {
  readonly gateOf: (node: ClusterNode) => GateApi;
  readonly records?: (() => Promise<RecordReader>) | undefined;
  readonly tap?: ContinuousBusTap | undefined;
  /** Returns milliseconds. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const roundMs = 1000;
/** Maximum number of calls to gates per round: 200 a second. */
const callsPerRound = 200;
const maxConcurrent = 16;
/** How long until a session is confirmed again: the shorter time after a client's request, else the longer one. */
const activeMs = 2000;
const quietMs = 10_000;
const recordsEveryMs = 30_000;
const maxRecords = 20_000;
const maxConfirmed = 40_000;

interface Claim {
  readonly gate: string;
  readonly id: string;
  readonly source: RowSource;
  /** When a source last mentioned it; 0 for a record. */
  readonly at: number;
}

interface Confirmed {
  readonly row: LocatedRow;
  readonly at: number;
}

/**
 * Keeps a list of the sessions of gates that cannot list them: claims from records and the bus, which the gates
 * confirm repeatedly. Makes at most 200 calls a second, so the more sessions, the less often each is confirmed.
 */
export class UnlistedSessions {
  private readonly gates = new Map<string, ClusterNode>();
  private readonly confirmed = new Map<string, Confirmed>();
  private readonly failures = new Map<string, CallError>();
  private recordClaims: readonly Claim[] = [];
  private recordsReadAt = Number.NEGATIVE_INFINITY;
  private readonly sourceErrors = new Map<'records' | 'tap', string>();
  private readonly listeners = new Set<(event: ClusterEvent) => void>();
  private first: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: UnlistedSessionsOptions) {}

  /** Returns a finder whose results resolve after the first round for these gates. */
  finder(gates: readonly ClusterNode[]): StockSessionFinder {
    const ids = new Set(gates.map(({id}) => id));
    const rows = async (): Promise<readonly LocatedRow[]> => {
      await this.follow(gates);
      return [...this.confirmed.values()].map(({row}) => row).filter(({node}) => ids.has(node));
    };
    return {
      failures: this.failures,
      sourceFailures: [...this.sourceErrors.values()],
      async *all() {
        yield* await rows();
      },
      isOnline: async (gate, uid) => {
        const node = gates.find(({id}) => id === gate);
        return node === undefined ? undefined : await isUidOnlineOn(this.options.gateOf(node), uid);
      },
      ofUid: async (uid) => (await rows()).filter(({session}) => session.userId === uid),
    };
  }

  /** Calls the listener for each change on the followed gates. Returns a function that removes the listener. */
  listen(listener: (event: ClusterEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Also looks for sessions of these gates. Resolves after the first round for them. */
  async follow(gates: readonly ClusterNode[]): Promise<void> {
    const isNew = gates.some((node) => this.gates.get(node.id)?.address !== node.address);
    for (const node of gates) this.gates.set(node.id, node);
    if (this.first === undefined) {
      this.first = this.round();
      void this.first.then(() => this.runRounds());
    } else if (isNew) this.first = this.first.then(() => this.round());
    await this.first;
  }

  close(): void {
    this.isClosed = true;
  }

  private async runRounds(): Promise<void> {
    while (!this.isClosed) {
      await this.options.wait(roundMs);
      if (!this.isClosed) await this.round();
    }
  }

  private async round(): Promise<void> {
    await this.readRecords();
    await this.startTap();
    const due = this.dueClaims();
    for (let at = 0; at < due.length && !this.isClosed; at += maxConcurrent)
      await Promise.all(due.slice(at, at + maxConcurrent).map((claim) => this.confirm(claim)));
  }

  private async startTap(): Promise<void> {
    const {tap} = this.options;
    await this.readSource('tap', async () => await tap?.start());
  }

  private async readRecords(): Promise<void> {
    const {records, now} = this.options;
    if (records === undefined || now() - this.recordsReadAt < recordsEveryMs) return;
    await this.readSource('records', async () => {
      const claims: Claim[] = [];
      const listing = await (await records()).list({limit: maxRecords});
      for await (const {session} of listing.rows)
        if (session !== undefined)
          claims.push({gate: session.serverId, id: session.sessionId, source: 'record', at: 0});
      this.recordClaims = claims;
    });
    this.recordsReadAt = now();
  }

  /** Runs `work` on a source. If it fails, keeps the reason; the next round tries again. */
  private async readSource(source: 'records' | 'tap', work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.sourceErrors.delete(source);
    } catch (error) {
      if (!(error instanceof GatectlError)) throw error;
      this.sourceErrors.set(source, error.message);
    }
  }

  /** Returns the claims to confirm in this round: new ones first, then those confirmed the longest time ago. */
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
      this.keep({row: stockSessionRow(gate, session, source), at: now()});
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
    for (const change of changesBetween(before?.session, row.session)) this.emit(row, change);
  }

  private drop(gate: string, id: string): void {
    const key = `${gate}/${id}`;
    const before = this.confirmed.get(key);
    this.confirmed.delete(key);
    this.options.tap?.forget(gate, id);
    this.recordClaims = this.recordClaims.filter((claim) => claim.gate !== gate || claim.id !== id);
    if (before !== undefined) this.emit(before.row, {kind: 'closed', why: 'no longer on its gate'});
  }

  private emit(row: LocatedRow, change: Partial<SessionEvent> & Pick<SessionEvent, 'kind'>): void {
    const event = {...row, uidBefore: '', keys: [], why: '', ...change, at: Date.now()};
    for (const listener of this.listeners)
      listener({type: 'event', node: row.node, event, source: row.source ?? 'tap'});
  }
}

type Change = Pick<SessionEvent, 'kind'> & Partial<SessionEvent>;

/**
 * Returns the events for a session that was found or has changed. One that was just found may have been connected for
 * a long time.
 */
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
