import {afterTimeout} from '../../base/abort-signals.js';
import {errorMessage} from '../../base/error-details.js';
import {ConflictError, DecodeError} from '../../base/errors.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import type {Session, StringBag} from '../../session/session.js';
import type {RecordStore, StorageHandler} from '../../storage/storage-handler.js';
import {
  FormerUserSession,
  type LiveSession,
  mergeSettings,
  type PersistedSession,
} from '../sessions/live-session.js';
import {DirtySessions} from './dirty-sessions.js';
import {createFencedStorage, type FencedStorage} from './fenced-storage.js';
import {ownerConnectedAt} from './record-owner.js';

interface PersistenceOptions {
  readonly storage: StorageHandler | RecordStore;
  /** How long a bind or a write waits for storage, in milliseconds. The storage call itself continues. */
  readonly timeoutMs: number;
  /** Merges the record's settings into the session. On a conflict, the session's value wins. */
  readonly restore: (live: PersistedSession, settings: StringBag) => void;
  readonly log: (line: string) => void;
}

/** Writes of one session: at most one running and one queued. Each writes the newest state. */
interface Lane {
  running: Promise<void>;
  next: Promise<void> | undefined;
}

/** Maximum number of conflicts per write, in case a record keeps changing. */
const maxConflicts = 8;

/**
 * Stores the gate's sessions. Acknowledged state is stored or, if the storage fails, marked dirty and retried; the
 * gate continues to serve. In a store with revisions, the user's newest connection owns the record. If an older
 * connection writes later, the write is refused, and it never writes the record again.
 */
export class SessionPersistence {
  private readonly storage: FencedStorage;
  private readonly lanes = new Map<PersistedSession, Lane>();
  private readonly dirty: DirtySessions;
  private lastFailure = '';

  constructor(private readonly options: PersistenceOptions) {
    this.storage = createFencedStorage(options.storage);
    this.dirty = new DirtySessions((live) => this.enqueue(live), options.log);
  }

  /** Number of sessions whose newest state is not stored. */
  get dirtyCount(): number {
    return this.dirty.size;
  }

  /** Why the last write failed; undefined if every session is stored. */
  get failure(): string | undefined {
    return this.dirty.size === 0 ? undefined : this.lastFailure;
  }

  get ttlMs(): number | undefined {
    return this.storage.ttlMs;
  }

  /**
   * Merges in the settings of the user's record, and takes over the record. Must be called after a new user id has
   * been set.
   */
  bind(live: LiveSession): Promise<void> {
    live.record = undefined;
    return this.store(live);
  }

  /** Keeps the unsaved state of the current user for a later write. Must be called before the user id changes. */
  leave(live: LiveSession): void {
    if (live.session.userId === '' || !this.dirty.has(live)) return;
    this.dirty.add(new FormerUserSession(live.session, live.connectedAt, live.record && {...live.record}));
  }

  /**
   * Stores the session. Resolves when the current state, or a newer one, is stored or marked dirty. Never rejects.
   */
  store(live: LiveSession): Promise<void> {
    const {timeoutMs} = this.options;
    return new Promise((resolve) => {
      const stopDeadline = afterTimeout(timeoutMs, () => {
        this.failed(live, new Error(`timed out after ${timeoutMs} ms`));
        resolve();
      });
      void this.enqueue(live).then(() => {
        stopDeadline();
        resolve();
      });
    });
  }

  /** Extends the record's expiry. */
  heartbeat(live: LiveSession): void {
    const {session, record} = live;
    if (record === undefined || record.isSuperseded) return;
    this.storage.touch(session, record.revision).then(
      (revision) => {
        if (revision !== undefined && live.record === record) record.revision = revision;
      },
      (error: unknown) => this.logFailure('heartbeat', session.userId, error),
    );
  }

  /** Retries the dirty sessions once, for at most `withinMs`. */
  async stop(withinMs: number): Promise<void> {
    await this.dirty.stop(withinMs);
  }

