import {decodeObservedRows} from '../../session/codec/session-page.js';
import type {ConnectionsQuery} from '../../session/connection-state.js';
import type {
  CallOptions,
  CountQuery,
  DeliverQuery,
  DeliveryOutcome,
  GateApi,
  GateFunction,
  GateInfo,
  GateStats,
  ListQuery,
  RecordPage,
  RecordPut,
  SessionCount,
  SessionPage,
  SessionQuery,
  StoredRecord,
  WatchLease,
  WatchQuery,
} from '../../session/gate-api.js';
import type {DrainState} from '../../session/gate-health.js';
import {classifyNode, UnsupportedError} from '../../session/node-kind.js';
import type {ObservedSessionRow, Session, StringBag} from '../../session/session.js';
import type {SettingsEdit} from '../../session/settings-edit.js';
import type {Caller} from '../rpc/caller.js';
import {checkMessageBody, checkSetting, checkTopic, checkUserId} from '../rpc/message-check.js';
import type {CallTarget} from '../rpc/pending-call.js';
import type {OutgoingArgument} from '../rpc/rpc-arguments.js';
import {SessionQueue} from '../rpc/session-queue.js';
import {
  bytesArgument,
  mapArgument,
  newTraceArgument,
  stringArgument,
  withoutUndefined,
} from './call-arguments.js';
import {callGate, callPropertiesOf, type GateCallDeps, type GateCallRequest} from './gate-call.js';
import {gateErrorTexts} from './gate-functions.js';
import {
  parseCountReply,
  parseDeliveries,
  parseDrainReply,
  parseLeaseReply,
  parseStatsReply,
  recordOfReply,
  recordPageOfReply,
  replyBytes,
  replyMap,
  replyNumber,
  sessionOfReply,
  sessionPageOfReply,
} from './gate-replies.js';
import {parseGateInfo} from './parse-gate-info.js';
import {type NodeKindCache, probeNode} from './probe-node.js';

interface GateTarget extends CallTarget {
  /** Uses `<address>.<Fn>` as the subject, so that NATS permissions can distinguish functions. */
  readonly subjectPerFunction: boolean;
}

interface GateClientOptions {
  readonly caller: Caller;
  readonly target: GateTarget;
  readonly maxPayloadBytes: number;
  /** Shared by all clients that call the same gate's sessions. */
  readonly queue?: SessionQueue | undefined;
  /** Adds the node's kind to errors for missing functions; a node is probed once for all clients. */
  readonly kinds?: NodeKindCache | undefined;
}

/** Calls a gate over the bus: a stock mqant gate, one with the add-on, or a TypeScript gate. */
export class GateClient implements GateApi {
  readonly nodeId: string;
  private readonly deps: GateCallDeps;
  /** The call target for each function that has a subject of its own. */
  private readonly targets = new Map<GateFunction, CallTarget>();

  constructor(private readonly options: GateClientOptions) {
    this.nodeId = options.target.node;
    const {caller, queue = new SessionQueue(), kinds} = options;
    this.deps = {caller, queue, explain: kinds && ((error) => this.explained(error, kinds))};
  }

  update(sessionId: string, options?: CallOptions): Promise<Session> {
    return this.onSession('Update', sessionId, [], options);
  }

  async bind(sessionId: string, userId: string, options?: CallOptions): Promise<Session> {
    checkUserId(userId);
    return await this.onSession('Bind', sessionId, [stringArgument(userId)], options);
  }

  unbind(sessionId: string, options?: CallOptions): Promise<Session> {
    return this.onSession('UnBind', sessionId, [], options);
  }

  async push(sessionId: string, settings: StringBag, options?: CallOptions): Promise<Session> {
    for (const [key, value] of Object.entries(settings)) checkSetting(key, value);
    return await this.onSession(
      'Push',
      sessionId,
      [{type: 'mapstr', bytes: JSON.stringify(settings)}],
      options,
    );
  }

  async set(sessionId: string, key: string, value: string, options?: CallOptions): Promise<Session> {
    checkSetting(key, value);
    return await this.onSession('Set', sessionId, [stringArgument(key), stringArgument(value)], options);
  }

  async remove(sessionId: string, key: string, options?: CallOptions): Promise<Session> {
    checkSetting(key, '');
    return await this.onSession('Remove', sessionId, [stringArgument(key)], options);
  }

