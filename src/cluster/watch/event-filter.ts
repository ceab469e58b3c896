import type {Selector} from '../../selector/selector.js';
import type {SessionEvent} from '../../session/codec/event-page.js';

/**
 * Highest number of sessions remembered, so that an event that takes one out of the selection is reported too.
 */
const mostRemembered = 100_000;

/**
 * Filters the events of a gate that can't filter. A session's previous state is known from its previous uid
 * and from events reported since the watch began.
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
