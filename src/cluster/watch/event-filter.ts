import type {Selector} from '../../selector/selector.js';
import type {SessionEvent} from '../../session/codec/event-page.js';

/** Sessions remembered at most: whose events were taken, so that the one by which they leave the selector is too. */
const mostRemembered = 100_000;

/**
 * Takes a selector's events out of all those of a gate that cannot filter. What a session was before is known here by its
 * uid, and by what was taken of it since the watch began.
 */
export class EventFilter {
  private readonly taken = new Set<string>();

  constructor(
    private readonly where: Selector,
    private readonly node: string,
  ) {}

  takes(event: SessionEvent): boolean {
    const {sessionId} = event.session;
    const wasTaken = this.taken.has(sessionId);
    const matches = this.matches(event, event.session.userId);
    if (matches && event.kind !== 'closed' && this.taken.size < mostRemembered) this.taken.add(sessionId);
    else this.taken.delete(sessionId);
    return matches || wasTaken || (event.uidBefore !== '' && this.matches(event, event.uidBefore));
  }

  private matches(event: SessionEvent, userId: string): boolean {
    return this.where.matches({...event, session: {...event.session, userId}}, this.node, event.at);
  }
}
