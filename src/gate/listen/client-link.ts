import type {ClientCertificate} from './listener-certificates.js';

/** Events of a client's connection. */
export interface ClientLinkEvents {
  received(bytes: Uint8Array): void;
  /** Called once, as the last event. */
  hungUp(): void;
}

/** A client's connection, over TCP or WebSocket. */
export interface ClientLink {
  readonly network: 'tcp' | 'websocket';
  /** The client's address in mqant's form: `ip:port` for TCP, the address alone for WebSocket. */
  readonly ip: string;
  readonly userAgent: string | undefined;
  /** The client's certificate, if it sent one signed by a configured authority. */
  readonly certificate: ClientCertificate | undefined;
  /** Number of bytes waiting to be sent. */
  readonly queuedBytes: number;
  listen(events: ClientLinkEvents): void;
  /** Stops reading. TCP then slows the client down. */
  pause(): void;
  resume(): void;
  write(bytes: Uint8Array): void;
  /** Sends what is queued, then closes; destroys the connection after `closeGraceMs`. */
  end(): void;
  /** Closes the connection immediately. Queued bytes are lost. */
  destroy(): void;
}

/** How long a client may take to read its last bytes after the gate has closed the connection. */
export const closeGraceMs = 1_000;
