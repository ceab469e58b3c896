import type {RecordPage, StorageCapabilities, StoredRecord} from '../session/gate-api.js';
import {BaseStore, revisionConflictError} from './base-store.js';
import {refuseMemberLoss} from './record-encoding.js';
import {pageOfRecords, sortedUids} from './record-page.js';
import type {PutOptions} from './storage-handler.js';

interface Entry {
  readonly value: Uint8Array;
  readonly revision: string;
  /** Unix milliseconds; 0 if it never expires. */
  readonly expiresAt: number;
}

interface MemoryStoreOptions {
  readonly ttlMs?: number | undefined;
  readonly now?: (() => number) | undefined;
}

/** Records in memory, for development, tests and the demo. */
export class MemoryStore extends BaseStore {
  readonly ability: StorageCapabilities = {
    kind: 'memory',
    get: true,
    put: true,
    delete: true,
    list: true,
    expire: true,
  };
  readonly ttlMs: number | undefined;
  private readonly entries = new Map<string, Entry>();
  private readonly now: () => number;
  private writes = 0;

  constructor({ttlMs, now = Date.now}: MemoryStoreOptions = {}) {
    super();
    this.ttlMs = ttlMs;
    this.now = now;
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const entry = this.current(userId);
    return entry && {uid: userId, ...entry};
  }

  async put(userId: string, value: Uint8Array, options: PutOptions = {}): Promise<string> {
    const {after, ttlMs, stored} = options;
    if (stored !== undefined) refuseMemberLoss(userId, stored, 'protobuf');
    const before = this.current(userId);
    const found = before?.revision ?? '';
    if (after !== undefined && after !== found) throw revisionConflictError(userId, found, after);
    this.writes += 1;
    const revision = String(this.writes);
    const expiresAt =
      ttlMs === undefined && before !== undefined ? before.expiresAt : this.end(ttlMs ?? this.ttlMs ?? 0);
    this.entries.set(userId, {value: new Uint8Array(value), revision, expiresAt});
    return revision;
  }

  async touch(userId: string, revision: string): Promise<string | undefined> {
    const entry = this.current(userId);
    if (entry?.revision !== revision) return undefined;
    if (this.ttlMs !== undefined) this.entries.set(userId, {...entry, expiresAt: this.end(this.ttlMs)});
    return revision;
  }

  async delete(userId: string, revision?: string): Promise<boolean> {
    const found = this.current(userId)?.revision;
    if (found === undefined) return false;
    if (revision !== undefined && revision !== found) throw revisionConflictError(userId, found, revision);
    return this.entries.delete(userId);
  }

  async keyCount(): Promise<number> {
    return this.entries.size;
  }

  async list(after: string, limit: number): Promise<RecordPage> {
    return pageOfRecords(sortedUids(this.entries.keys()), after, limit, (uid) => this.get(uid));
  }

  async close(): Promise<void> {}

  private end(ttlMs: number): number {
    return ttlMs === 0 ? 0 : this.now() + ttlMs;
  }

  private current(userId: string): Entry | undefined {
    const entry = this.entries.get(userId);
    if (entry === undefined || entry.expiresAt === 0 || entry.expiresAt > this.now()) return entry;
    this.entries.delete(userId);
    return undefined;
  }
}
