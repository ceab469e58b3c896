import {parseBoundedJson} from '../../base/bounded-json.js';
import {PermissionError} from '../../base/errors.js';
import {currentSecret, LastReadableValue, type Secret} from '../../bus/connect/credentials.js';
import {nodeToRecord, parseNode, sortNodes} from '../node-record.js';
import {Registrations} from '../registrations.js';
import type {ClusterNode, LookupOptions, Registration, Registry} from '../registry.js';
import {decodeConsulTags, encodeConsulTags} from './consul-tags.js';
import {LoopThrottle} from './loop-throttle.js';
import {OutageReporter} from './outage-reporter.js';
import {readBodyText} from './read-body-text.js';
import {type FetchFunction, fetchWithTls, type RegistryAccess, type RegistryTls} from './registry-access.js';
import {parseRegistryUrl, RegistryEndpoints} from './registry-endpoints.js';
import {RenewalTimer} from './renewal-timer.js';
import {SerialWrites} from './serial-writes.js';

const defaultTimeoutMs = 3000;
/** mqant's RegisterTTL and RegisterInterval (app/app.go), as used in registry/consul_registry.go. */
const ttlSeconds = 20;
const defaultRenewMs = 10_000;
const deregisterAfter = '1m5s';
/** How long consul may delay a reply until something changes, in seconds. */
const watchSeconds = 30;

type Fields = Readonly<Record<string, unknown>>;

interface ConsulOptions {
  /** URLs of the agents in one datacenter, such as `http://127.0.0.1:8500`, tried in order. */
  readonly endpoints: readonly string[];
  /** Consul ACL token; takes precedence over `tokens`. */
  readonly token?: Secret | undefined;
  /** Tokens by endpoint. */
  readonly tokens?: ReadonlyMap<string, string> | undefined;
  readonly tls?: RegistryTls | undefined;
  /** Timeout for all endpoints together. */
  readonly timeoutMs?: number | undefined;
  /** Renewal interval of a registration; by default mqant's. */
  readonly renewMs?: number | undefined;
  /** Called with a message for the operator when a watch or registration loses consul, and when consul is back. */
  readonly notice?: ((line: string) => void) | undefined;
}

/** A reply, with the index of the state it describes. */
interface Answered {
  readonly value: unknown;
  /** `0` if consul sent no valid index. */
  readonly index: string;
  /** True if the ACL filtered the reply. */
  readonly isFiltered: boolean;
}

/** mqant's consul registry, through the HTTP API. Compatible with Go nodes. */
export class ConsulRegistry implements Registry {
  readonly name: string;
  private readonly registrations = new Registrations();
  private readonly endpoints: RegistryEndpoints;
  private readonly fetch: FetchFunction;
  private readonly outage: OutageReporter;
  private readonly token: LastReadableValue<string | undefined>;

  constructor(private readonly options: ConsulOptions) {
    const {endpoints: urls, timeoutMs = defaultTimeoutMs, tls} = options;
    this.endpoints = new RegistryEndpoints({what: 'consul', urls, timeoutMs});
    this.fetch = fetchWithTls(tls);
    this.name = this.endpoints.name;
    this.outage = new OutageReporter(this.name, options.notice);
    this.token = new LastReadableValue(() => currentSecret(options.token));
  }

  /**
   * Opens `consul://token@host:8500,host2`, or `consuls://` with TLS. Values in `access` take precedence over the
   * URL's token.
   */
  static fromUrl(
    url: string,
    {
      access = {},
      notice,
    }: Pick<ConsulOptions, 'notice'> & {readonly access?: RegistryAccess | undefined} = {},
  ): ConsulRegistry {
    const {tls, token} = access;
    const {urls, userinfo} = parseRegistryUrl(url, {what: 'consul', port: 8500, tls: tls !== undefined});
    return new ConsulRegistry({endpoints: urls, token, tokens: userinfo, tls, notice});
  }

  async nodes(type: string | undefined, {signal}: LookupOptions = {}): Promise<readonly ClusterNode[]> {
    const types = type === undefined ? await this.types(signal) : [type];
    const found = await Promise.all(
      types.map(async (one) => this.nodesIn(await this.get(servicePath(one), signal))),
    );
    return sortNodes(found.flat(), type);
  }

