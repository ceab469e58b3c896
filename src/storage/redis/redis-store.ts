import {setTimeout as wait} from 'node:timers/promises';
import {PermissionError, UnreachableError, UnreadableRecordError, UsageError} from '../../base/errors.js';
import type {Secret} from '../../bus/connect/credentials.js';
import type {Durability, RecordPage, StorageCapabilities, StoredRecord} from '../../session/gate-api.js';
import {BaseStore, revisionConflictError} from '../base-store.js';
import {createPasswordFileReader} from '../password-file-reader.js';
import {
  encodeRecord,
  isDocumentEncoding,
  type RecordEncoding,
  recordEncodings,
  refuseMemberLoss,
  revisionOfBytes,
  updateStoredDocument,
} from '../record-encoding.js';
import type {ListOptions, PutOptions} from '../storage-handler.js';
import {StoreParameters, splitQuery} from '../store-url.js';
import {layoutParameters, parseRecordLayout, type RecordLayout, recordPlaceOf} from './record-layout.js';
import type {RedisClientOptions} from './redis-client.js';
import {RedisConnection} from './redis-connection.js';
import {redisDurability} from './redis-durability.js';
import {
  RedisPageReader,
  type RedisReadResult,
  readOneValue,
  recordsOfReadResults,
} from './redis-page-reader.js';
import {RedisScan, type ScannedKeys} from './redis-scan.js';
import {parseRedisUrl, type RedisServers} from './redis-url.js';

interface RedisStoreOptions {
  readonly servers: RedisServers;
  /** Takes precedence over the password in the URL. Read again for each connection attempt. */
  readonly password?: Secret | undefined;
  readonly sentinelPassword?: Secret | undefined;
  readonly layout: RecordLayout;
  readonly encoding: RecordEncoding;
  readonly ttlMs?: number | undefined;
}

/** Timeout for connecting and for each command, in milliseconds. */
export const redisTimeoutMs = 2000;
/**
 * Maximum attempts to edit a document despite concurrent changes. Each failed attempt means that another writer
 * succeeded.
 */
const maxEdits = 200;
/** How long a listing waits until a cluster or Sentinel has replaced a lost master; they usually take 15 seconds. */
const maxFailoverMs = 30_000;
const failoverPauseMs = 250;

export const redisParameters = [
  ...layoutParameters,
  'encoding',
  'ttl',
  'password-file',
  'sentinel-password-file',
] as const;

/** Records as Redis strings, or as fields of hashes. Uses SCAN, never KEYS. Writes preserve the TTL. */
export class RedisStore extends BaseStore {
  readonly ability: StorageCapabilities;
  readonly ttlMs: number | undefined;
  private readonly connection: RedisConnection;
  private readonly layout: RecordLayout;
  private readonly encoding: RecordEncoding;
  private readonly reads = new RedisPageReader();
  private readonly scan: RedisScan;

  /**
   * Opens `redis://user@host:6379/0?key=session:{uid}&encoding=protobuf&ttl=10m&password-file=/run/secrets/redis`.
   * `current` reads the URL again if it is from a file, because its password may change.
   */
  static fromUrl(url: string, current?: () => string): RedisStore {
    const parameters = new StoreParameters(url, splitQuery(url)[1], redisParameters);
    const layout = parseRecordLayout(parameters);
    const ttlMs = parameters.durationMs('ttl');
    if (ttlMs !== undefined && layout.kind !== 'keys')
      throw new UsageError('invalid parameter "ttl": fields of a hash cannot expire individually');
    return new RedisStore({
      ...clientOptionsOfUrl(url, parameters, current),
      layout,
      encoding: parameters.choice('encoding', recordEncodings, 'protobuf'),
      ttlMs,
    });
  }

  constructor({layout, encoding, ttlMs, ...access}: RedisStoreOptions) {
    super();
    this.layout = layout;
    this.encoding = encoding;
    this.ttlMs = ttlMs;
    this.connection = new RedisConnection({...access, timeoutMs: redisTimeoutMs});
    this.scan = new RedisScan(this.connection, layout);
    const expire = layout.kind === 'keys';
    this.ability = {kind: 'redis', get: true, put: true, delete: true, list: true, expire};
  }

  /** Rejects with UsageError if the server is unsuitable as a store. Resolves if it is unreachable. */
  async check(): Promise<void> {
    await this.connection
      .run(async () => {})
      .catch((error: unknown) => {
        if (error instanceof UsageError) throw error;
      });
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const place = recordPlaceOf(this.layout, userId);
    const readAt = Date.now();
    const held = await this.connection.run((client) => readOneValue(place, {timed: true, client}));
    const {records, unread} = this.sorted([place], [held], readAt);
    const [failed] = unread;
    if (failed === undefined) return records[0];
    const text = `cannot read the record of "${userId}": ${failed.message}`;
    throw failed.reason === 'not-permitted' ? new PermissionError(text) : new UnreadableRecordError(text);
  }

  async put(userId: string, value: Uint8Array, options: PutOptions = {}): Promise<string> {
    const {after = '*', ttlMs} = options;
    const {key, field} = recordPlaceOf(this.layout, userId);
    if (ttlMs !== undefined && ttlMs > 0 && !this.ability.expire)
      throw new UsageError('fields of a Redis hash cannot expire individually: the record was not written');
    const ttl = ttlMs === undefined ? 'keep' : String(Math.ceil(ttlMs));
    const newTtl = String(this.ttlMs ?? 0);
    for (let edits = 1; ; edits += 1) {
      const {bytes, expected} = await this.bytesOf(userId, value, options);
      const [done, found] = await this.connection.write((client) =>
        client.gatectlPut(key.toString(), String(field), expected, bytes, ttl, newTtl),
      );
      if (done === 1) return found;
      const isRace = after === '*' && expected !== '*' && !found.startsWith('a '); // changed during the edit
      if (!isRace || edits === maxEdits) throw revisionConflictError(userId, found, after);
    }
  }

