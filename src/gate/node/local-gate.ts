import {hostname} from 'node:os';
import {pid} from 'node:process';
import {NegativeError, NoSessionError, SettingsConflictError} from '../../base/errors.js';
import {version} from '../../base/version.js';
import type {EncodedPageSource} from '../../bus/gate/gate-server.js';
import {checkEncodableText} from '../../bus/rpc/message-check.js';
import type {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import type {Selector} from '../../selector/selector.js';
import {SelectorCache} from '../../selector/selector-cache.js';
import {parseSessionOrder, stuckSortKey} from '../../selector/sort-order.js';
import {decodeObservedRows, decodeSessionPage} from '../../session/codec/session-page.js';
import {encodeSession} from '../../session/codec/session-protobuf.js';
import type {ConnectionsQuery} from '../../session/connection-state.js';
import type {GateAdmission} from '../../session/gate-admission.js';
import {
  type CountQuery,
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
  type StorageState,
  type StoredRecord,
  stockFunctions,
  type WatchLease,
  type WatchQuery,
} from '../../session/gate-api.js';
import type {DrainState} from '../../session/gate-health.js';
import {type ObservedSessionRow, type Session, type StringBag, stringBag} from '../../session/session.js';
import {matchesExpectedSettings, type SettingsEdit} from '../../session/settings-edit.js';
import {mqttReasonCodes} from '../mqtt/mqtt-protocol-error.js';
import {encodeConnectionPage} from '../sessions/connection-page.js';
import type {DeliverySender} from '../sessions/delivery-sender.js';
import type {EventFeeds} from '../sessions/event-feeds.js';
import type {GateCounters} from '../sessions/gate-counters.js';
import type {LiveSession} from '../sessions/live-session.js';
import type {PushSender} from '../sessions/push-sender.js';
import {countSessions} from '../sessions/session-counts.js';
import type {SessionPageEncoder} from '../sessions/session-page-encoder.js';
import type {SessionTable} from '../sessions/session-table.js';
import {changeWithinSizeLimit, checkSettingsEncodable} from '../sessions/session-writes.js';
import type {GateRecords} from '../storage/gate-records.js';
import type {SessionPersistence} from '../storage/session-persistence.js';
import type {DrainStatus} from './drain-status.js';
import type {GateLimits, OverLimitRule} from './gate-options.js';
import type {ProcessHealthMonitor} from './process-health-monitor.js';

interface LocalGateParts {
  readonly nodeId: string;
  readonly table: SessionTable;
  readonly pages: SessionPageEncoder;
  readonly pushes: PushSender;
  readonly deliveries: DeliverySender;
  readonly records: GateRecords;
  readonly persistence: SessionPersistence | undefined;
  readonly feeds: EventFeeds;
  readonly replies: ReplyInboxes;
  readonly counters: GateCounters;
  readonly startedAt: number;
  readonly pageLimitBytes: number;
  readonly drain: DrainStatus;
  readonly limits: Pick<GateLimits, 'sessionsPerUser'>;
  readonly sessionsOverLimit: OverLimitRule | undefined;
  readonly admission: () => GateAdmission;
  readonly health: ProcessHealthMonitor;
  readonly now: () => number;
}

/** Maximum length of a failed write's reason in GatectlInfo: a store can reply with a page of text. */
const maxFailureLength = 500;

/** The gate's functions, applied to its own sessions: those of mqant (gate/base/gate_handler.go) and of gatectl. */
export class LocalGate implements GateApi, EncodedPageSource {
  readonly nodeId: string;
  private readonly selectors = new SelectorCache();

  constructor(private readonly parts: LocalGateParts) {
    this.nodeId = parts.nodeId;
  }

  async update(sessionId: string): Promise<Session> {
    return this.live(sessionId).session;
  }

  /**
   * Merges in the settings of the user's record; on a conflict the connection's value wins. An empty uid unbinds, as
   * in mqant.
   */
  async bind(sessionId: string, userId: string): Promise<Session> {
    const live = this.live(sessionId);
    checkEncodableText(userId, 'the user id');
    if (userId !== '' && userId !== live.session.userId) this.makeRoom(userId);
    const before = live.session;
    this.setUserId(live, userId);
    if (userId !== '') await this.parts.persistence?.bind(live);
    this.parts.feeds.emit(live, {kind: userId === '' ? 'unbound' : 'bound', before});
    return live.session;
  }

  /** Removes the uid. The settings stay, as in mqant. */
  async unbind(sessionId: string): Promise<Session> {
    const live = this.live(sessionId);
    const before = live.session;
    this.setUserId(live, '');
    this.parts.feeds.emit(live, {kind: 'unbound', before});
    return live.session;
  }

  push(sessionId: string, settings: StringBag): Promise<Session> {
    checkSettingsEncodable(settings);
    return this.write(sessionId, Object.keys(settings), (live) => live.putSettings(settings));
  }

  set(sessionId: string, key: string, value: string): Promise<Session> {
    return this.push(sessionId, stringBag([[key, value]]));
  }

  remove(sessionId: string, key: string): Promise<Session> {
    return this.write(sessionId, [key], (live) => live.removeSetting(key));
  }

  /** Check and write run in the same turn of the event loop, so no other write can intervene. */
  async edit(sessionId: string, edit: SettingsEdit): Promise<Session> {
    checkSettingsEncodable(edit.set);
    if (!matchesExpectedSettings(edit, this.live(sessionId).session.settings))
      throw new SettingsConflictError(sessionId);
    const keys = [...Object.keys(edit.set), ...edit.unset];
    return await this.write(sessionId, keys, (live) => live.editSettings(edit));
  }

  async send(sessionId: string, topic: string, body: Uint8Array): Promise<void> {
    this.parts.pushes.send(this.live(sessionId), topic, body);
  }

  async sendBatch(sessionIds: readonly string[], topic: string, body: Uint8Array): Promise<number> {
    const {table, pushes} = this.parts;
    const lives = sessionIds.map((id) => table.get(id)).filter((live) => live !== undefined);
    return pushes.sendAll(lives, topic, body);
  }

  async broadcast(topic: string, body: Uint8Array): Promise<number> {
    return this.parts.pushes.sendAll([...this.parts.table.values()], topic, body);
  }

  async deliver(
    {sessions, topic, waitMs}: DeliverQuery,
    body: Uint8Array,
  ): Promise<readonly DeliveryOutcome[]> {
    const {table, deliveries} = this.parts;
    return await deliveries.deliver(
      sessions.map((id) => table.get(id)),
      {topic, body, waitMs},
    );
  }

  async isConnect(userId: string): Promise<boolean> {
    return this.parts.table.hasUser(userId);
  }

  async ping(): Promise<void> {}

  async close(sessionId: string): Promise<void> {
    const {connection} = this.live(sessionId);
    if (this.parts.drain.isActive) connection.close('drained', mqttReasonCodes.useAnotherServer);
    else connection.close('kicked');
  }

  async info(): Promise<GateInfo> {
    const {nodeId, startedAt, now, table, records, pageLimitBytes, drain, health} = this.parts;
    const count = await records.count();
    return {
      protocol: extensionProtocolVersion,
      software: 'gatectl',
      softwareVersion: version,
      nodeId,
      host: hostname(),
      pid,
      startedAt,
      now: now(),
      sessions: table.size,
      bound: table.bound,
      functions: [...stockFunctions, ...extensionFunctions],
      storage: {
        ...records.ability,
        ...records.durability(),
        ...this.unsaved(),
        ...(count !== undefined && {records: count}),
      },
      pageLimitBytes,
      state: drain.state,
      admission: this.parts.admission(),
      health: await health.measure(),
    };
  }

  async list(query: SessionQuery): Promise<SessionPage> {
    return decodeSessionPage(await this.listEncoded(query));
  }

  async listEncoded({after = '', limit, where, sort}: SessionQuery): Promise<Uint8Array> {
    const selector = await this.selector(where);
    const {pages} = this.parts;
    const order = sort === undefined || after !== '' ? undefined : parseSessionOrder(sort);
    const isOfRows = order !== undefined && stuckSortKey(order) === undefined;
    const top = isOfRows ? await pages.top(order, limit, selector) : undefined;
    return top ?? pages.list(after, sort === undefined ? limit : undefined, selector);
  }

  async find(userId: string): Promise<readonly ObservedSessionRow[]> {
    return decodeObservedRows(this.parts.pages.find(userId));
  }

  async findEncoded(userId: string): Promise<Uint8Array> {
    return this.parts.pages.find(userId);
  }

  async connections(query: ConnectionsQuery): Promise<SessionPage> {
    return decodeSessionPage(await this.connectionsEncoded(query));
  }

  async connectionsEncoded(query: ConnectionsQuery): Promise<Uint8Array> {
    const {pageLimitBytes: limitBytes, ...rest} = this.parts;
    return await encodeConnectionPage({...rest, limitBytes}, query, await this.selector(query.where));
  }

  sessionEncoded(session: Session): Uint8Array {
    const live = this.parts.table.get(session.sessionId);
    return live?.session === session ? live.encoded : encodeSession(session);
  }

  async count({where, by}: CountQuery = {}): Promise<SessionCount> {
    return await countSessions(this.parts, await this.selector(where), by);
  }

  async stats(): Promise<GateStats> {
    const {now, startedAt, table, counters, replies, drain, health} = this.parts;
    return {
      now: now(),
      startedAt,
      sessions: table.size,
      bound: table.bound,
      ...counters,
      ...this.unsaved(),
      refusedReplies: replies.refused,
      state: drain.state,
      health: await health.measure(),
    };
  }

  private unsaved(): Pick<StorageState, 'dirty' | 'failure'> {
    const {dirtyCount = 0, failure} = this.parts.persistence ?? {};
    return {dirty: dirtyCount, ...(failure !== undefined && {failure: failure.slice(0, maxFailureLength)})};
  }

  async setDraining(draining: boolean): Promise<DrainState> {
    const {drain, table} = this.parts;
    drain.set(draining);
    return {state: drain.state, sessions: table.size};
  }

  async watch({inbox, leaseMs, where}: WatchQuery): Promise<WatchLease> {
    return this.parts.feeds.watch(inbox, leaseMs, await this.selector(where));
  }

  recordGet(userId: string): Promise<StoredRecord | undefined> {
    return this.parts.records.get(userId);
  }

  recordPut(userId: string, value: Uint8Array, put?: RecordPut): Promise<string> {
    return this.parts.records.put(userId, value, put);
  }

  recordDelete(userId: string, revision?: string): Promise<boolean> {
    return this.parts.records.delete(userId, revision);
  }

  recordList(query: ListQuery): Promise<RecordPage> {
    return this.parts.records.list(query);
  }

  private async selector(where: string | undefined): Promise<Selector | undefined> {
    return where === undefined ? undefined : await this.selectors.get(where);
  }

  private live(sessionId: string): LiveSession {
    const live = this.parts.table.get(sessionId);
    if (live === undefined) throw new NoSessionError(sessionId);
    return live;
  }

  private async write(
    sessionId: string,
    keys: readonly string[],
    change: (live: LiveSession) => void,
  ): Promise<Session> {
    const live = this.live(sessionId);
    const before = live.session;
    this.change(live, () => change(live));
    this.parts.feeds.emit(live, {kind: 'settings', before, keys});
    if (live.session.userId !== '') await this.parts.persistence?.store(live);
    return live.session;
  }

  private change(live: LiveSession, change: () => void): void {
    changeWithinSizeLimit(live, this.parts.pageLimitBytes, change);
  }

  /** Makes room for another session of a user who has the maximum: closes the oldest, or throws NegativeError. */
  private makeRoom(userId: string): void {
    const {table, limits, counters, sessionsOverLimit = 'close-older'} = this.parts;
    if (limits.sessionsPerUser === 0) return;
    const sessions = table.ofUser(userId);
    const tooMany = sessions.length + 1 - limits.sessionsPerUser;
    if (tooMany <= 0) return;
    counters.hit('sessionsPerUser', this.parts.now());
    if (sessionsOverLimit === 'refuse')
      throw new NegativeError(
        `user "${userId}" already has ${sessions.length} sessions on this gate, which is the limit`,
      );
    const oldest = [...sessions].sort((left, right) => left.connectedAt - right.connectedAt);
    for (const live of oldest.slice(0, tooMany))
      live.connection.close('the user has a newer session', mqttReasonCodes.sessionTakenOver);
  }

  private setUserId(live: LiveSession, userId: string): void {
    const before = live.session.userId;
    if (before !== userId) this.parts.persistence?.leave(live);
    this.change(live, () => live.setUserId(userId));
    this.parts.table.rebound(live, before);
  }
}