  private enqueue(live: PersistedSession): Promise<void> {
    const lane = this.lanes.get(live);
    if (lane === undefined) {
      const running = this.attempt(live);
      this.lanes.set(live, {running, next: undefined});
      void running.then(() => this.advance(live));
      return running;
    }
    lane.next ??= lane.running.then(() => this.attempt(live));
    return lane.next;
  }

  private advance(live: PersistedSession): void {
    const next = this.lanes.get(live)?.next;
    if (next === undefined) {
      this.lanes.delete(live);
      return;
    }
    this.lanes.set(live, {running: next, next: undefined});
    void next.then(() => this.advance(live));
  }

  private async attempt(live: PersistedSession): Promise<void> {
    try {
      await this.write(live);
      this.dirty.stored(live);
    } catch (error) {
      this.failed(live, error);
    }
  }

  private failed(live: PersistedSession, error: unknown): void {
    if (live.session.userId === '') return;
    this.lastFailure = errorMessage(error);
    if (this.dirty.add(live)) this.logFailure('store', live.session.userId, error);
  }

  private async write(live: PersistedSession): Promise<void> {
    for (let conflicts = 0; ; conflicts += 1) {
      const {userId} = live.session;
      if (userId === '') return; // unbound in the meantime
      if (live.record?.userId !== userId) await this.takeOver(live, userId);
      const {record} = live;
      if (record?.userId !== userId) continue; // bound to another user during the read
      if (record.isSuperseded) return;
      try {
        record.revision = await this.storage.write(live, record.revision, live.connectedAt);
        record.isFirst = false;
        return;
      } catch (error) {
        if (!(error instanceof ConflictError) || conflicts >= maxConflicts) throw error;
        await this.resolveConflict(live, record);
      }
    }
  }

  /** Reads the record, merges in its settings, and takes it over: the last bind wins. */
  private async takeOver(live: PersistedSession, userId: string): Promise<void> {
    const found = await this.storage.read(userId);
    if (live.session.userId !== userId) return;
    const owner = found && sessionIn(found.value);
    if (found !== undefined && owner !== undefined && isLate(live, owner)) {
      const settings = mergeSettings(owner.settings, live.session.settings);
      await this.storage.write({session: {...owner, settings}}, found.revision, ownerConnectedAt(owner));
      live.record = {userId, revision: '', isFirst: false, isSuperseded: true};
      return;
    }
    if (found !== undefined) this.restore(live, userId, found.value);
    live.record = {userId, revision: found?.revision ?? '', isFirst: true, isSuperseded: false};
  }

  private restore(live: PersistedSession, userId: string, value: Uint8Array): void {
    try {
      this.options.restore(live, decodeSession(value).settings);
    } catch (error) {
      this.logFailure('query', userId, error); // not a session, or too large to merge
    }
  }

  /** Finds out which session owns the record after another writer has changed it. */
  private async resolveConflict(
    live: PersistedSession,
    record: NonNullable<PersistedSession['record']>,
  ): Promise<void> {
    const found = await this.storage.read(record.userId);
    if (found === undefined && live.connection.closed) {
      record.isSuperseded = true; // the record was deleted and the connection is closed: don't create it again
    } else if (record.isFirst && live.record === record) {
      live.record = undefined; // changed between read and write: read it again
    } else if (found === undefined || sessionIn(found.value)?.sessionId === live.id) {
      record.revision = found?.revision ?? '';
    } else {
      record.isSuperseded = true;
      this.options.log(
        `storage: the record of uid ${JSON.stringify(record.userId)} belongs to a newer session: ${live.id} no longer writes it`,
      );
    }
  }

  private logFailure(what: string, userId: string, error: unknown): void {
    const why = errorMessage(error);
    this.options.log(`storage: ${what} of uid ${JSON.stringify(userId)} failed: ${why}`);
  }
}

/** Returns the session in a record; undefined if the bytes are not a session. */
function sessionIn(value: Uint8Array): Session | undefined {
  try {
    return decodeSession(value);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/**
 * Returns true if a write is late: its connection is closed, and the user has a newer one. A late write only adds
 * missing settings.
 */
function isLate(live: PersistedSession, owner: Session): boolean {
  return live.connection.closed && owner.sessionId !== live.id && ownerConnectedAt(owner) > live.connectedAt;
}
