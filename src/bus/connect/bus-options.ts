import type {Secret} from './sign-in.js';

export interface BusOptions {
  /** `nats://host:4222`, several separated by commas. Each URL's userinfo signs in to that server. */
  readonly server: string;
  /** Deadline for the whole of connecting, a server that accepts and never speaks included. */
  readonly timeoutMs: number;
  /**
   * Reconnects whenever the connection is lost, also after refused sign-ins, for ever or until `giveUpAfterMs`. The first
   * connection fails at once either way: a server that never let us in is probably the wrong one.
   */
  readonly reconnect: boolean;
  /** Closes a reconnecting connection that has been down for so long; `Bus.failure` says why. */
  readonly giveUpAfterMs?: number | undefined;
  /** Called with a line for people when a reconnecting connection is lost, refused, and back. */
  readonly notice?: ((line: string) => void) | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  /** Path of a credentials file, read at each sign-in. */
  readonly creds?: string | undefined;
  /** Path of a file with an nkey seed, read at each sign-in. */
  readonly nkey?: string | undefined;
  /** A user's JWT, whose seed is in `seed`. */
  readonly jwt?: Secret | undefined;
  /** Seed of the JWT's user, or of an nkey. */
  readonly seed?: Secret | undefined;
  readonly tls?: BusTls | undefined;
  readonly inboxPrefix?: string | undefined;
  readonly pingIntervalMs?: number | undefined;
  /** JetStream domain, and the subject prefix of its API, which wins. */
  readonly jsDomain?: string | undefined;
  readonly jsApiPrefix?: string | undefined;
  /** JetStream will be asked for too. */
  readonly jetStream?: boolean | undefined;
}

/** Paths of PEM files. */
export interface BusTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** TLS before the server's greeting. */
  readonly first?: boolean | undefined;
}
