/** Totals of a gate since its start. */
export class GateCounters {
  connects = 0;
  disconnects = 0;
  /** MQTT packets with a body from and to clients. */
  received = 0;
  sent = 0;
}
