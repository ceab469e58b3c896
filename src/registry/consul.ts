import {setTimeout as wait} from 'node:timers/promises';
import {PermissionError, UnreachableError, UsageError} from '../errors.js';
import {timeoutSignal} from '../signals.js';
import {decodeTags, encodeTags} from './consul-tags.js';
import {fetchFailure} from './fetch-failure.js';
import {sortedNodes, toNode, toRecord} from './node-record.js';
import {Registrations} from './registrations.js';
import type {ClusterNode, LookupOptions, Registration, Registry} from './registry.js';

const defaultTimeoutMs = 3000;
/** mqant's RegisterTTL and RegisterInterval (app/app.go), and what it makes of them (registry/consul_registry.go). */
const ttlSeconds = 20;
const defaultRenewMs = 10_000;
const deregisterAfter = '1m5s';
/** How long consul may hold an answer until something changes. */
const watchSeconds = 30;
const retryMs = 500;

type Fields = Readonly<Record<string, unknown>>;

export interface ConsulOptions {
  /** `http://127.0.0.1:8500` */
  readonly endpoint: string;
  readonly token?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** How often a registered node shows that it lives; mqant's interval unless said otherwise. */
  readonly renewMs?: number | undefined;
}

/** mqant's consul registry over consul's HTTP API: reads what Go nodes write, and writes what they read. */
export class ConsulRegistry implements Registry {
  readonly name: string;
  private readonly registrations = new Registrations();

  constructor(private readonly options: ConsulOptions) {
    this.name = `consul ${options.endpoint}`;
  }

