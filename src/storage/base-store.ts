import {ConflictError} from '../base/errors.js';
import {encodeSession} from '../session/codec/session-protobuf.js';
import type {RecordPage, StorageCapabilities, StoredRecord} from '../session/gate-api.js';
import type {Session} from '../session/session.js';
import type {ListOptions, PutOptions, RecordStore} from './storage-handler.js';

/** Implements StorageHandler with the functions of a record store. */
export abstract class BaseStore implements RecordStore {
  abstract readonly ability: StorageCapabilities;
  abstract readonly ttlMs: number | undefined;
  abstract get(userId: string): Promise<StoredRecord | undefined>;
  abstract put(userId: string, value: Uint8Array, options?: PutOptions): Promise<string>;
  abstract touch(userId: string, revision: string): Promise<string | undefined>;
  abstract delete(userId: string, revision?: string): Promise<boolean>;
  abstract list(after: string, limit: number, options?: ListOptions): Promise<RecordPage>;
  abstract close(): Promise<void>;

  async store(session: Session): Promise<void> {
    await this.put(session.userId, encodeSession(session), {ttlMs: this.ttlMs});
  }

  async query(userId: string): Promise<Uint8Array | undefined> {
    return (await this.get(userId))?.value;
  }

  async heartbeat({userId}: Session): Promise<void> {
    if (this.ttlMs === undefined) return;
    const record = await this.get(userId);
    if (record !== undefined) await this.touch(userId, record.revision);
  }
}

/**
 * Creates the error for a revision conflict. `found` is the record's revision, empty if there is no record, or text
 * such as "a hash" if the key has another type.
 */
export function revisionConflictError(userId: string, found: string, wanted: string): ConflictError {
  if (found.startsWith('a '))
    return new ConflictError(`the key for uid "${userId}" contains ${found}, not a record`);
  const is = found === '' ? 'does not exist' : `is at revision ${found}`;
  if (wanted === '*') return new ConflictError(`the record of "${userId}" kept changing during the edit`);
  const should = wanted === '' ? 'expected none' : `not ${JSON.stringify(wanted)}`;
  return new ConflictError(`the record of "${userId}" ${is}, ${should}`, {
    hint: `read it again: gatectl records get ${JSON.stringify(userId)}`,
  });
}
