import {once} from 'node:events';
import {setTimeout as wait} from 'node:timers/promises';
import {Redis} from 'ioredis';
import {
  GatectlError,
  OutcomeUnknownError,
  PermissionError,
  UnreachableError,
  UnreadableRecordError,
  UsageError,
} from '../../base/errors.js';
import type {Secret} from '../../bus/connect/sign-in.js';
import type {Durability, RecordPage, StorageAbility, StoredRecord} from '../../session/gate-api.js';
import {BaseStore, revisionConflict} from '../base-store.js';
import {
  editDocument,
  encodeRecord,
  isDocument,
  type RecordEncoding,
  recordEncodings,
  refuseLoss,
} from '../record-encoding.js';
import type {PutOptions} from '../storage-handler.js';
import {checkRedisUrl, StoreParameters, shownUrl, splitQuery} from '../store-url.js';
import {KeyTemplate} from './key-template.js';
import {recordsIn, revisionOf, type WantedKey} from './redis-answers.js';
import {durabilityOf} from './redis-durability.js';
import {refusalIn, refuseUnsupportedMode} from './redis-mode.js';
import {redisScripts} from './redis-scripts.js';
import {passwordInFile, passwordInUrl, RenewedPassword} from './renewed-password.js';

interface RedisStoreOptions {
  /** `redis://user:password@host:6379/0`, `rediss://` for TLS. */
  readonly url: string;
  /** Wins over the URL's password; read again for each connection attempt. */
  readonly password?: Secret | undefined;
  /** Key template; default `session:{uid}`. */
  readonly key?: string | undefined;
  readonly encoding?: RecordEncoding | undefined;
  readonly ttlMs?: number | undefined;
  /** Deadline for connecting and for each command. */
  readonly timeoutMs?: number | undefined;
}

type Status = readonly [number, string];

/** Commands that `redisScripts` adds to a client. */
interface Scripts {
  gatectlPut(key: string, after: string, value: Uint8Array, ttl: string, newTtl: string): Promise<Status>;
  gatectlDelete(key: string, after: string): Promise<Status>;
  gatectlTouch(key: string, revision: string, ttlMs: string): Promise<number>;
}

/** Attempts to edit a document under concurrent changes; each failed one means that another writer succeeded. */
const maxEdits = 200;
/** Scripts wrap error codes in a sentence; this extracts them. */
const permissionErrors = /\b(?:NOAUTH|WRONGPASS|NOPERM)\b|executing the script can't/;
const longestPauseMs = 1000;
/** Keys per SCAN: well under a millisecond of Redis's time. */
const scanCount = 250;
/** Bounds a page without results, so that its caller gets a reply in time and can detect an endless scan. */
const scansPerPage = 200;

/** Records as Redis strings, one per uid, as mqant projects store them. Uses SCAN, never KEYS. Writes preserve the TTL. */
export class RedisStore extends BaseStore {
  readonly ability: StorageAbility = {
    kind: 'redis',
    get: true,
    put: true,
    delete: true,
    list: true,
    expire: true,
  };
  readonly ttlMs: number | undefined;
  private readonly client: Redis & Scripts;
  private readonly keys: KeyTemplate;
  private readonly encoding: RecordEncoding;
  private readonly timeoutMs: number;
  private readonly shown: string;
  /** Reason why the connection failed or was lost. */
  private lastError: Error | undefined;
  private connecting: Promise<void> | undefined;
  /** Rejects when this connection's server is unsuitable as a store. */
  private usable: Promise<void> | undefined;

  /**
   * `redis://user@host:6379/0?key=session:{uid}&encoding=protobuf&ttl=10m&password-file=/run/secrets/redis`. `current` reads
   * the URL again when it comes from a file, since its password may change.
   */
  static fromUrl(url: string, current?: () => string): RedisStore {
    const [address, query] = splitQuery(url);
    checkRedisUrl(address);
    const parameters = new StoreParameters(url, query, ['key', 'encoding', 'ttl', 'password-file']);
    const file = parameters.text('password-file');
    const inUrl = current === undefined ? undefined : passwordInUrl(current);
    return new RedisStore({
      url: address,
      password: file === undefined ? inUrl : passwordInFile(file),
      key: parameters.text('key'),
      encoding: parameters.choice('encoding', recordEncodings, 'protobuf'),
      ttlMs: parameters.durationMs('ttl'),
    });
  }

