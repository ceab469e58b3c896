import type {Secret} from './credentials.js';

export interface BusOptions {
  /** `nats://host:4222`, or several URLs separated by commas. User and password in a URL are used for that server. */
  readonly server: string;
  /** Timeout for connecting, also to servers that accept the connection but send nothing. */
  readonly timeoutMs: number;
  /**
   * Reconnects whenever the connection is lost, even after refused credentials, until `giveUpAfterMs` if it is set.
   * The first connection attempt is not retried: a server that never accepted the credentials is probably the wrong
   * one.
   */
  readonly reconnect: boolean;
  /** Closes the connection for good when it has been down for this long. `Bus.failure` then holds the reason. */
  readonly giveUpAfterMs?: number | undefined;
  /** Called with a message for the operator when a connection is lost, refused or restored. */
  readonly notice?: ((line: string) => void) | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  /** Path of a credentials file, read at each connection attempt. */
  readonly creds?: string | undefined;
  /** Path of a file with an nkey seed, read at each connection attempt. */
  readonly nkey?: string | undefined;
  /** JWT of a user. The user's seed is in `seed`. */
  readonly jwt?: Secret | undefined;
  /** Seed of the JWT's user, or an nkey seed. */
  readonly seed?: Secret | undefined;
  readonly tls?: BusTls | undefined;
  readonly inboxPrefix?: string | undefined;
  readonly pingIntervalMs?: number | undefined;
  /** JetStream domain, and JetStream API prefix, which takes precedence. */
  readonly jsDomain?: string | undefined;
  readonly jsApiPrefix?: string | undefined;
  /** True if JetStream is needed. */
  readonly jetStream?: boolean | undefined;
}

/** Paths of PEM files. */
export interface BusTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Starts TLS before the server's INFO. */
  readonly first?: boolean | undefined;
}
