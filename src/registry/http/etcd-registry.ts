import {GatectlError, UnreachableError, UsageError} from '../../base/errors.js';
import type {Secret} from '../../bus/connect/credentials.js';
import {nodeToRecord, parseNode, sortNodes, tryParseJson} from '../node-record.js';
import {Registrations} from '../registrations.js';
import type {ClusterNode, LookupOptions, Registration, Registry} from '../registry.js';
import {WakeSignal} from '../wake-signal.js';
import {EtcdClient, type EtcdCredentials, type EtcdKeyValue, type EtcdOptions} from './etcd-client.js';
import {LoopThrottle} from './loop-throttle.js';
import {OutageReporter} from './outage-reporter.js';
import type {RegistryAccess} from './registry-access.js';
import {parseRegistryUrl} from './registry-endpoints.js';
import {RenewalTimer} from './renewal-timer.js';
import {SerialWrites} from './serial-writes.js';

/** Key prefix of mqant (registry/etcdv3/etcdv3.go). */
const prefix = '/mqant-registry/';
const defaultTimeoutMs = 3000;

/** mqant's RegisterTTL and RegisterInterval (app/app.go). */
const defaultTtlSeconds = 20;

interface EtcdUrlOptions {
  readonly access?: RegistryAccess | undefined;
  readonly notice?: EtcdOptions['notice'];
  readonly ttlSeconds?: number | undefined;
}

/** How long a watch may be silent before it is checked: a connection can break unnoticed. */
const quietMs = 60_000;

/** mqant's etcd v3 registry. Compatible with Go nodes. */
export class EtcdRegistry implements Registry {
  readonly name: string;
  private readonly gateway: EtcdClient;
  private readonly outage: OutageReporter;
  private readonly registrations = new Registrations();
  /** Number of values below the prefix that are not nodes. */
  skipped = 0;

  constructor(
    options: EtcdOptions,
    private readonly ttlSeconds = defaultTtlSeconds,
  ) {
    this.gateway = new EtcdClient(options);
    this.name = this.gateway.name;
    this.outage = new OutageReporter(this.name, options.notice);
  }

  /**
   * Opens `etcd://user:password@host:2379,host2`, or `etcds://` with TLS. Values in `access` take precedence over
   * those in the URL.
   */
  static fromUrl(url: string, {access = {}, notice, ttlSeconds}: EtcdUrlOptions = {}): EtcdRegistry {
    const {tls, user} = access;
    const {urls, userinfo} = parseRegistryUrl(url, {what: 'etcd', port: 2379, tls: tls !== undefined});
    const own = user === undefined ? access.password : undefined;
    const credentials = new Map(
      [...userinfo].map(([endpoint, text]) => [endpoint, credentialsOf(text, own)]),
    );
    const options = {
      endpoints: urls,
      user,
      password: access.password,
      credentials,
      timeoutMs: defaultTimeoutMs,
      tls,
      notice,
    };
    return new EtcdRegistry(options, ttlSeconds);
  }

  async nodes(type: string | undefined, {signal}: LookupOptions = {}): Promise<readonly ClusterNode[]> {
    return (await this.look(type, signal)).nodes;
  }

