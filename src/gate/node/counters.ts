/** Totals since the gate's start. */
export class GateCounters {
  connects = 0;
  disconnects = 0;
  /** Connections turned away by a limit of their address or their proxy, and refused sign-ins. */
  refused = 0;
  /** MQTT packets with a body from and to clients. */
  received = 0;
  sent = 0;
}
