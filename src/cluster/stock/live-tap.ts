import {RecentMap} from '../../base/recent-map.js';
import type {Bus} from '../../bus/bus.js';
import {envelopeKind} from '../../bus/rpc/envelope-kind.js';
import type {SessionIdentity} from '../../session/session-identity.js';
import {listenToBus, tappedSubjects} from '../trace/listen.js';
import {sessionsIn, type TapParts} from './tap-sessions.js';

/** Work of a tap since it began. */
export interface TapCost {
  readonly messages: number;
  readonly bytes: number;
  /** Sessions that were heard of. */
  readonly sessions: number;
}

interface HeardSession extends SessionIdentity {
  /** When a client's request carried it, or its uid changed, in milliseconds. */
  readonly at: number;
}

const maxSessions = 20_000;

/** Listens to the bus in the background until it is closed. */
export class LiveTap {
  /** Sessions by `Gate@id/<session id>`, the last heard at the end. */
  private readonly heard = new RecentMap<string, HeardSession>(maxSessions);
  private messages = 0;
  private bytes = 0;
  private bus: Promise<Bus> | undefined;

  constructor(
    private readonly parts: TapParts,
    private readonly now: () => number,
  ) {}

  /** Resolves when the tap hears. Rejects with PermissionError when NATS does not permit to listen. */
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

  cost(): TapCost {
    return {messages: this.messages, bytes: this.bytes, sessions: this.heard.size};
  }

  async close(): Promise<void> {
    const bus = await this.bus?.catch(() => undefined); // it failed to open
    await bus?.close();
  }

  private async open(): Promise<Bus> {
    const {openTap, inboxPrefix} = this.parts;
    const bus = await openTap();
    const own = inboxPrefix === undefined ? [] : [`${inboxPrefix}.>`];
    const hear = ({data}: {readonly data: Uint8Array}): void => this.hear(data);
    try {
      await listenToBus(bus, tappedSubjects([], own), {hear, onUnheard: () => {}, onDenied: () => {}});
    } catch (error) {
      await bus.close();
      throw error;
    }
    return bus;
  }

  /** A result may be the reply to a confirmation of our own, so it is news only if the session or uid is. */
  private hear(data: Uint8Array): void {
    this.messages += 1;
    this.bytes += data.length;
    const isCall = envelopeKind(data) === 'call';
    for (const identity of sessionsIn(data)) {
      const key = `${identity.gate}/${identity.id}`;
      const before = this.heard.get(key);
      if (before !== undefined && !isCall && before.uid === identity.uid) continue;
      this.heard.set(key, {...identity, at: this.now()});
    }
  }
}
