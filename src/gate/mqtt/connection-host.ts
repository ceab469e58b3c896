import type {Admission, ConnectingClient} from '../admission/admission.js';
import type {GateLimits} from '../node/gate-options.js';
import type {LiveSession, SessionConnection} from '../sessions/live-session.js';
import type {ClientMessage} from './client-message.js';
import type {ConnectRefusal} from './connect-rules.js';
import type {ProtocolVersion} from './protocol-version.js';

/** The gate, as far as a connection needs it. */
export interface ConnectionHost {
  readonly limits: GateLimits;
  now(): number;
  /** Decides whether a client may connect. Never rejects. `isGone` returns true if the client has left meanwhile. */
  authenticate(client: ConnectingClient, isGone: () => boolean): Admission | Promise<Admission>;
  /** Creates and registers the session. Returns a ConnectRefusal if the gate does not accept it. */
  admit(
    connection: SessionConnection,
    client: ConnectingClient,
    admission: Admission,
  ): LiveSession | ConnectRefusal;
  /** Counts a client that was refused with a CONNACK. */
  turnedAway(why: ConnectRefusal): void;
  /** Binds an admitted session. Resolves with false if the user has too many sessions. */
  bind(live: LiveSession, userId: string): Promise<boolean>;
  admitted(live: LiveSession): void;
  /** Logs an error of the gate itself while a client connected. Returns why its connection is closed. */
  failed(error: unknown): string;
  message(live: LiveSession, message: ClientMessage): void;
  /** Returns true if a client with this will may connect. */
  acceptsWill(topic: string, version: ProtocolVersion): boolean;
  /** Publishes the will. Called after `closed`, unless the client sent a DISCONNECT that discards the will. */
  will(live: LiveSession, will: ClientMessage): void;
  active(live: LiveSession): void;
  /**
   * Called once per connection. Removes its session, if any, before it returns. `atFault` is true if the client broke
   * a rule or was refused. `why` contains no text from the client.
   */
  closed(connection: SessionConnection, live: LiveSession | undefined, why: string, atFault: boolean): void;
}
