import type {Secret} from './sign-in.js';

export interface BusOptions {
  /** `nats://host:4222`, several separated by commas. Each URL's userinfo signs in to that server. */
  readonly server: string;
  /** Deadline for connecting, including servers that accept and stay silent. */
  readonly timeoutMs: number;
  /**
   * Reconnects whenever the connection is lost, also after refused sign-ins, until `giveUpAfterMs` if given. The first
   * connection always fails at once, since a server that never accepted the sign-in is probably the wrong one.
   */
  readonly reconnect: boolean;
  /** Closes a reconnecting connection that was down for this long; `Bus.failure` holds the reason. */
  readonly giveUpAfterMs?: number | undefined;
  /** Receives a line for the operator when a reconnecting connection is lost, refused or restored. */
  readonly notice?: ((line: string) => void) | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  /** Path of a credentials file, read at each sign-in. */
  readonly creds?: string | undefined;
  /** Path of a file with an nkey seed, read at each sign-in. */
  readonly nkey?: string | undefined;
  /** A user's JWT; its seed is in `seed`. */
  readonly jwt?: Secret | undefined;
  /** Seed of the JWT's user, or of an nkey. */
  readonly seed?: Secret | undefined;
  readonly tls?: BusTls | undefined;
  readonly inboxPrefix?: string | undefined;
  readonly pingIntervalMs?: number | undefined;
  /** JetStream domain and API prefix; the prefix wins. */
  readonly jsDomain?: string | undefined;
  readonly jsApiPrefix?: string | undefined;
  /** True when JetStream is needed. */
  readonly jetStream?: boolean | undefined;
}

/** Paths of PEM files. */
export interface BusTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Start TLS before the server's INFO. */
  readonly first?: boolean | undefined;
}
