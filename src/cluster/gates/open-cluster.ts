import {hostname} from 'node:os';
import {setTimeout as wait} from 'node:timers/promises';
import {monotonicMs} from '../../base/clock.js';
import type {GatectlError} from '../../base/errors.js';
import {version} from '../../base/version.js';
import type {Bus} from '../../bus/bus.js';
import type {BusOptions} from '../../bus/connect/bus-options.js';
import {GateClient} from '../../bus/gate/gate-client.js';
import {NodeKindCache} from '../../bus/gate/probe-node.js';
import {Caller} from '../../bus/rpc/caller.js';
import {SessionQueue} from '../../bus/rpc/session-queue.js';
import type {RegistryAccess} from '../../registry/http/registry-access.js';
import type {Cluster} from '../cluster.js';
import type {DuplicateNodeIds} from '../read/gather.js';
import type {StockSourceOptions} from '../stock/stock-gate-sessions.js';
import type {WatchBus} from '../watch/watch-sessions.js';
import {GateCluster} from './gate-cluster.js';
import {defaultGateType} from './gate-types.js';

export type {Secret} from '../../bus/connect/credentials.js';

export interface ClusterOptions extends Omit<BusOptions, 'reconnect' | 'name'> {
  /** `nats://` (the bus itself), `etcd://host:port`, `consul://host:port`, or `static:Gate@a=address`. */
  readonly registry: string;
  /** Credentials for etcd and consul. */
  readonly registryAccess?: RegistryAccess | undefined;
  /** Types of the gates, comma-separated. Default: "Gate", or else the only type whose nodes answer as gates. */
  readonly gateType?: string | undefined;
  /** Where to find the sessions of gates that cannot list them. */
  readonly stock?: Omit<StockSourceOptions, 'isLive'> | undefined;
  /** Reconnects after the connection is lost. For long-running commands. */
  readonly reconnect?: boolean | undefined;
  /** Called when the bus connection fails permanently. */
  readonly onLostForGood?: ((error: GatectlError) => void) | undefined;
}

/** Connects to the bus and the registry. Rejects with UnreachableError, PermissionError or UsageError. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const started = monotonicMs();
  const {connectBus} = await import('../../bus/connect/connect-bus.js');
  const {openRegistry} = await import('../../registry/open-registry.js');
  const {reconnect = false, timeoutMs} = options;
  const bus = await connectBus({...options, reconnect});
  bus.onStatus((status) => {
    if (status === 'closed' && bus.failure !== undefined) options.onLostForGood?.(bus.failure);
  });
  const registry = openRegistry(options.registry, {
    bus,
    access: options.registryAccess,
    notice: options.notice,
  });
  // the operator's timeout includes finding the gates
  let spentMs = reconnect ? 0 : monotonicMs() - started;
  const caller = new Caller(bus, {
    caller: `gatectl/${version}`,
    hostname: hostname(),
    timeoutMs,
    spentMs: () => spentMs,
  });
  const queue = new SessionQueue();
  const kinds = new NodeKindCache(monotonicMs);
  return new GateCluster({
    registry,
    server: bus.server,
    gateType: options.gateType,
    timeoutMs,
    stock: options.stock && {...options.stock, isLive: reconnect},
    onFound: (ms) => {
      if (!reconnect) spentMs += ms;
    },
    bus: eventBus(bus),
    onLink: (listener) =>
      bus.onStatus((status) => {
        if (status === 'disconnected') listener('lost');
        else if (status === 'refused') listener('refused');
        else if (status === 'reconnected') listener('back');
      }),
    tap: {
      openTap: () => connectBus({...options, reconnect: true, name: 'gatectl trace', notice: undefined}),
      inboxPrefix: options.inboxPrefix,
      now: () => performance.timeOrigin + performance.now(),
    },
    clock: {now: monotonicMs, wait: (ms) => wait(ms)},
    gateOf: ({id, address, subjectPerFunction}) =>
      new GateClient({
        caller,
        queue,
        kinds,
        maxPayloadBytes: bus.maxPayloadBytes,
        target: {node: id, address, subjectPerFunction},
      }),
    duplicates: /^(?:etcd|consul)s?:/.test(options.registry) ? duplicatesHeardBy(caller) : undefined,
    census: async (nodes) => {
      const {findSharedNodeIds} = await import('../read/shared-node-ids.js');
      return await findSharedNodeIds(nodes, {bus, timeoutMs});
    },
    probe: async () => {
      const {probeBus} = await import('../access/probe-bus.js');
      return await probeBus(bus, options.gateType ?? defaultGateType, monotonicMs);
    },
    close: async () => {
      caller.close();
      await registry.close();
      await bus.close();
    },
  });
}

/** Returns an event bus that receives all events on one inbox. The last token of a subject identifies the watch. */
function eventBus(bus: Bus): WatchBus {
  return {
    listen(handler) {
      const inbox = bus.newInbox();
      const subscription = bus.subscribe(`${inbox}.*`, ({subject, data}) =>
        handler(subject.slice(inbox.length + 1), data),
      );
      return {inbox, close: () => subscription.unsubscribe()};
    },
    get connected() {
      return bus.connected;
    },
    onBack: (listener) =>
      bus.onStatus((status) => {
        if (status === 'reconnected') listener();
      }),
  };
}

/** How long to wait for a second process to answer a call after the first one did. */
const secondAnswerMs = 20;

/** Detects node ids that several processes share by extra replies: etcd and consul store only one record per id. */
const duplicatesHeardBy = (caller: Caller): DuplicateNodeIds => ({
  settle: () => wait(secondAnswerMs),
  isDuplicate: (node) => caller.isAnsweredTwice(node),
});
