import {connectBus} from '../bus/connect/connect-bus.js';
import {startModule} from '../module/start-module.js';
import {openRegistry} from '../registry/open-registry.js';
import type {DevConnectionSettings} from './dev-deps.js';
import {
  type DevClusterGate,
  type DevGatesDeps,
  startGateProcesses,
  startGatesInProcess,
} from './dev-gates.js';
import type {DevOptions} from './dev-options.js';
import {helloWorldHandlers} from './hello-world.js';
import {findNatsServer, startNatsServer} from './nats-server.js';

/** A running cluster: a bus, gates, and the HelloWorld module. */
export interface DevCluster {
  readonly context: DevConnectionSettings;
  readonly busKind: DevBus['kind'];
  readonly gates: readonly DevClusterGate[];
  close(): Promise<void>;
}

interface DevClusterOptions extends DevOptions {
  /** PATH in which to search for `nats-server`. */
  readonly path: string;
  /** Command that starts this program, used if `processes` is set. */
  readonly program: readonly string[];
}

const devGateType = 'Gate';
const registryUrl = 'nats://';
const timeoutMs = 5000;

/** Starts a cluster. If a part fails to start, stops the parts already running and rejects with its error. */
export async function startDevCluster(options: DevClusterOptions): Promise<DevCluster> {
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const stop of opened.splice(0).reverse()) await stop();
  };
  try {
    const devBus = await openDevBus(options);
    opened.push(() => devBus.close());
    const bus = await connectBus({server: devBus.url, timeoutMs, reconnect: true, name: 'gatectl dev'});
    opened.push(() => bus.close());
    const registry = openRegistry(registryUrl, {bus});
    opened.push(() => registry.close());
    const module = await startModule({
      type: 'HelloWorld',
      id: 'hello',
      bus,
      registry,
      handlers: helloWorldHandlers,
    });
    opened.push(() => module.close());
    const context = {server: devBus.url, registry: registryUrl, gateType: devGateType};
    const home: DevGatesDeps = {bus, registry, context, program: options.program};
    const ids = Array.from({length: options.gates}, (_, index) => gateId(index));
    const gates = await (options.processes === true
      ? startGateProcesses(ids, home)
      : startGatesInProcess(ids, home));
    opened.push(() => gates.close());
    return {context, busKind: devBus.kind, gates: gates.list, close};
  } catch (error) {
    await close();
    throw error;
  }
}

/** Returns `a1`, `a2` and so on, which are quick to type. */
const gateId = (index: number): string => `a${index + 1}`;

/** The bus of a dev cluster. `close` stops it only if `dev` started it. */
interface DevBus {
  readonly url: string;
  readonly kind: 'given' | 'nats-server' | 'embedded bus';
  close(): Promise<void>;
}

interface DevBusOptions {
  readonly server?: string | undefined;
  readonly natsServer?: string | undefined;
  readonly embeddedBus?: boolean | undefined;
  readonly path: string;
}

/** Uses the given server, or starts an installed `nats-server`, or else the embedded bus, so that Node.js alone is enough. */
async function openDevBus(options: DevBusOptions): Promise<DevBus> {
  if (options.server !== undefined) return {url: options.server, kind: 'given', close: async () => {}};
  const program = options.embeddedBus
    ? undefined
    : (options.natsServer ?? (await findNatsServer(options.path)));
  if (program === undefined) return startEmbedded();
  const server = await startNatsServer(program);
  return {url: server.url, kind: 'nats-server', close: () => server.stop()};
}

async function startEmbedded(): Promise<DevBus> {
  const {startEmbeddedBus} = await import('../embedded-bus/embedded-bus.js');
  const bus = await startEmbeddedBus({});
  return {url: bus.url, kind: 'embedded bus', close: () => bus.close()};
}
