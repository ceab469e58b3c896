import type {LiveSession} from './live-session.js';

/**
 * The gate's sessions by id, by uid, and in order of connecting. Pages continue after a sequence number, so a session
 * that stays connected is listed exactly once, and a cursor takes no memory on the gate.
 */
export class SessionTable {
  private readonly byId = new Map<string, LiveSession>();
  private readonly byUserId = new Map<string, Set<LiveSession>>();
  /** In order of sequence numbers. A closed session leaves its number until the next compaction. */
  private slots: (LiveSession | number)[] = [];
  private gone = 0;
  private sequence = 0;
  private boundCount = 0;

  get size(): number {
    return this.byId.size;
  }

  /** Sequence number of the newest session, which may have been closed. */
  get newest(): number {
    return this.sequence;
  }

  get bound(): number {
    return this.boundCount;
  }

  get(sessionId: string): LiveSession | undefined {
    return this.byId.get(sessionId);
  }

  ofUser(userId: string): readonly LiveSession[] {
    return [...(this.byUserId.get(userId) ?? [])];
  }

  hasUser(userId: string): boolean {
    return this.byUserId.has(userId);
  }

  values(): IterableIterator<LiveSession> {
    return this.byId.values();
  }

  add(live: LiveSession): void {
    this.sequence += 1;
    live.sequence = this.sequence;
    live.slot = this.slots.length;
    this.slots.push(live);
    this.byId.set(live.session.sessionId, live);
    this.index(live, live.session.userId);
  }

  /** Returns false if the session was already removed. */
  remove(live: LiveSession): boolean {
    if (this.byId.get(live.session.sessionId) !== live) return false;
    this.byId.delete(live.session.sessionId);
    this.unindex(live, live.session.userId);
    this.slots[live.slot] = live.sequence;
    this.gone += 1;
    if (this.gone > 1024 && this.gone > this.slots.length / 2) this.compact();
    return true;
  }

  /** Updates the index by uid. Must be called after a session's uid has changed, with the previous uid. */
  rebound(live: LiveSession, before: string): void {
    if (before === live.session.userId || !this.byId.has(live.session.sessionId)) return;
    this.unindex(live, before);
    this.index(live, live.session.userId);
  }

  /** Yields the sessions after a cursor, up to `end`, in order. The table must not change meanwhile. */
  *after(cursor: number, end = this.sequence): Generator<LiveSession, void, undefined> {
    for (let slot = this.firstAfter(cursor); slot < this.slots.length; slot += 1) {
      const live = this.slots[slot];
      if (sequenceOf(live) > end) return;
      if (typeof live === 'object') yield live;
    }
  }

  private index(live: LiveSession, userId: string): void {
    if (userId === '') return;
    this.boundCount += 1;
    const sessions = this.byUserId.get(userId);
    if (sessions === undefined) this.byUserId.set(userId, new Set([live]));
    else sessions.add(live);
  }

  private unindex(live: LiveSession, userId: string): void {
    if (userId === '') return;
    this.boundCount -= 1;
    const sessions = this.byUserId.get(userId);
    sessions?.delete(live);
    if (sessions?.size === 0) this.byUserId.delete(userId);
  }

  private firstAfter(cursor: number): number {
    let low = 0;
    let high = this.slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sequenceOf(this.slots[middle]) <= cursor) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compact(): void {
    this.slots = this.slots.filter((slot) => typeof slot === 'object');
    for (const [slot, live] of this.slots.entries()) (live as LiveSession).slot = slot;
    this.gone = 0;
  }
}

function sequenceOf(slot: LiveSession | number | undefined): number {
  return typeof slot === 'object' ? slot.sequence : (slot ?? 0);
}
