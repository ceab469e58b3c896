import type {ClientCertificate} from './tls.js';

/** What comes from one client's side of the wire. */
export interface LinkEvents {
  received(bytes: Uint8Array): void;
  /** Once; nothing comes after it. */
  hungUp(): void;
}

/** One client's side of the wire. TCP and WebSocket both end here. */
export interface ClientLink {
  readonly network: 'tcp' | 'websocket';
  /** As mqant shows it: `ip:port` on TCP, the bare address on WebSocket. */
  readonly ip: string;
  readonly userAgent: string | undefined;
  /** Of a client that showed one which a configured authority signed. */
  readonly certificate: ClientCertificate | undefined;
  /** Bytes that wait to be sent. */
  readonly queuedBytes: number;
  listen(events: LinkEvents): void;
  /** While it is paused nothing is read from the client, so that TCP slows it down. */
  pause(): void;
  resume(): void;
  write(bytes: Uint8Array): void;
  /** Sends what waits, then closes; cuts it off after a short time. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** How long a client may take to read its last bytes after the gate has closed. */
export const closeGraceMs = 1_000;
