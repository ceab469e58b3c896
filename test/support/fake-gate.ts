import {ConflictError, NoSessionError, SettingsConflictError} from '../../src/base/errors.js';
import type {EncodedPageSource} from '../../src/bus/gate/gate-server.js';
import {checkTopic} from '../../src/bus/rpc/message-check.js';
import {parseSelector} from '../../src/selector/selector.js';
import {parseSessionOrder} from '../../src/selector/sort-order.js';
import {encodeConnection} from '../../src/session/codec/connection-message.js';
import {type EncodedSessionEvent, encodeEventPage} from '../../src/session/codec/event-page.js';
import {SessionPageWriter} from '../../src/session/codec/session-page.js';
import {decodeSession, encodeSession} from '../../src/session/codec/session-protobuf.js';
import type {ConnectionsQuery} from '../../src/session/connection-state.js';
import {
  type DeliverQuery,
  type DeliveryOutcome,
  extensionFunctions,
  extensionProtocolVersion,
  type GateApi,
  type GateInfo,
  type GateStats,
  type ListQuery,
  type RecordPage,
  type RecordPut,
  type SessionCount,
  type SessionPage,
  type SessionQuery,
  type StoredRecord,
  stockFunctions,
  type WatchLease,
  type WatchQuery,
} from '../../src/session/gate-api.js';
import type {DrainState, GateHealth, GateServiceState} from '../../src/session/gate-health.js';
import {classifyNode, type FunctionProbeResult, UnsupportedError} from '../../src/session/node-kind.js';
import {
  newSession,
  type ObservedSessionRow,
  type Session,
  type SessionRow,
  type StringBag,
  stringBag,
} from '../../src/session/session.js';
import {
  applySettingsEdit,
  matchesExpectedSettings,
  type SettingsEdit,
} from '../../src/session/settings-edit.js';

let made = 0;

export function aSession(fields: Partial<Session> = {}): Session {
  made += 1;
  return newSession({
    ip: '127.0.0.1:50000',
    network: 'tcp',
    sessionId: made.toString(16).padStart(16, '0'),
    serverId: 'Gate@fake',
    traceId: '00000000000000a1',
    spanId: '00000000000000b2',
    ...fields,
  });
}

export function aRow(
  fields: Partial<Session> = {},
  row: Partial<Omit<SessionRow, 'session'>> = {},
): SessionRow {
  return {session: aSession(fields), connectedAt: 1_000, lastActiveAt: 2_000, received: 3, sent: 4, ...row};
}

export interface SentMessage {
  readonly sessionId: string;
  readonly topic: string;
  readonly body: string;
}

/** A gate over a Map. `stock` takes the extension away, as on an unmodified mqant gate. */
export class FakeGate implements GateApi, EncodedPageSource {
  readonly rows = new Map<string, SessionRow>();
  readonly records = new Map<string, StoredRecord>();
  readonly sent: SentMessage[] = [];
  /** Names of the calls that came in, in order. */
  readonly calls: string[] = [];
  pageSize = 100;
  /** Deliveries of QoS 1 messages that are not acknowledged, by session id. */
  readonly deliveries = new Map<string, DeliveryOutcome>();
  private revision = 0;
  private watched: {readonly inbox: string; readonly feed: number; next: number} | undefined;
  /** Runs after somebody began to watch. */
  onWatched: () => void = () => {};
  /** Where events go: set by what plays the bus. */
  publish: (subject: string, bytes: Uint8Array) => void = () => {};
  state: GateServiceState = 'serving';
  health: GateHealth | undefined = {
    ...{waitingBytes: 0, loopDelayMs: 1},
    ...{residentBytes: 50 * 2 ** 20, heapBytes: 20 * 2 ** 20, heapLimitBytes: 2 ** 31},
  };
  /** Gates with one id of a process share its memory. */
  pid = 1;
  stock = false;
  /** Functions that an older gate lacks. */
  readonly lacks = new Set<string>();
  /** Speaks mqant RPC and has none of these functions, as a fork with other names. */
  foreign = false;
  /** Whether it takes a selector, as our gates do, or leaves that to who asks. */
  filters = true;
  now: () => number = () => 3_000;
  /** Runs before each call: throw, or wait, to play a gate in trouble. */
  before: (fn: string) => Promise<void> | void = () => {};

