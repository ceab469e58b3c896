import {detachedCopy} from './interned.js';

/**
 * The last known uid of each session, for calls that name the session only. Evicts the least recently
 * updated.
 */
export class KnownUids {
  private readonly bySession = new Map<string, string>();

  constructor(private readonly most = 100_000) {}

  learn(session: string, uid: string): void {
    if (session === '' || this.bySession.get(session) === uid) return;
    this.bySession.delete(session);
    this.bySession.set(detachedCopy(session), detachedCopy(uid));
    if (this.bySession.size <= this.most) return;
    for (const oldest of this.bySession.keys()) {
      this.bySession.delete(oldest);
      return;
    }
  }

  of(session: string): string {
    return this.bySession.get(session) ?? '';
  }
}
