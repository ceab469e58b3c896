import {onAbort} from '../../base/abort-signals.js';
import {messageAndHint} from '../../base/error-details.js';
import {ConflictError, UsageError} from '../../base/errors.js';
import type {Bus} from '../../bus/bus.js';
import type {BusOptions} from '../../bus/connect/bus-options.js';
import {connectBus} from '../../bus/connect/connect-bus.js';
import {hintForInboxPrefix} from '../../bus/rpc/reply-inboxes.js';
import type {RegistryAccess} from '../../registry/http/registry-access.js';
import {openRegistry} from '../../registry/open-registry.js';
import {openStore} from '../../storage/open-store.js';
import {maskStoreCredentials} from '../../storage/store-url.js';
import {RenewedFileLoader} from '../config/renewed-file-loader.js';
import {type GateConfig, loadListenerOptions} from './gate-config.js';
import {reloadConfig} from './reload-config.js';
import type {Gate} from './running-gate.js';
import {startGate} from './start-gate.js';

interface RunGateOptions {
  readonly config: GateConfig;
  /** Reads the store's URL from the config file again. */
  readonly currentStore?: (() => string) | undefined;
  readonly bus: Omit<BusOptions, 'reconnect' | 'name'>;
  /** URL of the registry. */
  readonly registry: string;
  /** Credentials for etcd and consul. */
  readonly registryAccess?: RegistryAccess | undefined;
  readonly type: string;
  /** Stops the gate gracefully. */
  readonly signal: AbortSignal;
  /** Enables reloading of the config. Without it, the gate keeps its initial config. */
  readonly reload?: GateReload | undefined;
  /** Called when the gate serves clients and callers. */
  readonly onReady: (gate: Gate) => Promise<void>;
  readonly log: (line: string) => void;
}

interface GateReload {
  /** Registers a function to call for each reload. Returns a function that removes it. */
  readonly onReload: (listener: () => void) => () => void;
  /** Reads the new config. Rejects if it is invalid; the gate then keeps its current config. */
  readonly read: () => Promise<GateConfig>;
}

const defaultDrainMs = 10_000;

/** Runs a gate until the signal aborts. Resolves after a graceful stop. */
export async function runGate(options: RunGateOptions): Promise<void> {
  const {config, signal, log} = options;
  if (config.tcp === undefined && config.ws === undefined)
    throw new UsageError('the gate has no listener', {hint: 'pass --tcp 3563, --ws 3653, or both'});
  const [tcp, ws] = [await loadListenerOptions('tcp', config), await loadListenerOptions('ws', config)];
  const opened: (() => Promise<void>)[] = [];
  try {
    const bus = await connectBus({
      ...options.bus,
      reconnect: true,
      name: `gate ${options.type}`,
      notice: log,
    });
    opened.push(() => bus.close());
    const hint = hintForInboxPrefix(options.bus.inboxPrefix); // with this prefix, the gate's own calls would get no reply
    if (hint !== undefined) log(hint);
    const storage =
      config.store === undefined
        ? undefined
        : await openStore(config.store, {bus, current: options.currentStore});
    if (storage !== undefined) opened.push(() => storage.close());
    if (storage?.ability.put === false)
      throw new UsageError(
        `a gate cannot keep sessions in the store "${maskStoreCredentials(config.store ?? '')}": it is read-only`,
      );
    const registry = openRegistry(options.registry, {bus, access: options.registryAccess, notice: log});
    opened.push(() => registry.close());
    const gate = await startGate({...config, bus, registry, type: options.type, tcp, ws, storage, log});
    const files = new RenewedFileLoader(gate, log, {
      ...(tcp?.tls && {tcp: tcp.tls}),
      ...(ws?.tls && {ws: ws.tls}),
    });
    opened.push(async () => files.stop());
    const current = trackConfig(gate, files, options);
    opened.push(() => gate.stop({closeMs: current().drainMs ?? defaultDrainMs}));
    await options.onReady(gate);
    const superseded = await Promise.race([endOf(signal, bus), gate.superseded]);
    if (superseded instanceof ConflictError) throw superseded;
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** Resolves when the signal aborts. Rejects with the reason if the bus fails permanently. */
function endOf(signal: AbortSignal, bus: Bus): Promise<void> {
  return new Promise((resolve, reject) => {
    const busEnded = (): void => {
      if (bus.failure !== undefined) reject(bus.failure);
    };
    bus.onStatus(busEnded);
    busEnded();
    onAbort(signal, resolve);
  });
}

/** Applies reloads of the config, one at a time. Returns a function that returns the current config. */
function trackConfig(
  gate: Gate,
  files: RenewedFileLoader,
  {config, reload, log}: RunGateOptions,
): () => GateConfig {
  let current = config;
  files.watch(current);
  let running = Promise.resolve();
  const once = async (read: GateReload['read']): Promise<void> => {
    try {
      const fresh = await read();
      reloadConfig(gate, current, fresh, log);
      current = {...current, limits: fresh.limits, drainMs: fresh.drainMs};
      if (current.authenticate !== undefined) await files.reload();
      if (current.tls === undefined || fresh.tls === undefined) return;
      current = {...current, tls: fresh.tls};
      await files.renew(current);
      files.watch(current);
    } catch (error) {
      log(`reload failed, the gate keeps its current config: ${messageAndHint(error)}`);
    }
  };
  reload?.onReload(() => {
    running = running.then(() => once(reload.read));
  });
  return () => current;
}