  constructor(
    readonly nodeId = 'Gate@fake',
    rows: readonly SessionRow[] = [],
  ) {
    for (const row of rows) this.add(row);
  }

  add(row: SessionRow): SessionRow {
    this.rows.set(row.session.sessionId, row);
    return row;
  }

  async update(id: string): Promise<Session> {
    return (await this.take('Update', id)).session;
  }

  bind(id: string, userId: string): Promise<Session> {
    return this.change('Bind', id, (session) => this.merged({...session, userId}));
  }

  unbind(id: string): Promise<Session> {
    return this.change('UnBind', id, (session) => ({...session, userId: ''}));
  }

  push(id: string, settings: StringBag): Promise<Session> {
    return this.change('Push', id, (session) => withSettings(session, Object.entries(settings)));
  }

  async edit(id: string, edit: SettingsEdit): Promise<Session> {
    await this.extension('GatectlEdit');
    const row = this.rows.get(id);
    if (row === undefined) throw new NoSessionError(id);
    if (!matchesExpectedSettings(edit, row.session.settings)) throw new SettingsConflictError(id);
    const session = {...row.session, settings: applySettingsEdit(row.session.settings, edit)};
    this.rows.set(id, {...row, session});
    if (session.userId !== '') this.persist(session);
    return session;
  }

  set(id: string, key: string, value: string): Promise<Session> {
    return this.change('Set', id, (session) => withSettings(session, [[key, value]]));
  }

  remove(id: string, key: string): Promise<Session> {
    return this.change('Remove', id, (session) => ({
      ...session,
      settings: stringBag(Object.entries(session.settings).filter(([name]) => name !== key)),
    }));
  }

  async send(id: string, topic: string, body: Uint8Array): Promise<void> {
    await this.take('Send', id);
    this.sent.push({sessionId: id, topic, body: Buffer.from(body).toString()});
  }

  async sendBatch(ids: readonly string[], topic: string, body: Uint8Array): Promise<number> {
    await this.called('SendBatch');
    const there = ids.filter((id) => this.rows.has(id));
    for (const sessionId of there) this.sent.push({sessionId, topic, body: Buffer.from(body).toString()});
    return there.length;
  }

  async broadcast(topic: string, body: Uint8Array): Promise<number> {
    await this.called('BroadCast');
    for (const sessionId of this.rows.keys())
      this.sent.push({sessionId, topic, body: Buffer.from(body).toString()});
    return this.rows.size;
  }

  async deliver({sessions, topic}: DeliverQuery, body: Uint8Array): Promise<readonly DeliveryOutcome[]> {
    await this.extension('GatectlDeliver');
    checkTopic(topic);
    return sessions.map((sessionId) => {
      if (!this.rows.has(sessionId)) return {state: 'gone'};
      this.sent.push({sessionId, topic, body: Buffer.from(body).toString()});
      return this.deliveries.get(sessionId) ?? {state: 'acknowledged'};
    });
  }

  async isConnect(userId: string): Promise<boolean> {
    await this.called('IsConnect');
    return [...this.rows.values()].some(({session}) => session.userId === userId);
  }

  async ping(): Promise<void> {
    this.calls.push('IsConnect');
    await this.before('IsConnect');
  }

  async close(id: string): Promise<void> {
    await this.take('Close', id);
    this.rows.delete(id);
  }

  async info(): Promise<GateInfo> {
    await this.extension('GatectlInfo');
    const {sessions, bound} = this.counts();
    return {
      protocol: extensionProtocolVersion,
      software: 'fake',
      softwareVersion: '0.0.0',
      nodeId: this.nodeId,
      host: 'localhost',
      pid: this.pid,
      startedAt: 1,
      now: 2,
      sessions,
      bound,
      functions: [...stockFunctions, ...extensionFunctions],
      storage: {kind: 'memory', get: true, put: true, delete: true, list: true, expire: true, dirty: 0},
      pageLimitBytes: 512 * 1024,
      state: this.state,
      health: this.health,
    };
  }

