/** Limits per client. Sizes are in bytes, times in milliseconds. */
export interface BusLimits {
  /** Maximum length of a protocol line, without its payload. */
  readonly maxControlLineBytes: number;
  /** Maximum size of a message's headers and body together. */
  readonly maxPayloadBytes: number;
  /** Maximum number of bytes queued for a client. A client that exceeds it is disconnected as a slow consumer. */
  readonly maxPendingBytes: number;
  /** Maximum duration of one pause of a publisher for a slow consumer. */
  readonly maxPauseMs: number;
  readonly maxSubscriptions: number;
  /** Interval of pings. A client is disconnected if the last two are unanswered. */
  readonly pingIntervalMs: number;
}

export const defaultBusLimits: BusLimits = {
  maxControlLineBytes: 4096,
  maxPayloadBytes: 1024 * 1024,
  maxPendingBytes: 64 * 1024 * 1024,
  maxPauseMs: 10,
  maxSubscriptions: 100_000,
  pingIntervalMs: 30_000,
};
