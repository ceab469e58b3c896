import {ConflictError} from '../errors.js';
import type {RecordPage, StorageAbility, StoredRecord} from '../session/gate-api.js';
import type {Session} from '../session/session.js';
import {encodeSession} from '../session/session-codec.js';
import {pageOf} from './record-page.js';
import type {RecordStore} from './storage-handler.js';

interface Entry {
  readonly value: Uint8Array;
  readonly revision: number;
}

/** Records that live as long as the process: for development, tests and the demo. */
export class MemoryStore implements RecordStore {
  readonly ability: StorageAbility = {kind: 'memory', get: true, delete: true, list: true};
  private readonly entries = new Map<string, Entry>();
  private writes = 0;

  async store(session: Session): Promise<void> {
    this.writes += 1;
    this.entries.set(session.userId, {value: encodeSession(session), revision: this.writes});
  }

  async query(userId: string): Promise<Uint8Array | undefined> {
    return this.entries.get(userId)?.value;
  }

  async heartbeat(): Promise<void> {} // nothing expires

  async delete(userId: string, revision?: string): Promise<boolean> {
    const entry = this.entries.get(userId);
    if (entry === undefined) return false;
    if (revision !== undefined && revision !== String(entry.revision)) {
      throw new ConflictError(
        `the record of "${userId}" is at revision ${entry.revision}, not ${JSON.stringify(revision)}`,
      );
    }
    return this.entries.delete(userId);
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const entry = this.entries.get(userId);
    if (entry === undefined) return undefined;
    return {uid: userId, value: entry.value, revision: String(entry.revision), expiresAt: 0};
  }

  async list(after: string, limit: number): Promise<RecordPage> {
    return pageOf([...this.entries.keys()], after, limit, (uid) => this.get(uid));
  }

  async close(): Promise<void> {}
}