  async list({after = '', limit = this.pageSize, where}: SessionQuery): Promise<SessionPage> {
    await this.extension('GatectlList');
    const sorted = [...this.rows.values()].sort((a, b) =>
      a.session.sessionId < b.session.sessionId ? -1 : 1,
    );
    const [last = '', end = sorted.at(-1)?.session.sessionId ?? ''] = after === '' ? [] : after.split('…');
    const rest = sorted.filter(({session: {sessionId: id}}) => id > last && id <= end);
    const looked = rest.slice(0, Math.min(limit, this.pageSize));
    const next = looked.length < rest.length ? `${looked.at(-1)?.session.sessionId}…${end}` : '';
    if (where === undefined || !this.filters) return {rows: looked, next, now: this.now()};
    const selector = await parseSelector(where);
    const rows = looked.filter((row) => selector.matches(row, this.nodeId, this.now()));
    return {rows, next, now: this.now(), filtered: true};
  }

  async find(userId: string): Promise<readonly ObservedSessionRow[]> {
    await this.extension('GatectlFind');
    const rows = [...this.rows.values()].filter(({session}) => session.userId === userId);
    return rows.map((row) => ({...row, observedAt: this.now()}));
  }

  async count(): Promise<SessionCount> {
    await this.extension('GatectlCount');
    return this.counts();
  }

  async stats(): Promise<GateStats> {
    await this.extension('GatectlStats');
    const {sessions, bound} = this.counts();
    const totals = {connects: sessions, disconnects: 0, received: 0, sent: this.sent.length, dirty: 0};
    return {
      now: this.now(),
      startedAt: 1,
      sessions,
      bound,
      ...totals,
      state: this.state,
      health: this.health,
    };
  }

  async setDraining(draining: boolean): Promise<DrainState> {
    await this.extension('GatectlDrain');
    this.state = draining ? 'draining' : 'serving';
    return {state: this.state, sessions: this.rows.size};
  }

  async watch({inbox, leaseMs}: WatchQuery): Promise<WatchLease> {
    await this.extension('GatectlWatch');
    if (this.watched === undefined) setImmediate(() => this.onWatched());
    this.watched ??= {inbox, feed: this.revision + 1, next: 1};
    const {feed, next} = this.watched;
    return {feed, next, leaseMs, now: this.now()};
  }

  /** As a gate that was started anew: nobody watches it. */
  forgetWatch(): void {
    this.revision += 1;
    this.watched = undefined;
  }

  /** Tells who watches. `lost` events before it are numbered and never sent. */
  emit(event: Partial<EncodedSessionEvent> & Pick<EncodedSessionEvent, 'kind'>, lost = 0): void {
    if (this.watched === undefined) throw new Error('nobody watches');
    const {inbox, feed, next} = this.watched;
    const first = next + lost;
    this.watched.next = first + 1;
    const {session: _, ...numbers} = aRow();
    const usual = {
      at: 3_000,
      session: encodeSession(aSession()),
      uidBefore: '',
      keys: [],
      why: '',
      ...numbers,
    };
    this.publish(inbox, encodeEventPage([{...usual, ...event}], {first, feed}));
  }

  async recordGet(userId: string): Promise<StoredRecord | undefined> {
    await this.extension('GatectlRecordGet');
    return this.records.get(userId);
  }

  async recordPut(userId: string, value: Uint8Array, {revision, ttlMs = 0}: RecordPut = {}): Promise<string> {
    await this.extension('GatectlRecordPut');
    const found = this.records.get(userId)?.revision ?? '';
    if (revision !== undefined && revision !== found) {
      throw new ConflictError(`the record of "${userId}" was changed meanwhile`);
    }
    this.revision += 1;
    const record = {uid: userId, value, revision: String(this.revision), expiresAt: ttlMs};
    this.records.set(userId, record);
    return record.revision;
  }

  async recordDelete(userId: string, revision?: string): Promise<boolean> {
    await this.extension('GatectlRecordDelete');
    const record = this.records.get(userId);
    if (record !== undefined && revision !== undefined && record.revision !== revision) {
      throw new ConflictError(`the record of "${userId}" was changed meanwhile`);
    }
    return this.records.delete(userId);
  }

  async recordList({after = ''}: ListQuery): Promise<RecordPage> {
    await this.extension('GatectlRecordList');
    const uids = [...this.records.keys()].sort().filter((uid) => uid > after);
    const page = uids.slice(0, this.pageSize);
    const records = page.flatMap((uid) => this.records.get(uid) ?? []);
    return {records, next: page.length < uids.length ? (page.at(-1) ?? '') : ''};
  }

