/** Totals since the gate's start. */
export class GateCounters {
  connects = 0;
  disconnects = 0;
  /** Connections refused because of address limits or proxies, and refused sign-ins. */
  refused = 0;
  /** PUBLISH packets from and to clients. */
  received = 0;
  sent = 0;
}
