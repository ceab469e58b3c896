import {connect as connectTcp, type Socket} from 'node:net';
import {connectAsync, type IClientOptions, type MqttClient} from 'mqtt';
import {generate, type Packet, parser} from 'mqtt-packet';
import {helloWorldHandlers} from '../../src/dev/hello-world.js';
import type {GateOptions} from '../../src/gate/node/gate-options.js';
import type {Gate} from '../../src/gate/node/running-gate.js';
import {startGate} from '../../src/gate/node/start-gate.js';
import type {Handlers} from '../../src/module/handler-types.js';
import {type Module, startModule} from '../../src/module/start-module.js';
import {MemoryStore} from '../../src/storage/memory-store.js';
import {FakeBus} from './fake-bus.js';
import {FakeRegistry} from './fake-registry.js';
import {until} from './poll.js';

const loopback = {host: '127.0.0.1', port: 0};

/** A gate on real sockets and a module behind it; the bus between them is in memory where no other is given. */
export interface TestGate extends AsyncDisposable {
  readonly gate: Gate;
  readonly module: Module;
  readonly bus: FakeBus;
  readonly registry: FakeRegistry;
  readonly store: MemoryStore;
  readonly log: string[];
  /** A real MQTT client. It is closed with the gate. */
  client(options?: IClientOptions & {readonly ws?: boolean}): Promise<MqttClient>;
  /** A bare connection to the TCP port. */
  raw(): Promise<RawClient>;
}

export interface TestGateOptions extends Partial<GateOptions> {
  readonly handlers?: Handlers;
}

export async function startTestGate({
  handlers = helloWorldHandlers,
  ...options
}: TestGateOptions = {}): Promise<TestGate> {
  const fakeBus = new FakeBus();
  const bus = options.bus ?? fakeBus;
  const [registry, store, log] = [new FakeRegistry(), new MemoryStore(), [] as string[]];
  const gate = await startGate({
    bus,
    registry,
    id: 'g1',
    tcp: loopback,
    ws: loopback,
    storage: store,
    warmUpMs: 0,
    log: (line) => log.push(line),
    ...options,
  });
  const module = await startModule({type: 'HelloWorld', id: 'h1', bus, registry, handlers});
  const clients: MqttClient[] = [];
  const sockets: RawClient[] = [];
  return {
    gate,
    module,
    bus: fakeBus,
    registry,
    store,
    log,
    async client({ws = false, ...rest} = {}) {
      const url = ws ? `ws://127.0.0.1:${gate.wsPort}/mqtt` : `mqtt://127.0.0.1:${gate.tcpPort}`;
      const client = await connectAsync(url, {reconnectPeriod: 0, keepalive: 30, ...rest});
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    async raw() {
      const client = await RawClient.connect(gate.tcpPort ?? 0);
      sockets.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.end(true);
      for (const socket of sockets) socket.destroy();
      await module.close(0);
      await gate.stop({drainMs: 0});
    },
  };
}

/** Asks a module in mqant's way and gives the whole answer. */
export async function ask(client: MqttClient, topic: string, body: string | Buffer): Promise<ClientAnswer> {
  const answer = nextMessage(client, topic);
  client.publish(topic, body);
  return JSON.parse((await answer).toString()) as ClientAnswer;
}

export interface ClientAnswer {
  readonly Trace: string;
  readonly Error: string;
  readonly Result: unknown;
}

/** The body of the next message on this topic. */
export function nextMessage(client: MqttClient, topic: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const listen = (at: string, body: Buffer) => {
      if (at !== topic) return;
      client.off('message', listen);
      resolve(body);
    };
    client.on('message', listen);
  });
}

/** The id of the session behind a client, as a module sees it. */
export async function sessionIdOf(client: MqttClient): Promise<string> {
  const {Result} = await ask(client, `HelloWorld/HD_whoami/${Math.random()}`, '{}');
  return (Result as {readonly sessionId: string}).sessionId;
}

export const closed = (client: MqttClient): Promise<unknown> =>
  until(() => !client.connected && client.stream?.destroyed !== false, {what: 'the client to be closed'});

/** Bytes in, packets out: for what a well-behaved client never sends. */
export class RawClient {
  readonly packets: Packet[] = [];
  isClosed = false;
  private readonly settings: {protocolVersion?: number} = {};
  private readonly parser = parser(this.settings);

  private constructor(readonly socket: Socket) {
    this.parser.on('packet', (packet) => this.packets.push(packet));
    socket.on('data', (bytes) => this.parser.parse(bytes as Buffer));
    socket.on('error', () => {});
    socket.once('close', () => {
      this.isClosed = true;
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connectTcp(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  send(packet: Packet | Uint8Array, protocolVersion: 3 | 4 | 5 = 4): void {
    this.settings.protocolVersion = protocolVersion;
    this.socket.write(packet instanceof Uint8Array ? packet : generate(packet, {protocolVersion}));
  }

  connect(protocolVersion: 3 | 4 | 5 = 4, fields: object = {}): void {
    const protocolId = protocolVersion === 3 ? 'MQIsdp' : 'MQTT';
    const packet = {cmd: 'connect', protocolId, protocolVersion, clientId: 'raw', clean: true, ...fields};
    this.send(packet as Packet, protocolVersion);
  }

  /** The first packet of a kind that comes, or has come. */
  async packet<C extends Packet['cmd']>(cmd: C): Promise<Extract<Packet, {cmd: C}>> {
    const found = await until(() => this.packets.find((packet) => packet.cmd === cmd), {what: cmd});
    return found as Extract<Packet, {cmd: C}>;
  }

  async ended(): Promise<void> {
    await until(() => this.isClosed, {what: 'the connection to be closed'});
  }

  destroy(): void {
    this.socket.destroy();
  }
}