  /** A topic is subscribed where a filter has its text. */
  async connections({sessions, sort = 'waiting', limit, topic}: ConnectionsQuery): Promise<SessionPage> {
    await this.extension('GatectlConnections');
    const order = parseSessionOrder(sort);
    const keyOf = (row: SessionRow) => order.keyOf({row, node: this.nodeId, now: this.now()});
    const stuck = [...this.rows.values()]
      .filter(({connectionState}) => (connectionState?.waitingBytes ?? 0) > 0)
      .sort((one, other) => order.compareKeys(keyOf(one), keyOf(other)))
      .slice(0, limit);
    const rows = (sessions?.flatMap((id) => this.rows.get(id) ?? []) ?? stuck).map((row) => {
      const {subscriptions} = row.connectionState ?? {};
      if (topic === undefined || subscriptions === undefined) return row;
      const subscribed = subscriptions.some(({filter}) => filter === topic);
      return {
        ...row,
        connectionState: {...row.connectionState, subscribed, subscriptionCount: subscriptions.length},
      };
    });
    return {rows, next: '', now: this.now(), sorted: sessions === undefined};
  }

  async connectionsEncoded(query: ConnectionsQuery): Promise<Uint8Array> {
    const {rows, next, ...about} = await this.connections(query);
    return encodeRows(rows, next, about);
  }

  sessionEncoded(session: Session): Uint8Array {
    return encodeSession(session);
  }

  async listEncoded({after = '', limit, where}: SessionQuery): Promise<Uint8Array> {
    const {rows, next, ...about} = await this.list({after, limit, where});
    return encodeRows(rows, next, about);
  }

  async findEncoded(userId: string): Promise<Uint8Array> {
    return encodeRows(await this.find(userId), '');
  }

  /** Settings of the user's record come in where the connection has none of that key, as in mqant. */
  private merged(session: Session): Session {
    const record = this.records.get(session.userId);
    if (record === undefined) return session;
    return withSettings(decodeSession(record.value), Object.entries(session.settings), session);
  }

  private persist(session: Session): void {
    const {userId: uid} = session;
    this.revision += 1;
    const revision = String(this.revision);
    this.records.set(uid, {uid, value: encodeSession(session), revision, expiresAt: 0});
  }

  private counts(): SessionCount {
    const bound = [...this.rows.values()].filter(({session}) => session.userId !== '').length;
    return {sessions: this.rows.size, bound};
  }

  private async called(fn: string): Promise<void> {
    this.calls.push(fn);
    await this.before(fn);
    if (this.foreign) throw new UnsupportedError(this.nodeId, fn, classifyNode(lacking(fn, 'lacks')));
  }

  private async extension(fn: string): Promise<void> {
    await this.called(fn);
    if (!this.stock && !this.lacks.has(fn)) return;
    throw new UnsupportedError(this.nodeId, fn, classifyNode(lacking(fn, 'answers')));
  }

  private async take(fn: string, id: string): Promise<SessionRow> {
    await this.called(fn);
    const row = this.rows.get(id);
    if (row === undefined) throw new NoSessionError(id);
    return row;
  }

  private async change(fn: string, id: string, edit: (session: Session) => Session): Promise<Session> {
    const row = await this.take(fn, id);
    const session = edit(row.session);
    this.rows.set(id, {...row, session});
    if (session.userId !== '') this.persist(session);
    return session;
  }
}

function lacking(fn: string, isConnect: FunctionProbeResult): ReadonlyMap<string, FunctionProbeResult> {
  return new Map<string, FunctionProbeResult>([
    ['IsConnect', isConnect],
    ['GatectlInfo', 'lacks'],
    [fn, 'lacks'],
  ]);
}

function withSettings(
  from: Session,
  entries: readonly (readonly [string, string])[],
  onto: Session = from,
): Session {
  return {...onto, settings: stringBag([...Object.entries(from.settings), ...entries])};
}

function encodeRows(
  rows: readonly SessionRow[],
  next: string,
  about: Omit<SessionPage, 'rows' | 'next'> = {},
): Uint8Array {
  const page = new SessionPageWriter();
  for (const {connectionState, ...row} of rows) {
    const connection = connectionState && encodeConnection(connectionState);
    page.add({...row, session: encodeSession(row.session), connection});
  }
  return page.finish(next, about);
}
