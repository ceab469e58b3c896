import type {GatectlError} from '../base/errors.js';

/** A received message. Unless it is `owned`, `data` is valid only until the handler returns: copy it to keep it. */
export interface BusMessage {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly data: Uint8Array;
  /** True for NATS's status message for a request without subscribers (503). */
  readonly noResponders: boolean;
  /** True if the handler may keep `data`. */
  readonly owned?: boolean | undefined;
}

export interface BusSubscription {
  unsubscribe(): void;
}

/** `refused`: still disconnected because a server rejected the credentials. Reported once per outage. */
export type BusStatus = 'connected' | 'disconnected' | 'refused' | 'reconnected' | 'closed';

/**
 * The NATS features that gatectl uses. Only implementations of this interface import the `nats` package, and its
 * errors never leave them: connecting rejects with UnreachableError, PermissionError or UsageError.
 */
export interface Bus {
  /** Version that the server reports; empty if it reports none. */
  readonly serverVersion: string;
  /** True when the connection is encrypted. */
  readonly isEncrypted: boolean;
  /** Largest message that the server accepts, in bytes. */
  readonly maxPayloadBytes: number;
  /** The server's URL without credentials, for messages. */
  readonly server: string;
  readonly connected: boolean;
  /** Why the connection closed without a call of `close`; undefined while it is open, and after `close`. */
  readonly failure: GatectlError | undefined;
  /** Returns a unique subject under this connection's inbox prefix. */
  newInbox(): string;
  /**
   * Publishes a message. Throws UsageError above maxPayloadBytes, and UnreachableError while disconnected. Set `lent`
   * if the bytes are overwritten after this returns.
   */
  publish(subject: string, data: Uint8Array, reply?: string, lent?: boolean): void;
  /** Subscribes to a subject. Calls `onDenied` if the server denies permission. */
  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options?: {readonly queue?: string | undefined; readonly onDenied?: ((error: Error) => void) | undefined},
  ): BusSubscription;
  /** Resolves when the server has processed everything sent so far. */
  flush(): Promise<void>;
  /** Calls the listener on every connection change. Returns a function that removes it. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /** Calls the listener for each denied publish or subscription. Returns a function that removes it. */
  onDenied(
    listener: (denial: {readonly operation: 'publish' | 'subscribe'; readonly subject: string}) => void,
  ): () => void;
  /** Drains and closes the connection. May be called repeatedly. */
  close(): Promise<void>;
}
