import type {LimitHits, LimitName} from '../../session/gate-admission.js';

/** Totals since the gate started. */
export class GateCounters {
  connects = 0;
  disconnects = 0;
  /** Connections refused because of address limits or proxies, and failed authentications. */
  refused = 0;
  /** Number of PUBLISH packets from and to clients. */
  received = 0;
  sent = 0;
  readonly limitHits: Partial<Record<LimitName, LimitHits>> = {};

  /** Counts that a limit was reached. `now` is Unix milliseconds. */
  hit(limit: LimitName, now: number): void {
    this.limitHits[limit] = {count: (this.limitHits[limit]?.count ?? 0) + 1, lastAt: now};
  }
}