  async *watch(
    type: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ClusterNode[], void, undefined> {
    let hasConnected = false;
    const pace = new LoopThrottle();
    while (!signal.aborted) {
      try {
        for await (const nodes of this.follow(type, signal, pace)) {
          hasConnected = true;
          this.outage.over();
          yield nodes;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!hasConnected && error instanceof GatectlError && !(error instanceof UnreachableError))
          throw error;
        this.outage.failed(error);
      }
      await pace.rest(signal); // etcd was unreachable or ended the stream: start over
    }
  }

  /** Yields the set of nodes now and after each change, until the stream ends. Merges changes in quick succession. */
  private async *follow(
    type: string | undefined,
    signal: AbortSignal,
    pace: LoopThrottle,
  ): AsyncGenerator<readonly ClusterNode[], void, undefined> {
    const quiet = new AbortController();
    const ended = new AbortController();
    const timer = setTimeout(() => quiet.abort(), quietMs);
    const ends = AbortSignal.any([signal, quiet.signal, ended.signal]);
    try {
      const {nodes, revision} = await this.look(type, signal);
      yield nodes;
      const news = new WakeSignal(ends);
      const reading = this.read(prefixOf(type), revision, ends, () => {
        timer.refresh();
        news.signal();
      }).finally(() => ended.abort());
      reading.catch(() => {}); // awaited below
      while (await news.next()) {
        await pace.rest(ends);
        yield (await this.look(type, signal)).nodes;
      }
      await reading;
    } catch (error) {
      if (!quiet.signal.aborted) throw error;
    } finally {
      ended.abort();
      clearTimeout(timer);
    }
  }

  private async read(
    keys: string,
    revision: number,
    signal: AbortSignal,
    onChange: () => void,
  ): Promise<void> {
    for await (const _ of this.gateway.watch(keys, revision, signal)) onChange();
  }

  private async look(type: string | undefined, signal: AbortSignal | undefined) {
    const {keys, revision} = await this.gateway.range(prefixOf(type), signal);
    const nodes = sortNodes(
      keys.flatMap((key) => this.nodesIn(key)),
      type,
    );
    return {nodes, revision};
  }

  async register(node: ClusterNode): Promise<Registration> {
    const registration = new EtcdRegistration(this.gateway, node, this.ttlSeconds, this.outage);
    await registration.start();
    return this.registrations.add(registration);
  }

  close(): Promise<void> {
    return this.registrations.closeAll();
  }

  private nodesIn({value}: EtcdKeyValue): ClusterNode[] {
    const service = (tryParseJson(value) ?? {}) as {readonly version?: unknown; readonly nodes?: unknown};
    if (!Array.isArray(service.nodes)) {
      this.skipped += 1;
      return [];
    }
    return service.nodes.flatMap((one: unknown) => {
      const record = typeof one === 'object' && one !== null ? {version: service.version, ...one} : one;
      const node = parseNode(record, 'etcd');
      if (node === undefined) this.skipped += 1;
      return node ?? [];
    });
  }
}

/** A registration with a lease. It is written again if the lease was lost. */
class EtcdRegistration {
  private lease = '';
  private renewal: RenewalTimer | undefined;
  private readonly writes = new SerialWrites(() => this.put());

  constructor(
    private readonly gateway: EtcdClient,
    private node: ClusterNode,
    private readonly ttlSeconds: number,
    private readonly outage: OutageReporter,
  ) {}

  async start(): Promise<void> {
    await this.put();
    this.renewal = new RenewalTimer(() => this.renew(), (this.ttlSeconds * 1000) / 2, this.outage);
  }

  async close(): Promise<void> {
    await this.renewal?.stop();
    await this.gateway.revoke(this.lease).catch(() => {}); // unreachable: the lease expires by itself
  }

  async update(metadata: ClusterNode['metadata']): Promise<void> {
    this.node = {...this.node, metadata};
    await this.restore();
  }

  async restore(): Promise<void> {
    await this.writes.write().catch(() => {}); // unreachable: the next renewal writes it
  }

  private async renew(): Promise<void> {
    if (this.writes.failed || !(await this.gateway.keepAlive(this.lease))) await this.writes.write();
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

/** Encodes a node as mqant does, with one node per key. */
function serviceOf(node: ClusterNode): string {
  const {id, address, metadata, version} = nodeToRecord(node);
  const nodes = [{id, address, port: 0, metadata: {...metadata, registry: 'etcdv3', server: 'rpc'}}];
  return JSON.stringify({name: node.type, version, metadata: null, endpoints: null, nodes});
}

/** Returns the user and password in a URL; a given password takes precedence. */
function credentialsOf(userinfo: string, given: Secret | undefined): EtcdCredentials {
  const [user, password] = userinfo.split(':').map(decoded);
  return {user, password: given ?? password};
}

function decoded(userinfo: string): string {
  try {
    return decodeURIComponent(userinfo);
  } catch {
    throw new UsageError('the credentials in the etcd URL are not correctly percent-encoded', {
      hint: 'write "%" as %25',
    });
  }
}
