import type {GatectlError} from '../base/errors.js';

/** A received message. Unless it is `owned`, `data` is valid only until the handler returns: copy it to keep it. */
export interface BusMessage {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly data: Uint8Array;
  /** True for NATS's reply to a publish without subscribers (status 503). */
  readonly noResponders: boolean;
  /** The handler may keep `data`. */
  readonly owned?: boolean | undefined;
}

export interface BusSubscription {
  unsubscribe(): void;
}

/** `refused`: still disconnected because a server rejected the sign-in; reported once per outage. */
export type BusStatus = 'connected' | 'disconnected' | 'refused' | 'reconnected' | 'closed';

/**
 * The NATS features that gatectl uses. Only implementations of this interface import the `nats` package.
 * The package's errors never pass it: connecting rejects with UnreachableError, PermissionError or UsageError.
 */
export interface Bus {
  /** The server's self-description; empty when it sent none. */
  readonly serverVersion: string;
  /** True when the connection is encrypted. */
  readonly isEncrypted: boolean;
  /** Largest message that the server accepts, in bytes. */
  readonly maxPayloadBytes: number;
  /** The server's URL without credentials, for messages. */
  readonly server: string;
  readonly connected: boolean;
  /** Reason why the connection closed without `close`; undefined while it is open and after `close`. */
  readonly failure: GatectlError | undefined;
  /** Returns a unique subject under this connection's inbox prefix. */
  newInbox(): string;
  /**
   * Publishes a message. Throws UsageError above maxPayloadBytes, and UnreachableError while disconnected.
   * With `lent`, the caller overwrites the bytes after the call returns.
   */
  publish(subject: string, data: Uint8Array, reply?: string, lent?: boolean): void;
  /** `onDenied` is called when the server refuses the subscription for lack of permission. */
  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options?: {readonly queue?: string | undefined; readonly onDenied?: ((error: Error) => void) | undefined},
  ): BusSubscription;
  /** Resolves when the server has processed everything sent before. */
  flush(): Promise<void>;
  /** Calls back on every connection change; the returned function unsubscribes. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /** Calls back with each subject that the server does not allow us to publish or subscribe to. */
  onDenied(
    listener: (denial: {readonly operation: 'publish' | 'subscribe'; readonly subject: string}) => void,
  ): () => void;
  /** Drains and closes the connection. Repeated calls are harmless. */
  close(): Promise<void>;
}
