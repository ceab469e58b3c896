import type {Selector} from '../../selector/selector.js';
import type {SessionEvent} from '../../session/codec/event-page.js';

/**
 * Maximum number of sessions remembered. They are needed to report an event after which a session no longer matches.
 */
const maxRemembered = 100_000;

/**
 * Filters the events of a gate that can't filter. Also reports an event after which a session no longer matches; its
 * previous state is known from its previous uid and from events since the watch began.
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
    if (matches && event.kind !== 'closed' && this.taken.size < maxRemembered) this.taken.add(sessionId);
    else this.taken.delete(sessionId);
    return matches || wasTaken || (event.uidBefore !== '' && this.matches(event, event.uidBefore));
  }

  private matches(event: SessionEvent, userId: string): boolean {
    return this.where.matches({...event, session: {...event.session, userId}}, this.node, event.at);
  }
}
