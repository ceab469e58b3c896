import {mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {ConsulRegistry} from '../../src/registry/http/consul-registry.js';
import {EtcdRegistry} from '../../src/registry/http/etcd-registry.js';
import type {Registry} from '../../src/registry/registry.js';
import {startConsul} from './consul.js';
import {startEtcd} from './etcd.js';
import {type GoProgram, goProgram} from './go-program.js';
import {MqttClients} from './mqtt-clients.js';
import {startNats} from './nats.js';
import {until} from './poll.js';
import {freePort, startServer, type TestServer} from './servers.js';
import {type TemporaryFolder, temporaryFolder} from './temp.js';

export interface MqantClusterOptions {
  /** Where Go gates keep records; in files unless said otherwise. */
  readonly records?: 'files' | 'memory';
  /** Text of nats-server's configuration, and user:password that the nodes connect with. */
  readonly nats?: {readonly conf: string; readonly user: string; readonly program?: string};
  /** etcd unless said otherwise. */
  readonly registry?: 'etcd' | 'consul';
  /**
   * Version of mqant that the gates are of; v1.5.3 unless said otherwise, and for modules always: before v1.5.2 only a
   * process with a gate in it can read a session.
   */
  readonly version?: MqantVersion;
}

/**
 * What every node of mqant logs when a node that it has called leaves the registry in an orderly way, be it mqant's own
 * (`NatsClient.Done` ends the subscription that `on_request_handle` reads).
 */
export const aNodeLeft = /NatsClient error with 'nats: invalid subscription'/;

/** Versions of mqant that the tests build nodes of, oldest first. */
export const mqantVersions = ['v1.2.0', 'v1.3.9', 'v1.4.5', 'v1.4.12', 'v1.4.14', 'v1.5.3'] as const;

export type MqantVersion = (typeof mqantVersions)[number];

const versionOfModules = 'v1.5.3';

/**
 * A bus, a registry, and stock mqant nodes in Go on them. Disposing of it rejects when one of its gates has logged an error or
 * has ended: nothing gatectl does may make a stock gate do that. What a test provokes itself it says to the gate (`mayLog`,
 * `mayEnd`).
 */
export class MqantCluster implements AsyncDisposable {
  private readonly parts: AsyncDisposable[] = [];
  private readonly gates: MqantGate[] = [];
  private readonly allowed: RegExp[] = [];

  private constructor(
    readonly nats: TestServer,
    /** The server of the registry. */
    private readonly registry: TestServer,
    private readonly programs: Readonly<Record<'gate' | 'module', string>>,
    private readonly folder: TemporaryFolder,
    private readonly options: MqantClusterOptions,
  ) {
    this.parts.push(folder, nats, registry);
  }

  static async start(options: MqantClusterOptions = {}): Promise<MqantCluster> {
    const {registry = 'etcd', version = 'v1.5.3'} = options;
    const folder = await temporaryFolder('gatectl-mqant-');
    await mkdir(path.join(folder.path, 'store'));
    const starting = registry === 'etcd' ? startEtcd() : startConsul();
    const [nats, server, gate, module] = await Promise.all([
      startNats(options.nats?.conf, options.nats?.program),
      starting,
      goProgram(mqantProgram(version)),
      goProgram(mqantProgram(versionOfModules)),
    ]);
    return new MqantCluster(nats, server, {gate, module}, folder, options);
  }

  get registryUrl(): string {
    return this.registry.url.replace('http:', `${this.options.registry ?? 'etcd'}:`);
  }

  /** Where the Go gates keep their records, in the way of our file store. */
  get storeUrl(): string {
    return `file:${this.folder.path}/store`;
  }

  /** The flags with which gatectl finds the cluster, and waits as long as a busy machine may need. */
  get flags(): readonly string[] {
    return ['--server', this.nats.url, '--registry', this.registryUrl, '--timeout', '20s'];
  }

  /** A client of ours on the cluster's registry. */
  openRegistry(): Registry {
    const url = this.registryUrl;
    return this.options.registry === 'consul' ? ConsulRegistry.fromUrl(url) : EtcdRegistry.fromUrl(url);
  }

  async startGate(id: string, options: GateOptions = {}): Promise<MqantGate> {
    const wsPort = await freePort();
    const {server, log} = await this.run({role: 'gate', id, nodeId: `Gate@${id}`, wsPort, options});
    const gate = new MqantGate(`Gate@${id}`, server, `ws://127.0.0.1:${wsPort}`, log);
    this.gates.push(gate);
    return gate;
  }

  /** Each of its gates may log this: the test provokes it itself. */
  mayLog(error: RegExp): void {
    this.allowed.push(error);
  }

  async startModule(id: string): Promise<TestServer> {
    return (await this.run({role: 'module', id, nodeId: `HelloWorld@${id}`})).server;
  }

  private async run({role, id, nodeId, wsPort, options = {}}: NodePlan): Promise<LoggingServer> {
    const {nats} = this;
    const program = this.programs[role];
    const registryServer = this.registry;
    const store = this.options.records === 'memory' ? '' : this.storeUrl.slice('file:'.length);
    const registry = this.openRegistry();
    let logFile = '';
    const {user} = this.options.nats ?? {};
    const natsUrl = user === undefined ? nats.url : nats.url.replace('nats://', `nats://${user}@`);
    const registryFlag = `-${this.options.registry ?? 'etcd'}`;
    const server = await startServer({
      name: 'mqant',
      logFile: 'development.log',
      url: (port) => `mqtt://127.0.0.1:${port}`,
      command(folder, port) {
        logFile = path.join(folder, 'development.log');
        const where = ['-nats', natsUrl, registryFlag, registryServer.url, '-folder', folder];
        const listen =
          wsPort === undefined
            ? []
            : ['-tcp', `127.0.0.1:${port}`, '-ws', `127.0.0.1:${wsPort}`, '-store', store];
        return [program, '-role', role, '-id', id, ...where, ...listen, ...flagsOf(options)];
      },
      // a gate listens last of all; a module has no port, so that its record must do
      async serves(_folder, port) {
        if (wsPort !== undefined) await connects(port);
        const nodes = await registry.nodes(undefined);
        return nodes.some((node) => node.id === nodeId);
      },
    });
    this.parts.push(server);
    return {server, log: () => readFile(logFile, 'utf8')};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gates = this.gates.splice(0);
    const faults = await Promise.allSettled(gates.map((gate) => gate.faults(this.allowed)));
    for (const part of this.parts.splice(0).reverse()) await part[Symbol.asyncDispose]();
    const said = faults.flatMap((fault) =>
      fault.status === 'fulfilled' ? fault.value : [`${fault.reason}`],
    );
    if (said.length > 0)
      throw new Error(`gates of mqant have to log no error and go on, but:\n${said.join('\n')}`);
  }
}

interface NodePlan {
  readonly role: 'gate' | 'module';
  readonly id: string;
  readonly nodeId: string;
  readonly wsPort?: number;
  readonly options?: GateOptions;
}

export interface GateOptions {
  /** With gatectl's add-on attached. */
  readonly addon?: boolean;
  /** Sessions without a client, for measurements: those that stay, and those that come and go. */
  readonly crowd?: {readonly sessions: number; readonly churnPerSecond: number};
}

function flagsOf({addon = false, crowd}: GateOptions): readonly string[] {
  const crowded = crowd ? ['-stay', `${crowd.sessions}`, '-churn', `${crowd.churnPerSecond}`] : [];
  return [...(addon ? ['-addon'] : []), ...crowded];
}

interface LoggingServer {
  readonly server: TestServer;
  readonly log: () => Promise<string>;
}

export class MqantGate {
  private readonly allowed: RegExp[] = [];
  private isToEnd = false;

  constructor(
    readonly nodeId: string,
    readonly server: TestServer,
    /** URL for MQTT clients. */
    readonly ws: string,
    private readonly log: () => Promise<string>,
  ) {}

  /** URL for MQTT clients. */
  get tcp(): string {
    return `mqtt://127.0.0.1:${this.server.port}`;
  }

  /** The test provokes this error itself. */
  mayLog(error: RegExp): void {
    this.allowed.push(error);
  }

  /** The test ends the gate itself. */
  mayEnd(): void {
    this.isToEnd = true;
  }

  /** Lines of the gate's log so far that say an error or a panic. Throws where there is no log. */
  async errors(): Promise<readonly string[]> {
    return (await this.log()).split('\n').filter((line) => /\[(?:E|C|A|M)\]|panic/.test(line));
  }

  /** What it should not have done by now, in words. */
  async faults(more: readonly RegExp[] = []): Promise<readonly string[]> {
    const allowed = [...this.allowed, ...more];
    const errors = (await this.errors()).filter((line) => !allowed.some((error) => error.test(line)));
    const ended = this.isToEnd || isRunning(this.server.pid) ? [] : ['has ended'];
    return [...errors.map((line) => `logged ${line}`), ...ended].map((fault) => `${this.nodeId} ${fault}`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Waits until a client of the gate is answered by the module. A Go node is in the registry before it has registered
 * its functions, and mqant may lose the first reply from a node that it calls for the first time.
 */
export async function untilServing(gateUrl: string, module: string): Promise<void> {
  await using clients = new MqttClients();
  // a Go gate that has just begun to listen may take a connection and forget it; who comes again is served
  const client = await until(() => clients.open(gateUrl, {connectTimeout: 5000}), {
    what: `a connection to ${gateUrl}`,
    timeoutMs: 30_000,
  });
  let answered = false;
  client.on('message', (_topic, body) => {
    answered ||= (JSON.parse(body.toString()) as {readonly Error: string}).Error === '';
  });
  let asked = 0;
  await until(
    () => {
      if (!answered) client.publish(`${module}/HD_whoami/${asked++}`, '{}');
      return answered;
    },
    {what: `an answer of ${module} through ${gateUrl}`, timeoutMs: 30_000, everyMs: 100},
  );
}

/** Compiles the Go nodes; a compiler with a warm cache takes a second, a cold one a minute. */
/** The program of the nodes, with the version of mqant that its gates are of. */
export const mqantProgram = (version: MqantVersion): GoProgram => ({
  folder: 'test/interop/mqant',
  ...(version !== 'v1.5.3' && {modfile: `versions/${version}.mod`}),
  ...(version === 'v1.2.0' && {tag: 'mqant12'}),
});

/** As an MQTT client: of a connection that says nothing a gate logs an error. */
async function connects(port: number): Promise<void> {
  await using clients = new MqttClients();
  await clients.open(`mqtt://127.0.0.1:${port}`, {connectTimeout: 5000});
}
