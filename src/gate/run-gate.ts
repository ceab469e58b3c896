import type {Bus} from '../bus/bus.js';
import type {BusOptions} from '../bus/bus-options.js';
import {connectBus} from '../bus/connect.js';
import {UsageError} from '../errors.js';
import {openRegistry} from '../registry/open-registry.js';
import type {RegistryAccess} from '../registry/registry-access.js';
import {openStore} from '../storage/open-store.js';
import {type GateConfig, withTls} from './gate-config.js';
import {type Gate, startGate} from './start-gate.js';

export interface RunGateOptions {
  readonly config: GateConfig;
  readonly bus: Omit<BusOptions, 'reconnect' | 'name'>;
  /** URL of the registry. */
  readonly registry: string;
  /** Of etcd and consul. */
  readonly registryAccess?: RegistryAccess | undefined;
  readonly type: string;
  /** Ends the gate in order. */
  readonly signal: AbortSignal;
  /** Clients and callers are served from now on. */
  readonly onReady: (gate: Gate) => Promise<void>;
  readonly log: (line: string) => void;
}

const defaultDrainMs = 10_000;

/** Runs one gate node until the signal; resolves when it has left in order. */
export async function runGate(options: RunGateOptions): Promise<void> {
  const {config, signal, log} = options;
  if (config.tcp === undefined && config.ws === undefined)
    throw new UsageError('the gate has no listener', {hint: 'pass --tcp 3563, --ws 3653, or both'});
  const [tcp, ws] = [await withTls(config.tcp, config.tls), await withTls(config.ws, config.tls)];
  const opened: (() => Promise<void>)[] = [];
  try {
    const bus = await connectBus({
      ...options.bus,
      reconnect: true,
      name: `gate ${options.type}`,
      notice: log,
    });
    opened.push(() => bus.close());
    const storage = config.store === undefined ? undefined : await openStore(config.store, {bus});
    if (storage !== undefined) opened.push(() => storage.close());
    const registry = openRegistry(options.registry, {bus, access: options.registryAccess, notice: log});
    opened.push(() => registry.close());
    const {id, limits, sameClientId, replyInboxes, drainMs = defaultDrainMs} = config;
    const common = {bus, registry, type: options.type, id, tcp, ws, storage};
    const gate = await startGate({...common, limits, sameClientId, replyInboxes, log});
    opened.push(() => gate.stop({closeMs: drainMs}));
    await options.onReady(gate);
    await endOf(signal, bus);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** Resolves when the signal aborts; rejects with the reason when the bus is lost for good. */
function endOf(signal: AbortSignal, bus: Bus): Promise<void> {
  return new Promise((resolve, reject) => {
    const busEnded = (): void => {
      if (bus.failure !== undefined) reject(bus.failure);
    };
    bus.onStatus(busEnded);
    busEnded();
    signal.addEventListener('abort', () => resolve(), {once: true});
    if (signal.aborted) resolve();
  });
}