  constructor({
    url,
    password,
    key = 'session:{uid}',
    encoding = 'protobuf',
    ttlMs,
    timeoutMs = 2000,
  }: RedisStoreOptions) {
    super();
    this.keys = new KeyTemplate(key);
    this.encoding = encoding;
    this.ttlMs = ttlMs;
    this.timeoutMs = timeoutMs;
    this.shown = shownUrl(url);
    this.client = connect(url, timeoutMs, password);
    this.client.on('error', (error: Error) => {
      this.lastError = error;
    });
    this.client.on('close', () => {
      this.usable = undefined;
    });
  }

  /** Rejects with UsageError when the server is unsuitable as a store. An unreachable server is accepted. */
  async check(): Promise<void> {
    await this.run(async () => {}).catch((error: unknown) => {
      if (error instanceof UsageError) throw error;
    });
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const {records, unread} = await this.read([{uid: userId, key: Buffer.from(this.keys.keyOf(userId))}]);
    const [failed] = unread;
    if (failed === undefined) return records[0];
    const text = `cannot read the record of "${userId}": ${failed.message}`;
    throw failed.reason === 'not-permitted' ? new PermissionError(text) : new UnreadableRecordError(text);
  }

  async put(userId: string, value: Uint8Array, options: PutOptions = {}): Promise<string> {
    const {after = '*', ttlMs} = options;
    const ttl = ttlMs === undefined ? 'keep' : String(Math.ceil(ttlMs));
    const newTtl = String(this.ttlMs ?? 0);
    const key = this.keys.keyOf(userId);
    for (let edits = 1; ; edits += 1) {
      const {bytes, expected} = await this.bytesOf(userId, value, options);
      const [done, found] = await this.write((client) =>
        client.gatectlPut(key, expected, bytes, ttl, newTtl),
      );
      if (done === 1) return found;
      const isRace = after === '*' && expected !== '*' && !found.startsWith('a '); // changed during the edit
      if (!isRace || edits === maxEdits) throw revisionConflict(userId, found, after);
    }
  }

  async touch(userId: string, revision: string): Promise<string | undefined> {
    const {ttlMs} = this;
    if (ttlMs === undefined) return revision;
    const key = this.keys.keyOf(userId);
    const touched = await this.run((client) => client.gatectlTouch(key, revision, String(ttlMs)));
    return touched === 1 ? revision : undefined;
  }

  async delete(userId: string, revision = '*'): Promise<boolean> {
    const key = this.keys.keyOf(userId);
    const [done, found] = await this.write((client) => client.gatectlDelete(key, revision));
    if (done === 0) throw revisionConflict(userId, found, revision);
    return found !== '';
  }

  /** Uses SCAN's cursor: a record that persists is listed at least once, rarely more often. Pages may be empty. */
  async list(after: string, limit: number): Promise<RecordPage> {
    const found = new Map<string, Buffer>();
    let cursor = after === '' ? '0' : after;
    let scans = 0;
    if (!/^\d{1,20}$/.test(cursor))
      throw new UsageError(`${JSON.stringify(cursor)} is no cursor of this store`);
    do {
      const [next, keys] = await this.run((client) =>
        client.scanBuffer(cursor, 'MATCH', this.keys.pattern, 'COUNT', scanCount),
      );
      for (const key of keys) found.set(this.keys.uidOf(key), key);
      cursor = next.toString();
      scans += 1;
    } while (cursor !== '0' && found.size < limit && scans < scansPerPage);
    const page = await this.read([...found].map(([uid, key]) => ({uid, key})));
    return {...page, next: cursor === '0' ? '' : cursor};
  }

  /** Undefined when the user lacks permission. */
  async keyCount(): Promise<number | undefined> {
    return await this.run((client) => client.dbsize()).catch((error: unknown) => {
      if (error instanceof PermissionError) return undefined;
      throw error;
    });
  }

  durability(): Promise<Durability> {
    return this.run((client) => durabilityOf(client));
  }

  async close(): Promise<void> {
    this.client.disconnect();
  }

