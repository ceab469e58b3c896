import type {Admission, ConnectingClient} from '../admission/admission.js';
import type {GateLimits} from '../node/gate-options.js';
import type {LiveSession, SessionConnection} from '../sessions/live-session.js';
import type {ClientMessage} from './client-message.js';
import type {Refusal} from './connect-rules.js';
import type {ProtocolVersion} from './protocol-version.js';

/** The gate as a connection uses it. */
export interface ConnectionHost {
  readonly limits: GateLimits;
  now(): number;
  /** Never rejects. `isGone` reports whether the client has left meanwhile. */
  authenticate(client: ConnectingClient, isGone: () => boolean): Admission | Promise<Admission>;
  /** Creates and registers the session, or returns why the gate takes none. */
  admit(connection: SessionConnection, client: ConnectingClient, admission: Admission): LiveSession | Refusal;
  /** Counts a client refused by a CONNACK. */
  turnedAway(why: Refusal): void;
  /** Binds an admitted session. Returns false when the user has too many sessions. */
  bind(live: LiveSession, userId: string): Promise<boolean>;
  admitted(live: LiveSession): void;
  message(live: LiveSession, message: ClientMessage): void;
  /** Whether a client with this will may connect. */
  acceptsWill(topic: string, version: ProtocolVersion): boolean;
  /** Called after `closed`, unless the client said goodbye. */
  will(live: LiveSession, will: ClientMessage): void;
  active(live: LiveSession): void;
  /**
   * Called once per connection. Removes its session, if any, before it returns. `atFault` is true if the
   * client broke a rule or was refused; `why` contains no text from the client.
   */
  closed(connection: SessionConnection, live: LiveSession | undefined, why: string, atFault: boolean): void;
}
