import {RecentMap} from '../../base/recent-map.js';
import type {Bus} from '../../bus/bus.js';
import {envelopeKind} from '../../bus/rpc/envelope-kind.js';
import type {SessionIdentity} from '../../session/session-identity.js';
import {listenToBus, tappedSubjects} from '../trace/listen-to-bus.js';
import {sessionsInMessage, type TimedTapDeps} from './timed-bus-tap.js';

/** Traffic that a tap has read since it began. */
export interface TapTraffic {
  readonly messages: number;
  readonly bytes: number;
  /** Number of sessions seen. */
  readonly sessions: number;
}

interface HeardSession extends SessionIdentity {
  /** When a client's request last carried the session, or its uid changed. In milliseconds. */
  readonly at: number;
}

const maxSessions = 20_000;

/** Listens to the bus in the background until it is closed. */
export class ContinuousBusTap {
  /** Sessions by `Gate@id/<session id>`, the most recent last. */
  private readonly heard = new RecentMap<string, HeardSession>(maxSessions);
  private messages = 0;
  private bytes = 0;
  private bus: Promise<Bus> | undefined;

  constructor(
    private readonly parts: TimedTapDeps,
    private readonly now: () => number,
  ) {}

  /** Resolves once the tap is listening. Rejects with PermissionError if NATS does not permit the subscription. */
  async start(): Promise<void> {
    this.bus ??= this.open();
    await this.bus;
  }

  sessions(): readonly HeardSession[] {
    return [...this.heard.values()];
  }

  forget(gate: string, id: string): void {
    this.heard.delete(`${gate}/${id}`);
  }

  cost(): TapTraffic {
    return {messages: this.messages, bytes: this.bytes, sessions: this.heard.size};
  }

  async close(): Promise<void> {
    const bus = await this.bus?.catch(() => undefined); // undefined if it failed to open
    await bus?.close();
  }

  private async open(): Promise<Bus> {
    const {openTap, inboxPrefix} = this.parts;
    const bus = await openTap();
    const own = inboxPrefix === undefined ? [] : [`${inboxPrefix}.>`];
    const hear = ({data}: {readonly data: Uint8Array}): void => this.hear(data);
    try {
      await listenToBus(bus, tappedSubjects([], own), {hear, onOptionalDenied: () => {}, onDenied: () => {}});
    } catch (error) {
      await bus.close();
      throw error;
    }
    return bus;
  }

  /**
   * Records the sessions in a message. A result may be the reply to one of our own lookups, so it only counts if the
   * session or its uid is new.
   */
  private hear(data: Uint8Array): void {
    this.messages += 1;
    this.bytes += data.length;
    const isCall = envelopeKind(data) === 'call';
    for (const identity of sessionsInMessage(data)) {
      const key = `${identity.gate}/${identity.id}`;
      const before = this.heard.get(key);
      if (before !== undefined && !isCall && before.uid === identity.uid) continue;
      this.heard.set(key, {...identity, at: this.now()});
    }
  }
}
