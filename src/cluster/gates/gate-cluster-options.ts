import type {ClusterNode, Registry} from '../../registry/registry.js';
import type {GateApi} from '../../session/gate-api.js';
import type {ClusterProbe} from '../access/probe-bus.js';
import type {DuplicateNodeIds} from '../read/gather.js';
import type {BusLinkState} from '../result-types.js';
import type {StockSourceOptions} from '../stock/stock-gate-sessions.js';
import type {TraceBusDeps} from '../trace/trace-bus.js';
import type {WatchBus} from '../watch/watch-sessions.js';
import type {PollClock} from '../write/session-writes.js';

/** Dependencies of a cluster of running gates. */
export interface GateClusterOptions {
  readonly registry: Registry;
  readonly server: string;
  /** Types of the gates, comma-separated. Default: "Gate", or else the only type whose nodes answer as gates. */
  readonly gateType: string | undefined;
  readonly timeoutMs: number;
  readonly gateOf: (node: ClusterNode) => GateApi;
  /** Bus for events. */
  readonly bus: WatchBus;
  /** Bus for traces. */
  readonly tap: Pick<TraceBusDeps, 'openTap' | 'inboxPrefix' | 'now'>;
  readonly clock: PollClock;
  /** Where to find the sessions of gates that cannot list them. */
  readonly stock?: StockSourceOptions | undefined;
  readonly onLink?: ((listener: (state: BusLinkState) => void) => () => void) | undefined;
  /** Called with the time it took to find the gates, in milliseconds. */
  readonly onFound?: ((ms: number) => void) | undefined;
  readonly probe: () => Promise<ClusterProbe>;
  /** Detects node ids that several processes share. Undefined if the registry itself lists every process. */
  readonly duplicates?: DuplicateNodeIds | undefined;
  readonly census: (nodes: readonly ClusterNode[]) => Promise<ReadonlyMap<string, readonly string[]>>;
  /** Closes the registry and the bus. */
  readonly close: () => Promise<void>;
}
