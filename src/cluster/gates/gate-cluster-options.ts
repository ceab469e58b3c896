import type {ClusterNode, Registry} from '../../registry/registry.js';
import type {GateApi} from '../../session/gate-api.js';
import type {ClusterProbe} from '../access/probe.js';
import type {LinkState} from '../answers.js';
import type {Duplicates} from '../read/gather.js';
import type {StockOptions} from '../stock/cluster-stock.js';
import type {TraceParts} from '../trace/trace-bus.js';
import type {EventBus} from '../watch/watch-sessions.js';
import type {Clock} from '../write/session-writes.js';

/** Dependencies of a cluster of running gates. */
export interface GateClusterOptions {
  readonly registry: Registry;
  readonly server: string;
  /** Types of the gates, comma-separated. Default: "Gate", or else the only type whose nodes answer as gates. */
  readonly gateType: string | undefined;
  readonly timeoutMs: number;
  readonly gateOf: (node: ClusterNode) => GateApi;
  /** Bus for events. */
  readonly bus: EventBus;
  /** Bus for traces. */
  readonly tap: Pick<TraceParts, 'openTap' | 'inboxPrefix' | 'now'>;
  readonly clock: Clock;
  /** Where to find the sessions of gates that cannot list them. */
  readonly stock?: StockOptions | undefined;
  readonly onLink?: ((listener: (state: LinkState) => void) => () => void) | undefined;
  /** Called with the time it took to find the gates, in milliseconds. */
  readonly onFound?: ((ms: number) => void) | undefined;
  readonly probe: () => Promise<ClusterProbe>;
  /** Detects node ids that several processes share. Undefined if the registry itself lists every process. */
  readonly duplicates?: Duplicates | undefined;
  readonly census: (nodes: readonly ClusterNode[]) => Promise<ReadonlyMap<string, readonly string[]>>;
  /** Closes the registry and the bus. */
  readonly close: () => Promise<void>;
}