  /** Returns the bytes to store and the expected revision. A stored document is edited in place. */
  private async bytesOf(
    userId: string,
    value: Uint8Array,
    {after = '*', stored}: PutOptions,
  ): Promise<{readonly bytes: Uint8Array; readonly expected: string}> {
    const {encoding} = this;
    if (stored?.encoding === encoding) return {bytes: stored.bytes, expected: after};
    if (stored !== undefined) refuseLoss(userId, stored, encoding);
    if (!isDocument(encoding)) return {bytes: encodeRecord(value, encoding), expected: after};
    const key = this.keys.keyOf(userId);
    const current = await this.run((client) => client.getBuffer(key));
    const expected = current === null ? '' : revisionOf(current);
    if (after !== '*' && after !== expected) throw revisionConflict(userId, expected, after);
    const bytes = current === null ? encodeRecord(value, encoding) : editDocument(current, value, encoding);
    return {bytes, expected};
  }

  private async read(wanted: readonly WantedKey[]) {
    const readAt = Date.now();
    const answers = await this.run(async (client) => {
      const pipeline = client.pipeline();
      for (const {key} of wanted) pipeline.getBuffer(key).pttl(key);
      return (await pipeline.exec()) ?? [];
    });
    const {encoding, shown} = this;
    return recordsIn(wanted, answers, {encoding, readAt, shown});
  }

  /** Marks an unanswered write as unknown, since it may have been executed. */
  private async write<T>(work: (client: Redis & Scripts) => Promise<T>): Promise<T> {
    return await this.run((client) =>
      work(client).catch((cause: Error) => {
        const isAnswer = cause.name === 'ReplyError' || /isn't writeable/.test(cause.message);
        if (isAnswer) throw cause;
        throw new OutcomeUnknownError(
          `Redis at ${this.shown}: ${cause.message}; whether it was written is unknown`,
          {cause},
        );
      }),
    );
  }

  private async run<T>(work: (client: Redis & Scripts) => Promise<T>): Promise<T> {
    try {
      await this.reached();
      this.usable ??= refuseUnsupportedMode(this.client, this.shown);
      await this.usable;
      return await work(this.client);
    } catch (cause) {
      throw this.translated(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  private lost(): Error {
    return this.lastError ?? new Error('not connected');
  }

  private translated(cause: Error): Error {
    if (cause instanceof GatectlError) return cause;
    const refusal = refusalIn(cause.message, this.shown);
    if (refusal !== undefined) return refusal;
    const text = `Redis at ${this.shown}: ${cause.message}`;
    if (/DB index is out of range/.test(cause.message)) return new UsageError(text, {cause});
    if (permissionErrors.test(cause.message)) return new PermissionError(text, {cause});
    if (/^WRONGTYPE\b/.test(cause.message)) return new UnreadableRecordError(text, {cause});
    return new UnreachableError(text, {cause});
  }

  /** Waits for a first connection in progress; fails at once when the connection was lost. */
  private async reached(): Promise<void> {
    const {status} = this.client;
    if (status === 'ready') return;
    if (status === 'reconnecting' || status === 'end') throw this.lost();
    this.connecting ??= this.connected().finally(() => {
      this.connecting = undefined;
    });
    await this.connecting;
  }

  /** Shared by all waiting callers. */
  private async connected(): Promise<void> {
    const {client, timeoutMs} = this;
    const over = new AbortController();
    const {signal} = over;
    const lost = Promise.race([once(client, 'close', {signal}), once(client, 'reconnecting', {signal})]);
    const ready = once(client, 'ready', {signal});
    try {
      await Promise.race([
        ready,
        lost.then(() => Promise.reject(this.lost())),
        wait(timeoutMs, undefined, {signal}).then(() =>
          Promise.reject(new Error(`no answer within ${timeoutMs} ms`)),
        ),
      ]);
    } finally {
      over.abort();
    }
  }
}

function connect(url: string, timeoutMs: number, password: Secret | undefined): Redis & Scripts {
  const renewed = password === undefined ? undefined : new RenewedPassword(password);
  const client: Redis = new Redis(renewed?.into(url) ?? url, {
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    enableOfflineQueue: false, // callers see the failure and retry
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false, // a write may have been executed
    retryStrategy: (attempt) => {
      renewed?.renew(client);
      return Math.min(50 * 2 ** attempt, longestPauseMs);
    },
    scripts: redisScripts,
  });
  return client as Redis & Scripts;
}