  /** `consul://host:8500`, with an ACL token before an `@`. */
  static fromUrl(url: string): ConsulRegistry {
    const [, token, host = ''] = /^consul:\/\/(?:([^@/]*)@)?([^/]*)\/?$/i.exec(url) ?? [];
    if (!/^(\[[0-9a-f:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/i.test(host)) {
      throw new UsageError(`"${host}" is no consul host`, {hint: 'like consul://127.0.0.1:8500'});
    }
    const endpoint = `http://${/:\d+$/.test(host) ? host : `${host}:8500`}`;
    return new ConsulRegistry({endpoint, token});
  }

  async nodes(type: string | undefined, {signal}: LookupOptions = {}): Promise<readonly ClusterNode[]> {
    const types = type === undefined ? await this.types(signal) : [type];
    const found = await Promise.all(types.map((one) => this.ofType(one, signal)));
    return sortedNodes(found.flat(), type);
  }

  async *watch(
    type: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ClusterNode[], void, undefined> {
    let index = '0';
    while (!signal.aborted) {
      try {
        index = await this.change(index, signal);
        yield await this.nodes(type, {signal});
      } catch {
        if (signal.aborted) return;
        index = '0'; // consul went away: look again, from the beginning
        await wait(retryMs, undefined, {signal}).catch(() => {});
      }
    }
  }

  async register(node: ClusterNode): Promise<Registration> {
    const registration = new ConsulRegistration(this, node, this.options.renewMs ?? defaultRenewMs);
    await registration.start();
    return this.registrations.add(registration);
  }

  close(): Promise<void> {
    return this.registrations.closeAll();
  }

  /** Asks consul. Rejects with UnreachableError and PermissionError. */
  async request(
    method: 'GET' | 'PUT',
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<Response> {
    const {endpoint, token, timeoutMs = defaultTimeoutMs} = this.options;
    let response: Response;
    try {
      response = await fetch(endpoint + path, {
        method,
        headers: token === undefined || token === '' ? {} : {'X-Consul-Token': token},
        signal: signal ?? timeoutSignal(timeoutMs),
        ...(body === undefined ? {} : {body: JSON.stringify(body)}),
      });
    } catch (cause) {
      throw new UnreachableError(`cannot reach ${this.name}: ${fetchFailure(cause)}`, {
        hint: 'is --registry right?',
        cause,
      });
    }
    if (response.ok) return response;
    const text = (await response.text()).slice(0, 200);
    if (response.status === 403) throw new PermissionError(`${this.name} refused ${path}: ${text}`);
    throw new UnreachableError(`${this.name} answered ${path} with ${response.status}: ${text}`);
  }

  /** Services that have a node of mqant: consul has others too. */
  private async types(signal: AbortSignal | undefined): Promise<string[]> {
    const services = (await this.json('/v1/catalog/services', signal)) as Fields | null;
    return Object.entries(services ?? {})
      .filter(([, tags]) => Array.isArray(tags) && decodeTags(tags).metadata['server'] === 'rpc')
      .map(([type]) => type);
  }

  private async ofType(type: string, signal: AbortSignal | undefined): Promise<ClusterNode[]> {
    const entries = await this.json(`/v1/health/service/${encodeURIComponent(type)}`, signal);
    return (Array.isArray(entries) ? entries : []).flatMap((entry: unknown) => {
      const {Service, Checks} = (entry ?? {}) as {
        readonly Service?: Fields | null;
        readonly Checks?: unknown;
      };
      const checks = Array.isArray(Checks) ? (Checks as readonly (Fields | null)[]) : [];
      // as mqant does: a node whose check is critical has gone
      if (checks.some((check) => check?.['Status'] === 'critical')) return [];
      const {ID: id, Address: address, Tags} = Service ?? {};
      return toNode({id, address, ...decodeTags(Array.isArray(Tags) ? Tags : [])}, 'consul') ?? [];
    });
  }

  private async json(path: string, signal: AbortSignal | undefined): Promise<unknown> {
    const response = await this.request('GET', path, undefined, bounded(signal, this.options.timeoutMs));
    try {
      return JSON.parse(await response.text());
    } catch (cause) {
      throw new UnreachableError(`what answers as ${this.name} is no consul`, {
        hint: 'is --registry right?',
        cause,
      });
    }
  }

  /** Resolves with the index of the newest state once it is another than this. */
  private async change(index: string, signal: AbortSignal): Promise<string> {
    const held = AbortSignal.any([signal, timeoutSignal((watchSeconds + 5) * 1000)]);
    const path = `/v1/health/state/any?index=${index}&wait=${watchSeconds}s`;
    const response = await this.request('GET', path, undefined, held);
    await response.arrayBuffer();
    return response.headers.get('x-consul-index') ?? '0';
  }
}

/** A node in consul with a check that we keep passing; registered anew when consul has lost it. */
class ConsulRegistration {
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> = Promise.resolve();

  constructor(
    private readonly registry: ConsulRegistry,
    private readonly node: ClusterNode,
    private readonly renewMs: number,
  ) {}

  async start(): Promise<void> {
    await this.put();
    this.timer = setInterval(() => {
      this.renewing = this.renew();
    }, this.renewMs);
    this.timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    // out of reach: its check ends it
    await this.registry.request('PUT', `/v1/agent/service/deregister/${this.id}`).catch(() => {});
  }

  private get id(): string {
    return encodeURIComponent(this.node.id);
  }

  private async renew(): Promise<void> {
    try {
      await this.pass();
    } catch {
      await this.put().catch(() => {}); // out of reach: the next turn registers anew
    }
  }

  private async pass(): Promise<void> {
    await this.registry.request('PUT', `/v1/agent/check/pass/service:${this.id}`);
  }

  private async put(): Promise<void> {
    const {id, address, metadata, version} = toRecord(this.node);
    await this.registry.request('PUT', '/v1/agent/service/register', {
      ID: id,
      Name: this.node.type,
      Tags: encodeTags({...metadata, registry: 'consul', server: 'rpc'}, version),
      Address: address,
      Check: {TTL: `${ttlSeconds}s`, DeregisterCriticalServiceAfter: deregisterAfter},
    });
    await this.pass();
  }
}

function bounded(signal: AbortSignal | undefined, timeoutMs = defaultTimeoutMs): AbortSignal {
  const deadline = timeoutSignal(timeoutMs);
  return signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
}
