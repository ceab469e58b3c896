import {parseBoundedJson} from '../../base/bounded-json.js';
import {GatectlError, PermissionError, UsageError} from '../../base/errors.js';
import {LineSplitter} from '../../base/split-lines.js';
import {currentSecret, LastReadableValue, type Secret} from '../../bus/connect/credentials.js';
import {readBodyText} from './read-body-text.js';
import {type FetchFunction, fetchWithTls, type RegistryTls} from './registry-access.js';
import {RegistryEndpoints} from './registry-endpoints.js';

/** A key with its value. */
export interface EtcdKeyValue {
  readonly key: string;
  readonly value: string;
}

export interface EtcdCredentials {
  readonly user: string | undefined;
  readonly password: Secret | undefined;
}

export interface EtcdOptions {
  /** URLs such as `http://127.0.0.1:2379`, tried in order. */
  readonly endpoints: readonly string[];
  /** Credentials for all endpoints; they take precedence over `credentials`. */
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  /** Credentials by endpoint. */
  readonly credentials?: ReadonlyMap<string, EtcdCredentials> | undefined;
  /** Timeout for all endpoints together. */
  readonly timeoutMs: number;
  readonly tls?: RegistryTls | undefined;
  /** Called with a message for the operator when a watch or registration loses etcd, and when etcd is back. */
  readonly notice?: ((line: string) => void) | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = (text: unknown): string => Buffer.from(String(text ?? ''), 'base64').toString();

/** A client for etcd v3's JSON gateway, which has base64 keys, 64-bit numbers as strings, and omits zero values. */
export class EtcdClient {
  private readonly tokens = new Map<string, string>();
  private readonly endpoints: RegistryEndpoints;
  private readonly fetch: FetchFunction;
  private readonly password: LastReadableValue<string | undefined>;

  constructor(private readonly options: EtcdOptions) {
    const {endpoints: urls, timeoutMs, tls, password} = options;
    this.password = new LastReadableValue(() => currentSecret(password));
    this.endpoints = new RegistryEndpoints({what: 'etcd', urls, timeoutMs});
    this.fetch = fetchWithTls(tls);
  }

  /** Text for display, without credentials. */
  get name(): string {
    return this.endpoints.name;
  }

  async range(
    prefix: string,
    signal?: AbortSignal,
  ): Promise<{readonly keys: readonly EtcdKeyValue[]; readonly revision: number}> {
    const answer = await this.post(
      '/v3/kv/range',
      {key: base64(prefix), range_end: base64(rangeEnd(prefix))},
      signal,
    );
    const keys = Array.isArray(answer['kvs']) ? answer['kvs'].map(keyOf) : [];
    return {keys, revision: Number((answer['header'] as Json | null | undefined)?.['revision'] ?? 0)};
  }

  async put(key: string, value: string, lease: string): Promise<void> {
    await this.post('/v3/kv/put', {key: base64(key), value: base64(value), lease});
  }

  /** Creates a lease; resolves with its id. */
  async grant(ttlSeconds: number): Promise<string> {
    return String((await this.post('/v3/lease/grant', {TTL: String(ttlSeconds)}))['ID']);
  }

  /** Renews a lease; resolves with false if it has expired. */
  async keepAlive(lease: string): Promise<boolean> {
    const {result} = await this.post('/v3/lease/keepalive', {ID: lease});
    return Number((result as Json | undefined)?.['TTL'] ?? 0) > 0;
  }

  async revoke(lease: string): Promise<void> {
    await this.post('/v3/lease/revoke', {ID: lease});
  }

  /** Yields once per change below the prefix after a revision. Ends when the stream breaks or the signal aborts. */
  async *watch(
    prefix: string,
    afterRevision: number,
    signal: AbortSignal,
  ): AsyncGenerator<void, void, undefined> {
    const request = {
      create_request: {
        key: base64(prefix),
        range_end: base64(rangeEnd(prefix)),
        start_revision: String(afterRevision + 1),
      },
    };
    const {endpoint, response} = await this.endpoints.any(signal, async (endpoint, until) => ({
      endpoint,
      response: await this.withFreshToken(endpoint, until, () =>
        this.ask(endpoint, '/v3/watch', request, until),
      ),
    }));
    try {
      const splitter = new LineSplitter({source: `the watch of ${this.name}`});
      for await (const chunk of response.body ?? []) {
        const lines = [...splitter.push(chunk)];
        if (lines.some((line) => line.includes('"events"'))) yield;
        if (lines.some((line) => staleToken.test(line))) this.tokens.delete(endpoint);
        if (lines.some(isEnd)) return;
      }
    } catch (error) {
      if (!signal.aborted) this.tokens.delete(endpoint);
      throw error;
    }
  }

