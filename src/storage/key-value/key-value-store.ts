import {PermissionError, UsageError} from '../../base/errors.js';
import type {Bus} from '../../bus/bus.js';
import {type KeyValue, type KeyValueEntry, openKeyValue, SequenceConflict} from '../../bus/key-value.js';
import type {RecordPage, StorageCapabilities, StoredRecord} from '../../session/gate-api.js';
import {BaseStore, revisionConflictError} from '../base-store.js';
import {refuseMemberLoss} from '../record-encoding.js';
import {pageOfRecords, sortedUids} from '../record-page.js';
import type {PutOptions} from '../storage-handler.js';
import {keyOfUid, uidOfKey} from './bucket-keys.js';
import {parseBucketUrl} from './bucket-url.js';

interface KeyValueStoreOptions {
  readonly bucket: string;
  readonly ttlMs?: number | undefined;
  /** Creates a missing bucket. */
  readonly create: boolean;
  readonly timeoutMs?: number | undefined;
}

/** Matches the cursor of a listing in the order of sequence numbers. In a listing key by key, cursors are uids. */
const sequenceCursor = /^#(\d{1,16})$/;

/** How long the pages of a listing reuse the bucket's keys, in milliseconds. */
const keysCachedMs = 10_000;

/**
 * Records in a JetStream key-value bucket. On nats-server 2.11 and later, each key has its own expiry. On older
 * servers, keys expire by the bucket's maximum age, which starts again with each write or touch.
 */
export class KeyValueStore extends BaseStore {
  readonly ability: StorageCapabilities;
  /** False when the user may not create consumers. */
  private hasPages = true;
  private listed: {readonly at: number; readonly uids: readonly string[]} | undefined;

  private constructor(
    private readonly bucket: KeyValue,
    readonly ttlMs: number | undefined,
  ) {
    super();
    const expire = bucket.expiry === 'key';
    this.ability = {kind: 'jetstream', get: true, put: true, delete: true, list: true, expire};
  }

  static async open(bus: Bus, options: KeyValueStoreOptions): Promise<KeyValueStore> {
    const {timeoutMs = 2000, ttlMs} = options;
    return new KeyValueStore(await openKeyValue(bus, {...options, timeoutMs}), ttlMs);
  }

  /** Opens `jetstream://bucket?ttl=10m`. */
  static async fromUrl(bus: Bus, url: string, create: boolean): Promise<KeyValueStore> {
    return KeyValueStore.open(bus, {...parseBucketUrl(url), create});
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const entry = await this.bucket.get(keyOfUid(userId));
    return entry && recordOf(userId, entry);
  }

  async put(userId: string, value: Uint8Array, options: PutOptions = {}): Promise<string> {
    const {after, ttlMs, stored} = options;
    if (stored !== undefined) refuseMemberLoss(userId, stored, 'protobuf');
    const key = keyOfUid(userId);
    const left = ttlMs ?? (await this.leftMs(key));
    if (left > 0 && this.bucket.expiry !== 'key' && left !== this.ttlMs) {
      throw new UsageError('this server cannot expire single keys', {hint: 'that requires nats-server 2.11'});
    }
    return this.fenced(userId, after, async () =>
      String(await this.bucket.put(key, value, sequenceOf(after), left)),
    );
  }

  async touch(userId: string, revision: string): Promise<string | undefined> {
    if (this.ttlMs === undefined) return revision;
    const key = keyOfUid(userId);
    const entry = await this.bucket.get(key);
    if (entry === undefined || String(entry.sequence) !== revision) return undefined;
    try {
      return String(await this.bucket.put(key, entry.value, entry.sequence, this.ttlMs));
    } catch (error) {
      if (error instanceof SequenceConflict) return undefined;
      throw error;
    }
  }

  delete(userId: string, revision?: string): Promise<boolean> {
    return this.fenced(userId, revision, () => this.bucket.remove(keyOfUid(userId), sequenceOf(revision)));
  }

  async list(after: string, limit: number): Promise<RecordPage> {
    const [, sequence = after === '' ? '0' : undefined] = sequenceCursor.exec(after) ?? [];
    if (sequence === undefined || !this.hasPages) return await this.listByKeys(after, limit);
    try {
      return await this.page(Number(sequence), limit);
    } catch (error) {
      if (!(error instanceof PermissionError)) throw error;
      this.hasPages = false;
      return await this.listByKeys(after, limit);
    }
  }

  private async page(after: number, limit: number): Promise<RecordPage> {
    const {entries, next} = await this.bucket.page(after, limit);
    const records = entries.flatMap(({key, ...entry}) => {
      const uid = uidOfKey(key);
      return uid === undefined ? [] : [recordOf(uid, entry)];
    });
    return {records, next: next === undefined ? '' : `#${next}`};
  }

  /** Reads the keys, then each value with a call of its own. */
  private async listByKeys(after: string, limit: number): Promise<RecordPage> {
    if (after === '' || this.listed === undefined || Date.now() - this.listed.at > keysCachedMs) {
      const uids = sortedUids((await this.bucket.keys()).flatMap((key) => uidOfKey(key) ?? []));
      this.listed = {at: Date.now(), uids};
    }
    return pageOfRecords(this.listed.uids, after, limit, (uid) => this.get(uid));
  }

  keyCount(): Promise<number> {
    return this.bucket.count();
  }

  /** Does nothing: the caller closes the bus. */
  async close(): Promise<void> {}

  /**
   * Returns the remaining time of the stored record; for a new record, the store's time to live. In milliseconds; 0
   * for no expiry.
   */
  private async leftMs(key: string): Promise<number> {
    const usual = this.ttlMs ?? 0;
    if (this.bucket.expiry !== 'key') return this.bucket.expiry === 'bucket' ? usual : 0;
    const {expiresAt} = (await this.bucket.get(key)) ?? {};
    if (expiresAt === undefined) return usual;
    return expiresAt === 0 ? 0 : Math.max(1, expiresAt - Date.now());
  }

  private async fenced<T>(userId: string, after: string | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SequenceConflict)) throw error;
      throw revisionConflictError(userId, error.found === 0 ? '' : String(error.found), after ?? '');
    }
  }
}

function sequenceOf(revision: string | undefined): number | undefined {
  if (revision === undefined) return undefined;
  if (revision === '') return 0;
  if (/^\d{1,15}$/.test(revision)) return Number(revision);
  throw new SequenceConflict(0);
}

const recordOf = (uid: string, {value, sequence, expiresAt}: KeyValueEntry): StoredRecord => ({
  uid,
  value,
  revision: String(sequence),
  expiresAt,
});
