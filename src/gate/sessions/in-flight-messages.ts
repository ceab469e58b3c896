import type {DeliveryOutcome} from '../../session/gate-api.js';

/** Highest packet id, and so the maximum number of messages in flight. */
export const maxPacketId = 65_535;

/** A QoS 1 message to one client. */
export interface UnacknowledgedMessage {
  /** Length of the body in bytes. */
  readonly bytes: number;
  /** Writes the PUBLISH. Throws if the client can't receive it. */
  readonly write: (packetId: number) => void;
  /** Called once with the result, unless the message is abandoned. */
  readonly settle: (delivery: DeliveryOutcome) => void;
}

interface InFlightOptions {
  /** Maximum number of messages that the client may leave unacknowledged. */
  readonly window: number;
  /** Maximum size of the bodies that wait for the window, in bytes. */
  readonly maxWaitingBytes: number;
}

/** Memory of a waiting message in addition to its body, in bytes. */
const waitingCost = 256;

/**
 * The QoS 1 messages of one connection. A message is sent once and never repeated. A reconnect to the same session
 * would require that [MQTT-4.4.0-1], and MQTT 5 allows it only then; here no session outlives its connection. The
 * packet id stays in use until the PUBACK, even if no caller waits for it any more [MQTT-2.3.1-4, MQTT5 2.2.1-4].
 */
export class InFlightMessages {
  /** By packet id; undefined for an abandoned message. */
  private readonly sent = new Map<number, UnacknowledgedMessage | undefined>();
  private readonly waiting = new Set<UnacknowledgedMessage>();
  private waitingBytes = 0;
  private lastId = 0;

  constructor(private readonly options: InFlightOptions) {}

  /** Sends a message, or queues it until the window has room. */
  push(outgoing: UnacknowledgedMessage): void {
    const {window, maxWaitingBytes} = this.options;
    if (this.sent.size < window) return this.send(outgoing);
    const bytes = this.waitingBytes + outgoing.bytes + waitingCost;
    if (bytes > maxWaitingBytes)
      return outgoing.settle({state: 'unsent', detail: 'too many messages wait for the client'});
    this.waitingBytes = bytes;
    this.waiting.add(outgoing);
  }

  /** Returns true if a message with this id was sent and has not been acknowledged. */
  has(packetId: number): boolean {
    return this.sent.has(packetId);
  }

  /** Handles a PUBACK; ignores it if the packet id is unknown. `reasonCode` is that of MQTT 5. */
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

  /** Stops waiting for a message and returns its result. A queued message will not be sent. */
  abandon(outgoing: UnacknowledgedMessage): DeliveryOutcome {
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

  private send(outgoing: UnacknowledgedMessage): void {
    const packetId = this.freeId();
    try {
      outgoing.write(packetId);
      this.sent.set(packetId, outgoing);
    } catch (error) {
      outgoing.settle(unsentOutcome(error));
    }
  }

  private unqueue(outgoing: UnacknowledgedMessage): boolean {
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

export const unsentOutcome = (error: unknown): DeliveryOutcome => ({
  state: 'unsent',
  detail: error instanceof Error ? error.message : String(error),
});