  private post(path: string, body: Json, signal?: AbortSignal): Promise<Json> {
    return this.endpoints.any(signal, (endpoint, until) =>
      this.withFreshToken(endpoint, until, async () => {
        const response = await this.ask(endpoint, path, body, until);
        return jsonObject(await readBodyText(response), endpoint);
      }),
    );
  }

  /**
   * Calls `ask`. If that fails with a token, drops the token and tries again once with a new one: a member that lost
   * its tokens, or was replaced behind its address, may report that or just close the connection.
   */
  private async withFreshToken<T>(endpoint: string, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    const hadToken = this.tokens.has(endpoint);
    try {
      return await ask();
    } catch (error) {
      const isStale = error instanceof StaleTokenError;
      if (error instanceof AnsweredError || (error instanceof GatectlError && !isStale)) throw error;
      this.tokens.delete(endpoint);
      if (signal.aborted || !(hadToken || isStale)) throw error;
      return await ask();
    }
  }

  private async ask(endpoint: string, path: string, body: Json, signal: AbortSignal): Promise<Response> {
    const token = await this.tokenOf(endpoint, signal);
    const headers = {'content-type': 'application/json', ...(token === '' ? {} : {authorization: token})};
    const request = {method: 'POST', headers, body: JSON.stringify(body), signal};
    const response = await this.fetch(`${endpoint}${path}`, request);
    if (response.ok) return response;
    const text = (await readBodyText(response)).slice(0, 200);
    const refused = `etcd at ${endpoint} refused access to ${path}: ${text}`;
    if (staleToken.test(text)) throw new StaleTokenError(refused);
    if (denied.test(text)) throw new PermissionError(refused);
    throw new AnsweredError(`${path} answered ${response.status}: ${text}`); // another member may succeed
  }

  private credentialsFor(endpoint: string): EtcdCredentials {
    const {user, credentials} = this.options;
    const own = credentials?.get(endpoint);
    if (user === undefined) return own ?? {user: undefined, password: undefined};
    return {user, password: this.password.get()};
  }

  /** Returns the token for an endpoint; empty without a user. A token is valid only on the member that issued it. */
  private async tokenOf(endpoint: string, signal: AbortSignal): Promise<string> {
    const {user, password} = this.credentialsFor(endpoint);
    if (user === undefined) return '';
    const known = this.tokens.get(endpoint);
    if (known !== undefined) return known;
    const body = JSON.stringify({name: user, password: currentSecret(password) ?? ''});
    const response = await this.fetch(`${endpoint}/v3/auth/authenticate`, {method: 'POST', body, signal});
    const text = await readBodyText(response);
    if (!response.ok) throw refusedUser(endpoint, user, response.status, text);
    const {token} = jsonObject(text, endpoint);
    this.tokens.set(endpoint, String(token));
    return String(token);
  }
}

/** Thrown if etcd rejects the token. */
class StaleTokenError extends PermissionError {}

/** Thrown for an error reply when connection and token are valid. */
class AnsweredError extends Error {}

/**
 * Matches errors for stale tokens. Tokens last minutes, and end when users or roles change (etcd's
 * api/v3rpc/rpctypes/error.go).
 */
const staleToken = /invalid auth token|auth revision is old|revision of auth store is old/i;
const denied = /permission denied|authentication|user name is empty|invalid auth token/i;

function refusedUser(endpoint: string, user: string, status: number, text: string): Error {
  if (/authentication is not enabled/i.test(text)) {
    return new UsageError(`etcd at ${endpoint} has no users: authentication is not enabled`, {
      hint: 'leave out --registry-user',
    });
  }
  if (status >= 500 && !/authentication failed|invalid user/i.test(text))
    return new Error(`authentication answered ${status}`);
  return new PermissionError(`etcd at ${endpoint} refused the user "${user}"`);
}

/** Parses a reply. Throws if the server isn't etcd. */
function jsonObject(text: string, endpoint: string): Json {
  let value: unknown;
  try {
    value = parseBoundedJson(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null) return value as Json;
  throw new Error(`the server at ${endpoint} is not etcd`);
}

/** Returns true if etcd cancelled the watch: its history was compacted, or the user lost permission. */
const isEnd = (line: string): boolean => line.includes('"canceled":true') || line.startsWith('{"error"');

function keyOf(value: unknown): EtcdKeyValue {
  const {key, value: bytes} = (value ?? {}) as Json;
  return {key: plain(key), value: plain(bytes)};
}

/** Returns the end of the range of all keys with the prefix. */
function rangeEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
