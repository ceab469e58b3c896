import type {ClientCertificate} from './tls.js';

/** Events of a client's connection. */
export interface LinkEvents {
  received(bytes: Uint8Array): void;
  /** Called once, and last. */
  hungUp(): void;
}

/** A client's connection on TCP or WebSocket. */
export interface ClientLink {
  readonly network: 'tcp' | 'websocket';
  /** In mqant's form: `ip:port` on TCP, the address alone on WebSocket. */
  readonly ip: string;
  readonly userAgent: string | undefined;
  /** The client's certificate, if it showed one signed by a configured authority. */
  readonly certificate: ClientCertificate | undefined;
  /** Bytes waiting to be sent. */
  readonly queuedBytes: number;
  listen(events: LinkEvents): void;
  /** Stops reading, so that TCP slows the client down. */
  pause(): void;
  resume(): void;
  write(bytes: Uint8Array): void;
  /** Flushes the queue, then closes; destroys the connection after `closeGraceMs`. */
  end(): void;
  /** Closes the connection at once; queued bytes are lost. */
  destroy(): void;
}

/** How long a client may take to read its last bytes after the gate has closed. */
export const closeGraceMs = 1_000;
