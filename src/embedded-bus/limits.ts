/** What one client may ask of the bus; sizes in bytes, times in milliseconds. */
export interface BusLimits {
  /** A protocol line without its payload. */
  readonly maxControlLineBytes: number;
  /** Headers and body of one message together. */
  readonly maxPayloadBytes: number;
  /** Sent to a client and not yet taken by it: more, and it is cut off so that it holds nobody up. */
  readonly maxPendingBytes: number;
  /** How long a publisher waits at a time for a consumer that has fallen behind. */
  readonly maxStallMs: number;
  readonly maxSubscriptions: number;
  /** Two unanswered pings and the client is taken for dead. */
  readonly pingIntervalMs: number;
}

export const defaultBusLimits: BusLimits = {
  maxControlLineBytes: 4096,
  maxPayloadBytes: 1024 * 1024,
  maxPendingBytes: 64 * 1024 * 1024,
  maxStallMs: 10,
  maxSubscriptions: 100_000,
  pingIntervalMs: 30_000,
};
