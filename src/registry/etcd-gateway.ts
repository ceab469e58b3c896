import {PermissionError, UnreachableError} from '../errors.js';
import {timeoutSignal} from '../signals.js';
import {fetchFailure} from './fetch-failure.js';

/** One key of a range or a watch event. */
export interface EtcdKey {
  readonly key: string;
  readonly value: string;
}

export interface EtcdOptions {
  /** `http://127.0.0.1:2379`, tried in order. */
  readonly endpoints: readonly string[];
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly timeoutMs: number;
}

type Json = Readonly<Record<string, unknown>>;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = (text: unknown): string => Buffer.from(String(text ?? ''), 'base64').toString();

/** etcd v3 through its JSON gateway: base64 keys, 64-bit numbers as strings, zero values left out. */
export class EtcdGateway {
  private token: string | undefined;

  constructor(readonly options: EtcdOptions) {}

  async range(
    prefix: string,
    signal?: AbortSignal,
  ): Promise<{readonly keys: readonly EtcdKey[]; readonly revision: number}> {
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

  async remove(key: string): Promise<void> {
    await this.post('/v3/kv/deleterange', {key: base64(key)});
  }

  /** Resolves with the lease's id. */
  async grant(ttlSeconds: number): Promise<string> {
    return String((await this.post('/v3/lease/grant', {TTL: String(ttlSeconds)}))['ID']);
  }

  /** False when the lease is gone. */
  async keepAlive(lease: string): Promise<boolean> {
    const {result} = await this.post('/v3/lease/keepalive', {ID: lease});
    return Number((result as Json | undefined)?.['TTL'] ?? 0) > 0;
  }

  async revoke(lease: string): Promise<void> {
    await this.post('/v3/lease/revoke', {ID: lease});
  }

  /** Yields once for each change below the prefix after a revision, until the stream breaks or the signal aborts. */
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
    const response = await this.request('/v3/watch', request, signal);
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, {stream: true});
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      if (lines.some((line) => line.includes('"events"'))) yield;
    }
  }

  private async post(path: string, body: Json, signal?: AbortSignal): Promise<Json> {
    const deadline = timeoutSignal(this.options.timeoutMs);
    const both = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    const response = await this.request(path, body, both);
    return jsonObject(await response.text(), this.options.endpoints);
  }

  /** Tries the endpoints in order; what they answer decides, what they do not goes to the next. */
  private async request(path: string, body: Json, signal: AbortSignal): Promise<Response> {
    const failures: unknown[] = [];
    for (const endpoint of this.options.endpoints) {
      try {
        return await this.fetchFrom(endpoint, path, body, signal);
      } catch (cause) {
        if (cause instanceof PermissionError) throw cause;
        failures.push(cause);
      }
    }
    throw new UnreachableError(
      `cannot reach etcd at ${this.options.endpoints.join(', ')}: ${fetchFailure(failures[0])}`,
      {
        hint: 'is --registry right?',
        cause: failures[0],
      },
    );
  }

  private async fetchFrom(
    endpoint: string,
    path: string,
    body: Json,
    signal: AbortSignal,
  ): Promise<Response> {
    this.token ??= await this.authenticate(endpoint, signal);
    const headers: Record<string, string> = {'content-type': 'application/json'};
    if (this.token !== '') headers['authorization'] = this.token;
    const response = await fetch(`${endpoint}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal,
    });
    if (response.ok) return response;
    const text = await response.text();
    if (/permission denied|authentication|user name is empty|invalid auth token/i.test(text)) {
      this.token = undefined;
      throw new PermissionError(`etcd at ${endpoint} refused ${path}: ${text.slice(0, 200)}`);
    }
    throw new Error(`${path} answered ${response.status}: ${text.slice(0, 200)}`);
  }

  /** Empty where no user is given. */
  private async authenticate(endpoint: string, signal: AbortSignal): Promise<string> {
    const {user, password = ''} = this.options;
    if (user === undefined) return '';
    const body = JSON.stringify({name: user, password});
    const response = await fetch(`${endpoint}/v3/auth/authenticate`, {method: 'POST', body, signal});
    if (response.ok) return String(((await response.json()) as Json)['token']);
    throw new PermissionError(`etcd at ${endpoint} refused the user "${user}"`);
  }
}

/** Whoever answers on the port may be no etcd. */
function jsonObject(text: string, endpoints: readonly string[]): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null) return value as Json;
  throw new UnreachableError(`what answers at ${endpoints.join(', ')} is no etcd`, {
    hint: 'is --registry right?',
  });
}

function keyOf(value: unknown): EtcdKey {
  const {key, value: bytes} = (value ?? {}) as Json;
  return {key: plain(key), value: plain(bytes)};
}

/** The first key after all that begin with the prefix. */
function rangeEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
