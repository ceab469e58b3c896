import type {DeliveryOutcome} from '../../session/gate-api.js';

/** Highest packet id, and so the most messages in flight. */
export const maxPacketId = 65_535;

/** A QoS 1 message on its way to one client. */
export interface Outgoing {
  /** Length of the body in bytes. */
  readonly bytes: number;
  /** Writes the PUBLISH. Throws if the client can't receive it. */
  readonly write: (packetId: number) => void;
  /** Called once, unless the message was abandoned. */
  readonly settle: (delivery: DeliveryOutcome) => void;
}

interface InFlightOptions {
  /** Messages that the client may have unacknowledged. */
  readonly window: number;
  /** Bodies that may wait for a place in the window, in bytes. */
  readonly maxWaitingBytes: number;
}

/** Memory of a waiting message besides its body, in bytes. */
const waitingCost = 256;

/**
 * QoS 1 messages of one connection. A message is sent once and never repeated: MQTT allows that only on a reconnect to
 * the same session [MQTT-4.4.0-1], and here no session outlives its connection. Its packet id stays in use until the
 * PUBACK, even if no caller waits for it any more [MQTT-2.3.1-4, MQTT5 2.2.1-4].
 */
export class InFlight {
  /** Undefined for an abandoned message. */
  private readonly sent = new Map<number, Outgoing | undefined>();
  private readonly waiting = new Set<Outgoing>();
  private waitingBytes = 0;
  private lastId = 0;

  constructor(private readonly options: InFlightOptions) {}

  /** Sends the message, or queues it until there is a place in the window. */
  push(outgoing: Outgoing): void {
    const {window, maxWaitingBytes} = this.options;
    if (this.sent.size < window) return this.send(outgoing);
    const bytes = this.waitingBytes + outgoing.bytes + waitingCost;
    if (bytes > maxWaitingBytes)
      return outgoing.settle({state: 'unsent', detail: 'too many messages wait for the client'});
    this.waitingBytes = bytes;
    this.waiting.add(outgoing);
  }

  /** Whether a message with this id was sent and not acknowledged. */
  has(packetId: number): boolean {
    return this.sent.has(packetId);
  }

  /** Handles a PUBACK. One for an unknown packet id is ignored. `reasonCode` is of MQTT 5. */
  acknowledge(packetId: number, reasonCode: number): void {
    const outgoing = this.sent.get(packetId);
    if (!this.sent.delete(packetId)) return;
    outgoing?.settle(
      reasonCode < 0x80
        ? {state: 'acknowledged'}
        : {state: 'refused', detail: `the client answered with reason code 0x${reasonCode.toString(16)}`},
    );
    const [next] = this.waiting;
    if (next !== undefined) {
      this.unqueue(next);
      this.send(next);
    }
  }

  /** Ends the wait for a message. It is not sent any more, or its PUBACK is not waited for. */
  abandon(outgoing: Outgoing): DeliveryOutcome {
    const {window} = this.options;
    if (this.unqueue(outgoing))
      return {
        state: 'unsent',
        detail: `${window} earlier ${window === 1 ? 'message is' : 'messages are'} not acknowledged`,
      };
    for (const [packetId, one] of this.sent) if (one === outgoing) this.sent.set(packetId, undefined);
    return {state: 'unacknowledged', detail: 'no PUBACK in time'};
  }

  /** Settles all messages, because the connection is closed. */
  close(): void {
    const sent = [...this.sent.values()];
    const waiting = [...this.waiting];
    this.sent.clear();
    this.waiting.clear();
    for (const outgoing of sent)
      outgoing?.settle({state: 'unacknowledged', detail: 'the client disconnected before its PUBACK'});
    for (const outgoing of waiting) outgoing.settle({state: 'unsent', detail: 'the client disconnected'});
  }

  private send(outgoing: Outgoing): void {
    const packetId = this.freeId();
    try {
      outgoing.write(packetId);
      this.sent.set(packetId, outgoing);
    } catch (error) {
      outgoing.settle(unsent(error));
    }
  }

  private unqueue(outgoing: Outgoing): boolean {
    if (!this.waiting.delete(outgoing)) return false;
    this.waitingBytes -= outgoing.bytes + waitingCost;
    return true;
  }

  private freeId(): number {
    do this.lastId = this.lastId === maxPacketId ? 1 : this.lastId + 1;
    while (this.sent.has(this.lastId));
    return this.lastId;
  }
}

export const unsent = (error: unknown): DeliveryOutcome => ({
  state: 'unsent',
  detail: error instanceof Error ? error.message : String(error),
});