  async edit(sessionId: string, edit: SettingsEdit, options?: CallOptions): Promise<Session> {
    const {set, unset, expected} = edit;
    for (const key of [...unset, ...Object.keys(expected)]) checkSetting(key, '');
    for (const [key, value] of Object.entries(set)) checkSetting(key, value);
    const query = mapArgument({session: sessionId, set, unset, expected});
    return await this.call('GatectlEdit', [query], options, sessionOfReply, sessionId);
  }

  /** Sends a message to a session. Not async, because thousands of these calls run at once. */
  send(sessionId: string, topic: string, body: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      this.checkMessage(topic, body);
    } catch (error) {
      return Promise.reject(error);
    }
    return callGate(this.deps, {
      target: this.targetOf('Send'),
      properties: callPropertiesOf('Send', options),
      args: [newTraceArgument(), stringArgument(sessionId), stringArgument(topic), bytesArgument(body)],
      sessionId,
      read: nothing,
    });
  }

  async sendBatch(
    sessionIds: readonly string[],
    topic: string,
    body: Uint8Array,
    options?: CallOptions,
  ): Promise<number> {
    this.checkMessage(topic, body);
    const ids = stringArgument(sessionIds.join(','));
    return await this.call(
      'SendBatch',
      [ids, stringArgument(topic), bytesArgument(body)],
      options,
      replyNumber,
    );
  }

  async broadcast(topic: string, body: Uint8Array, options?: CallOptions): Promise<number> {
    this.checkMessage(topic, body);
    return await this.call('BroadCast', [stringArgument(topic), bytesArgument(body)], options, replyNumber);
  }

  /** Sends a message with QoS 1. The call's timeout starts when the gate stops waiting for acknowledgements. */
  async deliver(
    query: DeliverQuery,
    body: Uint8Array,
    options: CallOptions = {},
  ): Promise<readonly DeliveryOutcome[]> {
    const {sessions, topic, waitMs} = query;
    this.checkMessage(topic, body);
    const {timeoutMs = this.options.caller.timeoutMs} = options;
    const longer = {...options, timeoutMs: timeoutMs + waitMs};
    return await this.call(
      'GatectlDeliver',
      [mapArgument({...query}), bytesArgument(body)],
      longer,
      (value) => parseDeliveries(replyMap(value), sessions.length),
    );
  }

  isConnect(userId: string, options?: CallOptions): Promise<boolean> {
    return callGate(this.deps, {
      target: this.targetOf('IsConnect'),
      properties: callPropertiesOf('IsConnect', options),
      args: [newTraceArgument(), stringArgument(''), stringArgument(userId)],
      read: (value) => value.type === 'bool' && value.value,
      // mqant's "no" is an error text together with a bool
      readText: (text) => (text === gateErrorTexts.notConnected(userId) ? false : undefined),
    });
  }

  /** Calls IsConnect, mqant's cheapest function, with an unused uid. An error reply counts as an answer. */
  ping(options?: CallOptions): Promise<void> {
    return callGate(this.deps, {
      target: this.targetOf('IsConnect'),
      properties: callPropertiesOf('IsConnect', options),
      args: [newTraceArgument(), stringArgument(''), stringArgument('gatectl-ping-00000000')],
      read: nothing,
      readText: () => null,
    }).then(nothing);
  }

  close(sessionId: string, options?: CallOptions): Promise<void> {
    return this.call('Close', [stringArgument(sessionId)], options, nothing, sessionId);
  }

  info(options?: CallOptions): Promise<GateInfo> {
    return this.call('GatectlInfo', [], options, (value, {node}) => parseGateInfo(replyMap(value), node));
  }

  list(query: SessionQuery, options?: CallOptions): Promise<SessionPage> {
    return this.call('GatectlList', [mapArgument(withoutUndefined({...query}))], options, sessionPageOfReply);
  }

  find(userId: string, options?: CallOptions): Promise<readonly ObservedSessionRow[]> {
    return this.call('GatectlFind', [mapArgument({uid: userId})], options, (value) =>
      decodeObservedRows(replyBytes(value)),
    );
  }

  connections(query: ConnectionsQuery, options?: CallOptions): Promise<SessionPage> {
    return this.call(
      'GatectlConnections',
      [mapArgument(withoutUndefined({...query}))],
      options,
      sessionPageOfReply,
    );
  }

  count(query: CountQuery = {}, options?: CallOptions): Promise<SessionCount> {
    return this.call('GatectlCount', [mapArgument(withoutUndefined({...query}))], options, (value) =>
      parseCountReply(replyMap(value)),
    );
  }

  stats(options?: CallOptions): Promise<GateStats> {
    return this.call('GatectlStats', [], options, (value) => parseStatsReply(replyMap(value)));
  }

  setDraining(draining: boolean, options?: CallOptions): Promise<DrainState> {
    return this.call('GatectlDrain', [mapArgument({draining})], options, (value) =>
      parseDrainReply(replyMap(value)),
    );
  }

  watch(query: WatchQuery, options?: CallOptions): Promise<WatchLease> {
    return this.call('GatectlWatch', [mapArgument(withoutUndefined({...query}))], options, (value) =>
      parseLeaseReply(replyMap(value)),
    );
  }

  recordGet(userId: string, options?: CallOptions): Promise<StoredRecord | undefined> {
    return this.call('GatectlRecordGet', [mapArgument({uid: userId})], options, recordOfReply);
  }

  recordPut(userId: string, value: Uint8Array, put: RecordPut = {}, options?: CallOptions): Promise<string> {
    const {revision, ttlMs} = put;
    const query = mapArgument({uid: userId, ...withoutUndefined({revision, ttlMs})});
    return this.call('GatectlRecordPut', [query, bytesArgument(value)], options, (answer) =>
      String(replyMap(answer)['revision'] ?? ''),
    );
  }

  recordDelete(userId: string, revision?: string, options?: CallOptions): Promise<boolean> {
    const query = mapArgument({uid: userId, ...withoutUndefined({revision})});
    return this.call(
      'GatectlRecordDelete',
      [query],
      options,
      (answer) => replyMap(answer)['deleted'] === true,
    );
  }

  recordList(query: ListQuery, options?: CallOptions): Promise<RecordPage> {
    return this.call('GatectlRecordList', [mapArgument({...query})], options, recordPageOfReply);
  }

  /** Sends a message without waiting for the outcome (mqant's SendNR). */
  sendNoReply(sessionId: string, topic: string, body: Uint8Array): void {
    this.checkMessage(topic, body);
    const args = [newTraceArgument(), stringArgument(sessionId), stringArgument(topic), bytesArgument(body)];
    this.options.caller.send(this.targetOf('Send'), 'Send', args);
  }

  private async explained(error: UnsupportedError, kinds: NodeKindCache): Promise<Error> {
    const {target} = this.options;
    try {
      const bare = new GateClient({...this.options, kinds: undefined});
      const {answers, info} = await kinds.of(target.address, () => probeNode(bare));
      const known = classifyNode(new Map([...answers, [error.fn, 'lacks']]), info);
      return new UnsupportedError(target.node, error.fn, known);
    } catch {
      return error; // the bus was closed meanwhile
    }
  }

  private onSession(
    fn: GateFunction,
    sessionId: string,
    rest: readonly OutgoingArgument[],
    options: CallOptions | undefined,
  ): Promise<Session> {
    return this.call(fn, [stringArgument(sessionId), ...rest], options, sessionOfReply, sessionId);
  }

  private call<T>(
    fn: GateFunction,
    args: readonly OutgoingArgument[],
    options: CallOptions | undefined,
    ...[read, sessionId]: [read: GateCallRequest<T>['read'], sessionId?: string]
  ): Promise<T> {
    return callGate(this.deps, {
      target: this.targetOf(fn),
      properties: callPropertiesOf(fn, options),
      args: [newTraceArgument(), ...args],
      sessionId,
      read,
    });
  }

  private targetOf(fn: GateFunction): CallTarget {
    const {target} = this.options;
    if (!target.subjectPerFunction) return target;
    let own = this.targets.get(fn);
    if (own === undefined) {
      own = {node: target.node, address: `${target.address}.${fn}`};
      this.targets.set(fn, own);
    }
    return own;
  }

  private checkMessage(topic: string, body: Uint8Array): void {
    checkTopic(topic);
    checkMessageBody(body, topic, this.options.maxPayloadBytes);
  }
}

const nothing = (): void => {};
