import type {TapTraffic} from '../../../cluster/cluster.js';

export interface TapRate {
  /** The totals at the time when the rates were calculated. */
  readonly total: TapTraffic;
  readonly at: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

const tapRateEveryMs = 5000;

/** Returns the rates over the last few seconds. The first rates are 0. */
export function tapRate(before: TapRate | undefined, total: TapTraffic, at: number): TapRate {
  if (before === undefined) return {total, at, messagesPerSecond: 0, bytesPerSecond: 0};
  const seconds = (at - before.at) / 1000;
  if (seconds * 1000 < tapRateEveryMs) return before;
  return {
    ...{total, at},
    messagesPerSecond: (total.messages - before.total.messages) / seconds,
    bytesPerSecond: (total.bytes - before.total.bytes) / seconds,
  };
}
