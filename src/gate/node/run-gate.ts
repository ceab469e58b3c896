import {ConflictError, UsageError} from '../../base/errors.js';
import type {Bus} from '../../bus/bus.js';
import type {BusOptions} from '../../bus/connect/bus-options.js';
import {connectBus} from '../../bus/connect/connect.js';
import {hintForInboxPrefix} from '../../bus/rpc/reply-inboxes.js';
import type {RegistryAccess} from '../../registry/http/registry-access.js';
import {openRegistry} from '../../registry/open-registry.js';
import {openStore} from '../../storage/open-store.js';
import {RenewedFiles} from '../config/renewed-files.js';
import {type GateConfig, listenerOf} from './gate-config.js';
import {reloadConfig} from './reload-config.js';
import {type Gate, startGate} from './start-gate.js';

export interface RunGateOptions {
  readonly config: GateConfig;
  /** Reads the store's URL again where the config file has it. */
  readonly currentStore?: (() => string) | undefined;
  readonly bus: Omit<BusOptions, 'reconnect' | 'name'>;
  /** URL of the registry. */
  readonly registry: string;
  /** Of etcd and consul. */
  readonly registryAccess?: RegistryAccess | undefined;
  readonly type: string;
  /** Ends the gate in order. */
  readonly signal: AbortSignal;
  /** Reads the config again when the gate is told to. Without it the gate keeps what it started with. */
  readonly reload?: GateReload | undefined;
  /** Clients and callers are served from now on. */
  readonly onReady: (gate: Gate) => Promise<void>;
  readonly log: (line: string) => void;
}

export interface GateReload {
  /** Has `listener` called when the gate is to reload, until the function that it gives is called. */
  readonly onReload: (listener: () => void) => () => void;
  /** Rejects when the config cannot be used; the gate then goes on with the one it has. */
  readonly read: () => Promise<GateConfig>;
}

const defaultDrainMs = 10_000;

/** Runs one gate node until the signal; resolves when it has left in order. */
export async function runGate(options: RunGateOptions): Promise<void> {
  const {config, signal, log} = options;
  if (config.tcp === undefined && config.ws === undefined)
    throw new UsageError('the gate has no listener', {hint: 'pass --tcp 3563, --ws 3653, or both'});
  const [tcp, ws] = [await listenerOf('tcp', config), await listenerOf('ws', config)];
  const opened: (() => Promise<void>)[] = [];
  try {
    const bus = await connectBus({
      ...options.bus,
      reconnect: true,
      name: `gate ${options.type}`,
      notice: log,
    });
    opened.push(() => bus.close());
    const hint = hintForInboxPrefix(options.bus.inboxPrefix); // the gate's own calls would not be answered
    if (hint !== undefined) log(hint);
    const storage =
      config.store === undefined
        ? undefined
        : await openStore(config.store, {bus, current: options.currentStore});
    if (storage !== undefined) opened.push(() => storage.close());
    const registry = openRegistry(options.registry, {bus, access: options.registryAccess, notice: log});
    opened.push(() => registry.close());
    const {id, limits, sameClientId, replyInboxes, trustedProxies} = config;
    const common = {bus, registry, type: options.type, id, tcp, ws, storage, takeOver: config.takeOver};
    const gate = await startGate({...common, limits, sameClientId, replyInboxes, trustedProxies, log});
    const files = new RenewedFiles(gate, log, {
      ...(tcp?.tls && {tcp: tcp.tls}),
      ...(ws?.tls && {ws: ws.tls}),
    });
    opened.push(async () => files.stop());
    const current = keptConfig(gate, files, options);
    opened.push(() => gate.stop({closeMs: current().drainMs ?? defaultDrainMs}));
    await options.onReady(gate);
    const superseded = await Promise.race([endOf(signal, bus), gate.superseded]);
    if (superseded instanceof ConflictError) throw superseded;
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

/** The config in force: the one the gate started with, or what it has reloaded since. One reload runs at a time. */
function keptConfig(
  gate: Gate,
  files: RenewedFiles,
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
      if (current.tls === undefined || fresh.tls === undefined) return;
      current = {...current, tls: fresh.tls};
      await files.renew(current);
      files.watch(current);
    } catch (error) {
      log(
        `reload failed, the gate goes on as it was: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  reload?.onReload(() => {
    running = running.then(() => once(reload.read));
  });
  return () => current;
}
