import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {helloWorldHandlers} from '../../src/dev/hello-world.js';
import {startGate} from '../../src/gate/node/start-gate.js';
import type {Handlers} from '../../src/module/handler-types.js';
import {startModule} from '../../src/module/start-module.js';
import type {RecordStore} from '../../src/storage/storage-handler.js';
import type {MqantCluster} from './mqant.js';

export interface OurKitOptions {
  /** A gate for each id; `ours` unless said otherwise. */
  readonly gates?: readonly string[];
  readonly handlers?: Handlers;
  readonly storage?: RecordStore;
}

export interface OurKit extends AsyncDisposable {
  readonly gates: readonly {readonly nodeId: string; readonly tcp: string; readonly ws: string}[];
}

/** Gates of ours and the module `HelloWorld@ours` in a cluster of mqant nodes. */
export async function startOurKit(
  cluster: MqantCluster,
  {gates = ['ours'], handlers = helloWorldHandlers, storage}: OurKitOptions = {},
): Promise<OurKit> {
  const bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: true});
  const registry = cluster.openRegistry();
  const loopback = {host: '127.0.0.1', port: 0};
  const common = {bus, registry, tcp: loopback, ws: loopback, storage};
  const started = await Promise.all(gates.map((id) => startGate({...common, id})));
  const module = await startModule({type: 'HelloWorld', id: 'ours', bus, registry, handlers});
  return {
    gates: started.map(({nodeId, tcpPort, wsPort}) => ({
      nodeId,
      tcp: `mqtt://127.0.0.1:${tcpPort}`,
      ws: `ws://127.0.0.1:${wsPort}`,
    })),
    async [Symbol.asyncDispose]() {
      await module.close(0);
      for (const gate of started) await gate.stop({drainMs: 0});
      await registry.close();
      await storage?.close();
      await bus.close();
    },
  };
}
