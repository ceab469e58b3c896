// Three gates, a module, a bus and a store, each behind a network of its own that can fail.
import {writeFile} from 'node:fs/promises';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import type {GateClient} from '../../../src/bus/gate/gate-client.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {openStore} from '../../../src/storage/open-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {gateClientOn} from '../../support/gate-caller.js';
import {GateProcess} from '../../support/gate-process.js';
import {startNats} from '../../support/nats.js';
import {startRedis} from '../../support/redis.js';
import type {TestServer} from '../../support/servers.js';
import {TcpProxy} from '../../support/tcp-proxy.js';
import {temporaryFolder} from '../../support/temp.js';
import type {RawClient} from '../../support/test-gate.js';
import {ModuleProcess} from './module.js';

export type StoreName = 'redis' | 'jetstream';
export const storageTimeoutMs = 500;
/** Of a client's request to the module. */
export const requestTimeoutMs = 2000;

export interface ChaosGate {
  readonly id: string;
  process: GateProcess;
  readonly busLine: TcpProxy;
  readonly storeLine: TcpProxy;
  readonly client: GateClient;
  /** While a fault is upon it. */
  isTroubled: boolean;
}

export interface ChaosCluster extends AsyncDisposable {
  readonly nats: TestServer;
  readonly store: TestServer;
  readonly storeName: StoreName;
  /** Of who watches it all, straight at the server. */
  readonly bus: Bus;
  readonly records: RecordStore;
  readonly registry: NatsDiscovery;
  readonly gates: readonly ChaosGate[];
  readonly moduleLine: TcpProxy;
  readonly module: ModuleProcess;
  restart(gate: ChaosGate): Promise<void>;
}

export async function startChaosCluster(storeName: StoreName): Promise<ChaosCluster> {
  const stack = new AsyncDisposableStack_();
  const nats = stack.use(await startNats('jetstream { store_dir: "{folder}/js" }'));
  const redis = storeName === 'redis' ? stack.use(await startRedis('--appendonly', 'yes')) : undefined;
  const folder = await temporaryFolder();
  const config = `${folder.path}/gate.json`;
  await writeFile(
    config,
    JSON.stringify({version: 1, limits: {storageTimeoutMs, requestTimeoutMs}, drainMs: 1000}),
  );
  const bus = await connectBus({server: nats.url, timeoutMs: 2000, reconnect: true});
  stack.use({[Symbol.asyncDispose]: () => bus.close()});
  const records =
    redis === undefined ? await openStore('jetstream://sessions', {bus}) : await openStore(`${redis.url}/0`);
  stack.use({[Symbol.asyncDispose]: () => records.close()});
  const launch = (id: string, busPort: number, storePort: number): Promise<GateProcess> => {
    const store = storeName === 'redis' ? `redis://127.0.0.1:${storePort}/0` : 'jetstream://sessions';
    return GateProcess.start(id, `nats://127.0.0.1:${busPort}`, '--config', config, '--store', store);
  };
  const gates: ChaosGate[] = [];
  for (const id of ['a', 'b', 'c']) {
    const busLine = stack.use(await TcpProxy.start(() => nats.port));
    const storeLine = stack.use(await TcpProxy.start(() => redis?.port ?? nats.port));
    const process = await launch(id, busLine.port, storeLine.port);
    const gate = {
      id,
      process,
      busLine,
      storeLine,
      client: gateClientOn(bus, `Gate@${id}`, 2000),
      isTroubled: false,
    };
    stack.use({[Symbol.asyncDispose]: () => gate.process.kill()});
    gates.push(gate);
  }
  const moduleLine = stack.use(await TcpProxy.start(() => nats.port));
  const module = stack.use(await ModuleProcess.start(`nats://127.0.0.1:${moduleLine.port}`));
  return {
    nats,
    store: redis ?? nats,
    storeName,
    bus,
    records,
    registry: new NatsDiscovery({bus}),
    gates,
    moduleLine,
    module,
    async restart(gate) {
      await gate.process.kill();
      gate.process = await launch(gate.id, gate.busLine.port, gate.storeLine.port);
    },
    async [Symbol.asyncDispose]() {
      await stack.dispose();
      await folder.remove();
    },
  };
}

/** The id of a client's session, known by the address that the gate sees. */
export async function sessionOf({client}: ChaosGate, raw: RawClient): Promise<string | undefined> {
  const {rows} = await client.list({});
  return rows.find(({session}) => session.ip === `127.0.0.1:${raw.socket.localPort}`)?.session.sessionId;
}

/** Node 20 has none of its own. */
class AsyncDisposableStack_ {
  private readonly parts: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(part: T): T {
    this.parts.push(part);
    return part;
  }

  async dispose(): Promise<void> {
    for (const part of this.parts.reverse()) await part[Symbol.asyncDispose]();
  }
}
