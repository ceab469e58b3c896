/** Limits per client. Sizes are in bytes, times in milliseconds. */
export interface BusLimits {
  /** Longest protocol line, without its payload. */
  readonly maxControlLineBytes: number;
  /** Headers and body of one message together. */
  readonly maxPayloadBytes: number;
  /** Highest number of bytes queued for a client. A slower consumer is disconnected. */
  readonly maxPendingBytes: number;
  /** How long a publisher is paused at a time for a slow consumer. */
  readonly maxPauseMs: number;
  readonly maxSubscriptions: number;
  /** A client is disconnected if the last two pings are unanswered. */
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