  async touch(userId: string, revision: string): Promise<string | undefined> {
    const {ttlMs} = this;
    if (ttlMs === undefined) return revision;
    const key = recordPlaceOf(this.layout, userId).key.toString();
    const touched = await this.connection.run((client) => client.gatectlTouch(key, revision, String(ttlMs)));
    return touched === 1 ? revision : undefined;
  }

  async delete(userId: string, revision = '*'): Promise<boolean> {
    const {key, field} = recordPlaceOf(this.layout, userId);
    const [done, found] = await this.connection.write((client) =>
      client.gatectlDelete(key.toString(), String(field), revision),
    );
    if (done === 0) throw revisionConflictError(userId, found, revision);
    return found !== '';
  }

  /**
   * Lists records with SCAN's cursor. A record that persists is listed at least once, rarely more often, and pages
   * may be empty. Pages after the first one wait for the failover of a cluster or Sentinel if necessary.
   */
  async list(after: string, limit: number, options: ListOptions = {}): Promise<RecordPage> {
    const waits = after !== '' && this.connection.servers.mode !== 'single';
    const until = Date.now() + (waits ? maxFailoverMs : 0);
    for (;;) {
      try {
        return await this.page(after, limit, options);
      } catch (error) {
        if (!(error instanceof UnreachableError) || Date.now() >= until) throw error;
        await wait(failoverPauseMs);
      }
    }
  }

  /** Resolves with undefined without permission. */
  async keyCount(): Promise<number | undefined> {
    const {connection, layout} = this;
    const count = connection.run(async (client) => {
      if (layout.kind === 'hash') return await client.hlen(layout.hash);
      const counts = await Promise.all(connection.nodes.map((node) => node.dbsize()));
      return counts.reduce((sum, one) => sum + one, 0);
    });
    return await count.catch((error: unknown) => {
      if (error instanceof PermissionError) return undefined;
      throw error;
    });
  }

  durability(): Promise<Durability> {
    const {nodes} = this.connection;
    return this.connection.run((client) => redisDurability(nodes[0] ?? client));
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  private async page(after: string, limit: number, {expiry = true}: ListOptions): Promise<RecordPage> {
    const found = await this.scan.page(after, limit);
    const readAt = Date.now();
    const held = await this.held(found, expiry);
    return {...this.sorted(found.places, held, readAt), next: found.next};
  }

  private held({node, places, held}: ScannedKeys, timed: boolean): Promise<readonly RedisReadResult[]> {
    const {layout} = this;
    return this.connection.run(async (client) => {
      if (held === undefined) return await this.reads.page(places, {timed, node, client});
      if (!timed || layout.kind !== 'hash') return held;
      const ttl = await client.pttl(layout.hash).catch(() => undefined);
      return held.map(({value}) => ({value, ttl}));
    });
  }

  private sorted(
    places: Parameters<typeof recordsOfReadResults>[0],
    held: readonly RedisReadResult[],
    readAt: number,
  ) {
    const {encoding, connection} = this;
    return recordsOfReadResults(places, held, {encoding, readAt, servers: connection.servers});
  }

  /**
   * Returns the bytes to store and the expected revision. An existing document in the project's encoding is edited in
   * place.
   */
  private async bytesOf(
    userId: string,
    value: Uint8Array,
    {after = '*', stored}: PutOptions,
  ): Promise<{readonly bytes: Uint8Array; readonly expected: string}> {
    const {encoding} = this;
    if (stored?.encoding === encoding) return {bytes: stored.bytes, expected: after};
    if (stored !== undefined) refuseMemberLoss(userId, stored, encoding);
    if (!isDocumentEncoding(encoding)) return {bytes: encodeRecord(value, encoding), expected: after};
    const {key, field} = recordPlaceOf(this.layout, userId);
    const current = await this.connection.run((client) =>
      field === '' ? client.getBuffer(key) : client.hgetBuffer(key, field),
    );
    const expected = current === null ? '' : revisionOfBytes(current);
    if (after !== '*' && after !== expected) throw revisionConflictError(userId, expected, after);
    const bytes =
      current === null ? encodeRecord(value, encoding) : updateStoredDocument(current, value, encoding);
    return {bytes, expected};
  }
}

/** Returns the servers and passwords for a URL. */
export function clientOptionsOfUrl(
  url: string,
  parameters: StoreParameters,
  current: (() => string) | undefined,
): Omit<RedisClientOptions, 'timeoutMs'> {
  const serversOf = (text: string): RedisServers => parseRedisUrl(splitQuery(text)[0]);
  const servers = serversOf(url);
  const file = parameters.text('password-file');
  const sentinelFile = parameters.text('sentinel-password-file');
  if (sentinelFile !== undefined && servers.mode !== 'sentinel')
    throw new UsageError(
      `the parameter "sentinel-password-file" requires redis+sentinel://, not "${servers.shown}"`,
    );
  const inUrl = current && (() => serversOf(current()).password ?? '');
  return {
    servers,
    password: file === undefined ? inUrl : createPasswordFileReader(file),
    sentinelPassword: sentinelFile === undefined ? undefined : createPasswordFileReader(sentinelFile),
  };
}
