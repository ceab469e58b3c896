/** A client's topic filter, and the QoS that the gate granted. */
export interface TopicSubscription {
  readonly filter: string;
  readonly qos: number;
}

/**
 * State of a session's connection. Members that the gate does not know are absent. Times are Unix milliseconds by the
 * gate's clock.
 */
export interface ConnectionState {
  /** Bytes that wait in the gate because the client's connection takes no more; without the system's socket buffers. */
  readonly waitingBytes?: number | undefined;
  /** MQTT packets that wait, including a packet of which a part has left. */
  readonly waitingPackets?: number | undefined;
  /** When the gate wrote the oldest waiting packet; absent when none waits. */
  readonly oldestWaitingAt?: number | undefined;
  /** When the gate wrote the newest packet that does not wait any more. */
  readonly lastSentAt?: number | undefined;
  /** When the gate closes the connection unless a packet arrives; absent without a keep-alive. */
  readonly keepAliveEndsAt?: number | undefined;
  /** Whether a subscription matches the topic of the query. */
  readonly subscribed?: boolean | undefined;
  /** Number of the client's subscriptions. */
  readonly subscriptionCount?: number | undefined;
  /** Absent when not asked for, or when they do not fit into the reply. */
  readonly subscriptions?: readonly TopicSubscription[] | undefined;
}

/** Orders of stuck sessions: by waiting bytes, or by the age of the oldest waiting packet. */
export const stuckOrders = ['waiting', 'oldest'] as const;

export type StuckOrder = (typeof stuckOrders)[number];

/** Highest number of sessions in a ConnectionsQuery. */
export const maxConnections = 1_000;

export interface ConnectionsQuery {
  /** Ids of the sessions. Without it: the sessions with waiting packets, the most stuck first. */
  readonly sessions?: readonly string[] | undefined;
  /** Maximum number of stuck sessions; `maxConnections` by default. */
  readonly limit?: number | undefined;
  /** Order of stuck sessions; `waiting` by default. */
  readonly sort?: StuckOrder | undefined;
  /** Selector text for stuck sessions. A gate that can't filter ignores it and leaves `filtered` unset. */
  readonly where?: string | undefined;
  /** Topic for `subscribed`. */
  readonly topic?: string | undefined;
  /** Whether to return the subscriptions. */
  readonly subscriptions?: boolean | undefined;
}
