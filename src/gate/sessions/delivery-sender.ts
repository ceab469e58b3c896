import {checkTopic} from '../../bus/rpc/message-check.js';
import type {DeliveryOutcome} from '../../session/gate-api.js';
import type {GateLimits} from '../node/gate-options.js';
import {
  InFlightMessages,
  maxPacketId,
  type UnacknowledgedMessage,
  unsentOutcome,
} from './in-flight-messages.js';
import type {LiveSession} from './live-session.js';
import type {PushSender} from './push-sender.js';

interface DeliveriesOptions {
  readonly pushes: PushSender;
  readonly limits: Pick<GateLimits, 'unacknowledgedPerClient' | 'queueBytes'>;
}

interface Message {
  readonly topic: string;
  readonly body: Uint8Array;
  readonly waitMs: number;
}

/** Sends messages with QoS 1, and reports which clients acknowledged them. */
export class DeliverySender {
  constructor(private readonly options: DeliveriesOptions) {}

  /**
   * Sends a message with QoS 1. Resolves when all clients have acknowledged it, or after `waitMs`. Rejects with
   * UsageError for an invalid topic.
   */
  async deliver(
    lives: readonly (LiveSession | undefined)[],
    message: Message,
  ): Promise<readonly DeliveryOutcome[]> {
    checkTopic(message.topic);
    const open = new Map<UnacknowledgedMessage, () => void>();
    const deliveries = lives.map((live) => (live === undefined ? gone : this.deliverTo(live, message, open)));
    const timer = setTimeout(() => {
      for (const abandon of open.values()) abandon();
    }, message.waitMs);
    try {
      return await Promise.all(deliveries);
    } finally {
      clearTimeout(timer);
    }
  }

  private deliverTo(
    live: LiveSession,
    {topic, body}: Message,
    open: Map<UnacknowledgedMessage, () => void>,
  ): Promise<DeliveryOutcome> {
    const {pushes} = this.options;
    if (live.connection.pushQos(topic) === 0) return Promise.resolve(this.sendUnconfirmed(live, topic, body));
    const inFlight = this.inFlightOf(live);
    return new Promise((resolve) => {
      const outgoing: UnacknowledgedMessage = {
        bytes: body.length,
        write: (packetId) => pushes.send(live, topic, body, {packetId}),
        settle: (delivery) => {
          open.delete(outgoing);
          resolve(delivery);
        },
      };
      open.set(outgoing, () => outgoing.settle(inFlight.abandon(outgoing)));
      inFlight.push(outgoing);
    });
  }

  /** Sends with QoS 0, because a subscription with QoS 0 allows no other QoS [MQTT-3.8.4-6, MQTT5 3.8.4-8]. */
  private sendUnconfirmed(live: LiveSession, topic: string, body: Uint8Array): DeliveryOutcome {
    try {
      this.options.pushes.send(live, topic, body);
      return {state: 'unacknowledged', detail: 'sent with QoS 0, because the client subscribed with QoS 0'};
    } catch (error) {
      return unsentOutcome(error);
    }
  }

  private inFlightOf(live: LiveSession): InFlightMessages {
    const {unacknowledgedPerClient, queueBytes} = this.options.limits;
    live.inFlight ??= new InFlightMessages({
      window: Math.min(live.connection.receiveMaximum, unacknowledgedPerClient, maxPacketId),
      maxWaitingBytes: queueBytes,
    });
    return live.inFlight;
  }
}

const gone: DeliveryOutcome = {state: 'gone'};