  /** Watches with blocking queries: a reply arrives after a change or after half a minute. */
  async *watch(
    type: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ClusterNode[], void, undefined> {
    const path = type === undefined ? '/v1/health/state/any' : servicePath(type);
    const pace = new LoopThrottle();
    let index = '0';
    let last: string | undefined;
    while (!signal.aborted) {
      try {
        const changed = await this.get(path, signal, index);
        if (last === undefined || changed.index !== index || index === '0') {
          const nodes =
            type === undefined ? await this.nodes(type, {signal}) : sortNodes(this.nodesIn(changed), type);
          const shown = JSON.stringify(nodes);
          if (shown !== last) yield nodes;
          last = shown;
        }
        this.outage.over();
        index = Number(changed.index) < Number(index) ? '0' : changed.index; // consul was restored from a backup: start over
      } catch (error) {
        if (signal.aborted) return;
        if (last === undefined && error instanceof PermissionError) throw error;
        this.outage.failed(error);
        index = '0'; // consul was unreachable: start over
      }
      await pace.rest(signal);
    }
  }

  async register(node: ClusterNode): Promise<Registration> {
    const registration = new ConsulRegistration(
      this,
      node,
      this.options.renewMs ?? defaultRenewMs,
      this.outage,
    );
    await registration.start();
    return this.registrations.add(registration);
  }

  close(): Promise<void> {
    return this.registrations.closeAll();
  }

  /** Sends a PUT request. Rejects with UnreachableError or PermissionError. */
  put(path: string, body?: unknown): Promise<void> {
    return this.endpoints.any(undefined, async (endpoint, signal) => {
      await this.send(endpoint, path, {method: 'PUT', signal, body: JSON.stringify(body ?? {})});
    });
  }

  /** Sends a GET request. With an index, waits for a newer state, for at most half a minute. */
  private get(path: string, signal: AbortSignal | undefined, index?: string): Promise<Answered> {
    const query = index === undefined || index === '0' ? '' : `?index=${index}&wait=${watchSeconds}s`;
    const heldMs = query === '' ? 0 : (watchSeconds + watchSeconds / 16) * 1000; // consul adds up to a sixteenth as jitter
    const ask = async (endpoint: string, until: AbortSignal): Promise<Answered> => {
      const {headers, text} = await this.send(endpoint, `${path}${query}`, {
        method: 'GET',
        signal: until,
      });
      const isFiltered = headers.get('x-consul-results-filtered-by-acls') === 'true';
      return {value: jsonIn(text, endpoint), index: indexIn(headers), isFiltered};
    };
    return this.endpoints.any(signal, ask, heldMs);
  }

  private async send(
    endpoint: string,
    pathAndQuery: string,
    request: RequestInit,
  ): Promise<{readonly headers: Headers; readonly text: string}> {
    const token = this.tokenFor(endpoint);
    const headers: Record<string, string> =
      token === undefined || token === '' ? {} : {'X-Consul-Token': token};
    const url = `${endpoint}${pathAndQuery}`;
    const response = await this.fetch(url, {...request, headers});
    const text = await readBodyText(response);
    if (response.ok) return {headers: response.headers, text};
    const detail = text.slice(0, 200);
    const path = new URL(url).pathname;
    if (response.status === 403 || response.status === 401)
      throw new PermissionError(`${this.name} refused access to ${path}: ${detail}`, {hint: tokenHint});
    throw new Error(`${path} answered ${response.status}: ${detail}`); // another agent may succeed
  }

  private tokenFor(endpoint: string): string | undefined {
    return this.token.get() ?? this.options.tokens?.get(endpoint);
  }

  /** Returns the services that are mqant nodes. */
  private async types(signal: AbortSignal | undefined): Promise<string[]> {
    const answered = await this.get('/v1/catalog/services', signal);
    const types = Object.entries((answered.value ?? {}) as Fields)
      .filter(([, tags]) => Array.isArray(tags) && decodeConsulTags(tags).metadata['server'] === 'rpc')
      .map(([type]) => type);
    if (types.length === 0) this.checkAccess(answered);
    return types;
  }

  private nodesIn(answered: Answered): ClusterNode[] {
    const {value} = answered;
    const entries: readonly unknown[] = Array.isArray(value) ? value : [];
    if (entries.length === 0) this.checkAccess(answered);
    return entries.flatMap((entry) => {
      const {Service, Checks} = (entry ?? {}) as {
        readonly Service?: Fields | null;
        readonly Checks?: unknown;
      };
      const checks = Array.isArray(Checks) ? (Checks as readonly (Fields | null)[]) : [];
      // as in mqant, a node with a critical check is gone
      if (checks.some((check) => check?.['Status'] === 'critical')) return [];
      const {ID: id, Address: address, Tags} = Service ?? {};
      return parseNode({id, address, ...decodeConsulTags(Array.isArray(Tags) ? Tags : [])}, 'consul') ?? [];
    });
  }

  /**
   * Throws PermissionError if the ACL hid services: consul returns an empty list for a token without permissions,
   * which must not look like an empty cluster.
   */
  private checkAccess({isFiltered}: Answered): void {
    if (!isFiltered) return;
    const hasToken = this.options.token !== undefined || (this.options.tokens?.size ?? 0) > 0;
    const who = hasToken ? 'this token' : 'requests without a token';
    throw new PermissionError(`the ACL of ${this.name} hides services from ${who}`, {hint: tokenHint});
  }
}

const tokenHint =
  'the token needs service:read and node:read; set GATECTL_REGISTRY_TOKEN or --registry-token-file';

const servicePath = (type: string): string => `/v1/health/service/${encodeURIComponent(type)}`;

/** Returns the index in a reply. Consul only waits for a positive index; with any other it replies immediately. */
function indexIn(headers: Headers): string {
  const index = headers.get('x-consul-index') ?? '';
  return /^[1-9]\d{0,19}$/.test(index) ? index : '0';
}

/** Parses a reply. Throws if the server isn't consul. */
function jsonIn(text: string, endpoint: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch (cause) {
    throw new Error(`the server at ${endpoint} is not consul`, {cause});
  }
}

/** A registration with a TTL check. It is renewed regularly, and written again if consul has lost it. */
class ConsulRegistration {
  private renewal: RenewalTimer | undefined;
  private readonly writes = new SerialWrites(() => this.put());

