import {ConflictError, DecodeError} from '../../base/errors.js';
import {afterTimeout} from '../../base/signals.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import type {Session, StringBag} from '../../session/session.js';
import type {RecordStore, StorageHandler} from '../../storage/storage-handler.js';
import {DepartedSession, joined, type LiveSession, type Persistable} from '../sessions/live-session.js';
import {DirtySessions} from './dirty-sessions.js';
import {type FencedStorage, fencedStorage} from './fenced-storage.js';
import {ownerSince} from './record-owner.js';

export interface PersistenceOptions {
  readonly storage: StorageHandler | RecordStore;
  /** So long a bind or a write of settings waits for the storage; it is not cancelled by it. */
  readonly timeoutMs: number;
  /** Adds settings of the record to the session; those that it has stay. */
  readonly restore: (live: Persistable, settings: StringBag) => void;
  readonly log: (line: string) => void;
}

/** Writes of one session: one under way, at most one waiting, and each stores the newest state. */
interface Lane {
  running: Promise<void>;
  next: Promise<void> | undefined;
}

/** A store that keeps changing under a writer is no reason to go on for ever. */
const maxConflicts = 8;

/**
 * The gate's side of its storage. What was acknowledged is stored, or, while the storage fails or hangs, kept as dirty
 * and stored as soon as it can be; the gate serves on meanwhile. On a store with revisions the newest connection of a
 * user owns the record: an older one that writes later is refused, and leaves it alone from then on.
 */
export class Persistence {
  private readonly shelf: FencedStorage;
  private readonly lanes = new Map<Persistable, Lane>();
  private readonly dirty: DirtySessions;

  constructor(private readonly options: PersistenceOptions) {
    this.shelf = fencedStorage(options.storage);
    this.dirty = new DirtySessions((live) => this.enqueue(live), options.log);
  }

  /** Sessions whose newest state is not stored. */
  get dirtyCount(): number {
    return this.dirty.size;
  }

  get ttlMs(): number | undefined {
    return this.shelf.ttlMs;
  }

  /** After the user id was set: joins what the user left behind, and takes the record over. */
  bind(live: LiveSession): Promise<void> {
    live.record = undefined;
    return this.store(live);
  }

  /** Before the user id changes: what the storage has not taken of the old user's is kept for it. */
  leave(live: LiveSession): void {
    if (live.session.userId === '' || !this.dirty.has(live)) return;
    this.dirty.add(new DepartedSession(live.session, live.connectedAt, live.record && {...live.record}));
  }

  /** Resolves when the state of this moment, or a newer one, is stored; or when it is known to wait. Never rejects. */
  store(live: LiveSession): Promise<void> {
    const {timeoutMs} = this.options;
    return new Promise((resolve) => {
      const stopDeadline = afterTimeout(timeoutMs, () => {
        this.failed(live, new Error(`it took longer than ${timeoutMs} ms`));
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
    if (record === undefined || record.isTaken) return;
    this.shelf.touch(session, record.revision).then(
      (revision) => {
        if (revision !== undefined && live.record === record) record.revision = revision;
      },
      (error: unknown) => this.complain('heartbeat', session.userId, error),
    );
  }

  /** Tries once more to store what is dirty, for at most so long. */
  async stop(withinMs: number): Promise<void> {
    await this.dirty.stop(withinMs);
  }

  private enqueue(live: Persistable): Promise<void> {
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

  private advance(live: Persistable): void {
    const next = this.lanes.get(live)?.next;
    if (next === undefined) {
      this.lanes.delete(live);
      return;
    }
    this.lanes.set(live, {running: next, next: undefined});
    void next.then(() => this.advance(live));
  }

  private async attempt(live: Persistable): Promise<void> {
    try {
      await this.write(live);
      this.dirty.stored(live);
    } catch (error) {
      this.failed(live, error);
    }
  }

  private failed(live: Persistable, error: unknown): void {
    if (live.session.userId === '') return;
    if (this.dirty.add(live)) this.complain('store', live.session.userId, error);
  }

  private async write(live: Persistable): Promise<void> {
    for (let conflicts = 0; ; conflicts += 1) {
      const {userId} = live.session;
      if (userId === '') return; // unbound meanwhile
      if (live.record?.userId !== userId) await this.takeOver(live, userId);
      const {record} = live;
      if (record?.userId !== userId) continue; // bound to somebody else while the storage was asked
      if (record.isTaken) return;
      try {
        record.revision = await this.shelf.write(live, record.revision, live.connectedAt);
        record.isFirst = false;
        return;
      } catch (error) {
        if (!(error instanceof ConflictError) || conflicts >= maxConflicts) throw error;
        await this.settle(live, record);
      }
    }
  }

  /** The last bind wins, so whatever is there is read, joined, and written over. */
  private async takeOver(live: Persistable, userId: string): Promise<void> {
    const found = await this.shelf.read(userId);
    if (live.session.userId !== userId) return;
    const owner = found && sessionIn(found.value);
    if (found !== undefined && owner !== undefined && isLate(live, owner)) {
      const settings = joined(owner.settings, live.session.settings);
      await this.shelf.write({session: {...owner, settings}}, found.revision, ownerSince(owner));
      live.record = {userId, revision: '', isFirst: false, isTaken: true};
      return;
    }
    if (found !== undefined) this.restore(live, userId, found.value);
    live.record = {userId, revision: found?.revision ?? '', isFirst: true, isTaken: false};
  }

  private restore(live: Persistable, userId: string, value: Uint8Array): void {
    try {
      this.options.restore(live, decodeSession(value).settings);
    } catch (error) {
      this.complain('query', userId, error); // not a session, or one that is too large to add
    }
  }

  /** Somebody else wrote the record: who owns it now? */
  private async settle(live: Persistable, record: NonNullable<Persistable['record']>): Promise<void> {
    const found = await this.shelf.read(record.userId);
    if (found === undefined && live.connection.closed) {
      record.isTaken = true; // deleted, and its session has gone: it is not brought back
    } else if (record.isFirst && live.record === record) {
      live.record = undefined; // somebody wrote between our reading and our writing: it is looked at anew
    } else if (found === undefined || sessionIn(found.value)?.sessionId === live.id) {
      record.revision = found?.revision ?? '';
    } else {
      record.isTaken = true;
      this.options.log(
        `storage: the record of uid ${JSON.stringify(record.userId)} belongs to a newer session; ${live.id} leaves it`,
      );
    }
  }

  private complain(what: string, userId: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.options.log(`storage: ${what} of uid ${JSON.stringify(userId)} failed: ${why}`);
  }
}

/** Undefined for bytes that are no session. */
function sessionIn(value: Uint8Array): Session | undefined {
  try {
    return decodeSession(value);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/**
 * What waited for the storage until after its connection had gone, while the user came back on a newer one: it adds what
 * is not there, and takes nothing from it.
 */
function isLate(live: Persistable, owner: Session): boolean {
  return live.connection.closed && owner.sessionId !== live.id && ownerSince(owner) > live.connectedAt;
}
