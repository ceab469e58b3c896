import {setTimeout as wait} from 'node:timers/promises';
import {UsageError} from '../errors.js';
import {EtcdGateway, type EtcdKey, type EtcdOptions} from './etcd-gateway.js';
import {parseJson, sortedNodes, toNode, toRecord} from './node-record.js';
import {Registrations} from './registrations.js';
import type {ClusterNode, LookupOptions, Registration, Registry} from './registry.js';

/** A constant of mqant (registry/etcdv3/etcdv3.go). */
const prefix = '/mqant-registry/';
const defaultTimeoutMs = 3000;

/** mqant's RegisterTTL and RegisterInterval (app/app.go). */
const defaultTtlSeconds = 20;

/** mqant's etcd v3 registry: reads what Go nodes write, and writes what they read. */
export class EtcdRegistry implements Registry {
  readonly name: string;
  private readonly gateway: EtcdGateway;
  private readonly registrations = new Registrations();
  /** Values below the prefix that were no nodes. */
  skipped = 0;

  constructor(
    options: EtcdOptions,
    private readonly ttlSeconds = defaultTtlSeconds,
  ) {
    this.gateway = new EtcdGateway(options);
    this.name = `etcd ${options.endpoints.join(', ')}`;
  }

  /** `etcd://user:password@host:2379,host2:2379` */
  static fromUrl(url: string, ttlSeconds?: number): EtcdRegistry {
    const rest = url.replace(/^etcd:\/\//i, '').replace(/\/$/, '');
    const at = rest.lastIndexOf('@');
    const hosts = rest.slice(at + 1);
    const [user, password] = at < 0 ? [] : rest.slice(0, at).split(':').map(decoded);
    const endpoints = hosts.split(',').map(endpointOf);
    return new EtcdRegistry({endpoints, user, password, timeoutMs: defaultTimeoutMs}, ttlSeconds);
  }

  async nodes(type: string | undefined, {signal}: LookupOptions = {}): Promise<readonly ClusterNode[]> {
    const {keys} = await this.gateway.range(prefixOf(type), signal);
    return sortedNodes(
      keys.flatMap((key) => this.read(key)),
      type,
    );
  }

  async *watch(
    type: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ClusterNode[], void, undefined> {
    while (!signal.aborted) {
      try {
        let {keys, revision} = await this.gateway.range(prefixOf(type), signal);
        yield sortedNodes(
          keys.flatMap((key) => this.read(key)),
          type,
        );
        for await (const _ of this.gateway.watch(prefixOf(type), revision, signal)) {
          ({keys, revision} = await this.gateway.range(prefixOf(type), signal));
          yield sortedNodes(
            keys.flatMap((key) => this.read(key)),
            type,
          );
        }
      } catch {
        if (signal.aborted) return;
      }
      await wait(500, undefined, {signal}).catch(() => {}); // etcd went away: look again, from the beginning
    }
  }

  async register(node: ClusterNode): Promise<Registration> {
    const registration = new EtcdRegistration(this.gateway, node, this.ttlSeconds);
    await registration.start();
    return this.registrations.add(registration);
  }

  close(): Promise<void> {
    return this.registrations.closeAll();
  }

  private read({value}: EtcdKey): ClusterNode[] {
    const service = (parseJson(value) ?? {}) as {readonly version?: unknown; readonly nodes?: unknown};
    if (!Array.isArray(service.nodes)) {
      this.skipped += 1;
      return [];
    }
    return service.nodes.flatMap((one: unknown) => {
      const record = typeof one === 'object' && one !== null ? {version: service.version, ...one} : one;
      const node = toNode(record, 'etcd');
      if (node === undefined) this.skipped += 1;
      return node ?? [];
    });
  }
}

/** A node kept in etcd by a lease; registered anew when the lease was lost. */
class EtcdRegistration {
  private lease = '';
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> = Promise.resolve();

  constructor(
    private readonly gateway: EtcdGateway,
    private readonly node: ClusterNode,
    private readonly ttlSeconds: number,
  ) {}

  async start(): Promise<void> {
    await this.put();
    this.timer = setInterval(
      () => {
        this.renewing = this.renew();
      },
      (this.ttlSeconds * 1000) / 2,
    );
    this.timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    await this.gateway.revoke(this.lease).catch(() => {}); // out of reach: the lease ends by itself
  }

  private async renew(): Promise<void> {
    try {
      if (!(await this.gateway.keepAlive(this.lease))) await this.put();
    } catch {
      // out of reach: the next turn registers anew
    }
  }

  private async put(): Promise<void> {
    this.lease = await this.gateway.grant(this.ttlSeconds);
    await this.gateway.put(keyOf(this.node), serviceOf(this.node), this.lease);
  }
}

const part = (text: string): string => text.replaceAll('/', '-');
const prefixOf = (type: string | undefined): string =>
  type === undefined ? prefix : `${prefix}${part(type)}/`;
const keyOf = (node: ClusterNode): string => `${prefixOf(node.type)}${part(node.id)}`;

/** The value as mqant writes it, one node a key. */
function serviceOf(node: ClusterNode): string {
  const {id, address, metadata, version} = toRecord(node);
  const nodes = [{id, address, port: 0, metadata: {...metadata, registry: 'etcdv3', server: 'rpc'}}];
  return JSON.stringify({name: node.type, version, metadata: null, endpoints: null, nodes});
}

function endpointOf(host: string): string {
  if (!/^(\[[0-9a-f:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/i.test(host)) {
    throw new UsageError(`"${host}" is no etcd host`, {hint: 'like etcd://127.0.0.1:2379'});
  }
  return `http://${/:\d+$/.test(host) ? host : `${host}:2379`}`;
}

function decoded(userinfo: string): string {
  try {
    return decodeURIComponent(userinfo);
  } catch {
    throw new UsageError('the credentials in the etcd URL are not percent-encoded', {
      hint: 'write "%" as %25',
    });
  }
}
