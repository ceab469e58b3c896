import {emptyBag, type Session, type StringBag} from '../session/session.js';
import {decodeSession} from '../session/session-codec.js';
import type {StorageHandler} from '../storage/storage-handler.js';
import type {LiveSession} from './live-session.js';

export interface PersistenceOptions {
  readonly storage: StorageHandler;
  /** Deadline of one call to the handler. */
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

/**
 * The gate's side of a StorageHandler. Storage may fail or hang: the gate says so, counts it, and goes on serving, as
 * mqant does. Writes of one session run one after another, and each stores the newest state, so a store that is
 * behind gets one write and not a queue of them.
 */
export class Persistence {
  /** Sessions whose last store failed. */
  readonly dirty = new Set<LiveSession>();
  private readonly storing = new Map<
    LiveSession,
    {running: Promise<void>; again: Promise<void> | undefined}
  >();

  constructor(private readonly options: PersistenceOptions) {}

  /** Settings that an earlier connection of this user left; none when there are none or they can't be had. */
  async settingsOf(userId: string): Promise<StringBag> {
    try {
      const bytes = await this.within('query', () => this.options.storage.query(userId));
      return bytes === undefined ? emptyBag : decodeSession(bytes).settings;
    } catch (error) {
      this.complain('query', userId, error);
      return emptyBag;
    }
  }

  /** Resolves when the state of this moment, or a newer one, is stored, or when that has failed. */
  store(live: LiveSession): Promise<void> {
    const state = this.storing.get(live);
    if (state === undefined) {
      const running = this.storeNow(live);
      this.storing.set(live, {running, again: undefined});
      void running.then(() => this.next(live));
      return running;
    }
    state.again ??= state.running.then(() => this.storeNow(live));
    return state.again;
  }

  /** Lets the handler extend the record's expiry. */
  heartbeat(session: Session): void {
    this.within('heartbeat', () => this.options.storage.heartbeat(session)).catch((error: unknown) => {
      this.complain('heartbeat', session.userId, error);
    });
  }

  private next(live: LiveSession): void {
    const again = this.storing.get(live)?.again;
    if (again === undefined) {
      this.storing.delete(live);
      return;
    }
    this.storing.set(live, {running: again, again: undefined});
    void again.then(() => this.next(live));
  }

  private async storeNow(live: LiveSession): Promise<void> {
    if (live.session.userId === '') return; // unbound meanwhile
    try {
      await this.within('store', () => this.options.storage.store(live.session));
      this.dirty.delete(live);
    } catch (error) {
      if (!live.connection.closed) this.dirty.add(live);
      this.complain('store', live.session.userId, error);
    }
  }

  private complain(what: string, userId: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.options.log(`storage: ${what} of uid ${JSON.stringify(userId)} failed: ${why}`);
  }

  private async within<T>(what: string, work: () => Promise<T>): Promise<T> {
    const {timeoutMs} = this.options;
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      return await Promise.race([work(), timeUp]);
    } finally {
      clearTimeout(timer);
    }
  }
}