  constructor(
    private readonly registry: ConsulRegistry,
    private node: ClusterNode,
    private readonly renewMs: number,
    private readonly outage: OutageReporter,
  ) {}

  async start(): Promise<void> {
    await this.put();
    this.renewal = new RenewalTimer(() => this.renew(), this.renewMs, this.outage);
  }

  async close(): Promise<void> {
    await this.renewal?.stop();
    // unreachable: the TTL check removes it
    await this.registry.put(`/v1/agent/service/deregister/${this.id}`).catch(() => {});
  }

  async update(metadata: ClusterNode['metadata']): Promise<void> {
    this.node = {...this.node, metadata};
    await this.restore();
  }

  async restore(): Promise<void> {
    await this.writes.write().catch(() => {}); // unreachable: the next renewal writes it
  }

  private get id(): string {
    return encodeURIComponent(this.node.id);
  }

  private async renew(): Promise<void> {
    if (this.writes.failed) return await this.writes.write();
    try {
      await this.pass();
    } catch {
      await this.writes.write();
    }
  }

  private async pass(): Promise<void> {
    await this.registry.put(`/v1/agent/check/pass/service:${this.id}`);
  }

  private async put(): Promise<void> {
    const {id, address, metadata, version} = nodeToRecord(this.node);
    await this.registry.put('/v1/agent/service/register', {
      ID: id,
      Name: this.node.type,
      Tags: encodeConsulTags({...metadata, registry: 'consul', server: 'rpc'}, version),
      Address: address,
      // otherwise the node would be critical, and so gone, until the check first passes
      Check: {TTL: `${ttlSeconds}s`, DeregisterCriticalServiceAfter: deregisterAfter, Status: 'passing'},
    });
    await this.pass();
  }
}
