import type {GatectlError} from '../base/errors.js';

/** A message as it came from the bus. Where it is not `owned`, `data` is only valid until the handler returns: copy what you keep. */
export interface BusMessage {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly data: Uint8Array;
  /** True for NATS's answer to a publish that nobody listened to (status 503). */
  readonly noResponders: boolean;
  /** `data` is the handler's to keep. */
  readonly owned?: boolean | undefined;
}

export interface BusSubscription {
  unsubscribe(): void;
}

/** `refused`: still disconnected, because a server did not accept the sign-in; told once in an outage. */
export type BusStatus = 'connected' | 'disconnected' | 'refused' | 'reconnected' | 'closed';

/**
 * The little of NATS that gatectl stands on; the `nats` package is named behind it and nowhere else.
 * Foreign errors never cross it: connecting rejects with UnreachableError, PermissionError or UsageError.
 */
export interface Bus {
  /** What the server says of itself; empty where it did not. */
  readonly serverVersion: string;
  /** Whether nobody on the way can read what is said. */
  readonly isEncrypted: boolean;
  /** Largest message in bytes that the server takes. */
  readonly maxPayloadBytes: number;
  /** The server's URL without credentials, for messages. */
  readonly server: string;
  readonly connected: boolean;
  /** Why the connection closed by itself; undefined while it is open, and after `close`. */
  readonly failure: GatectlError | undefined;
  /** A subject under this connection's inbox prefix that nobody else has. */
  newInbox(): string;
  /**
   * Refused with CallError-free UsageError when over maxPayloadBytes; throws UnreachableError while disconnected.
   * `lent` bytes will be written over once it has returned.
   */
  publish(subject: string, data: Uint8Array, reply?: string, lent?: boolean): void;
  /** `onDenied` hears that the server refused the subscription (permissions). */
  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options?: {readonly queue?: string | undefined; readonly onDenied?: ((error: Error) => void) | undefined},
  ): BusSubscription;
  /** Resolves when the server has seen all that was sent before. */
  flush(): Promise<void>;
  /** Calls back on every change of the connection; the returned function stops it. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /** Calls back with each subject that the server refused to let us publish or subscribe to. */
  onDenied(
    listener: (denial: {readonly operation: 'publish' | 'subscribe'; readonly subject: string}) => void,
  ): () => void;
  /** Drains, then closes. Safe to call twice. */
  close(): Promise<void>;
}
