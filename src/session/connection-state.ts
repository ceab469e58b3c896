/** A client's topic filter, with the QoS that the gate granted. */
export interface TopicSubscription {
  readonly filter: string;
  readonly qos: number;
}

/**
 * State of a session's connection. Members that the gate does not know are undefined. Times are Unix milliseconds by
 * the gate's clock.
 */
export interface ConnectionState {
  /**
   * Number of bytes that wait in the gate because the client reads too slowly, without those in the system's socket
   * buffers.
   */
  readonly waitingBytes?: number | undefined;
  /** Number of waiting MQTT packets, including one that has been partly sent. */
  readonly waitingPackets?: number | undefined;
  /** When the gate wrote the oldest waiting packet; undefined if none waits. */
  readonly oldestWaitingAt?: number | undefined;
  /** When the gate wrote the latest packet that has been sent. */
  readonly lastSentAt?: number | undefined;
  /** When the gate will close the connection if no packet arrives; undefined without a keep-alive. */
  readonly keepAliveEndsAt?: number | undefined;
  /** Whether a subscription matches the topic of the query. */
  readonly subscribed?: boolean | undefined;
  /** Number of the client's subscriptions. */
  readonly subscriptionCount?: number | undefined;
  /** Undefined if not requested, or if they do not fit into the reply. */
  readonly subscriptions?: readonly TopicSubscription[] | undefined;
}

/** Sort orders of sessions with waiting packets: by waiting bytes, or by the age of the oldest waiting packet. */
export const stuckSortOrders = ['waiting', 'oldest'] as const;

export type StuckSortOrder = (typeof stuckSortOrders)[number];

/** Maximum number of sessions in a ConnectionsQuery. */
export const maxConnectionsPerQuery = 1_000;

export interface ConnectionsQuery {
  /** Ids of the sessions. If undefined, sessions with waiting packets, in the order of `sort`. */
  readonly sessions?: readonly string[] | undefined;
  /** Maximum number of sessions with waiting packets; `maxConnectionsPerQuery` by default. */
  readonly limit?: number | undefined;
  /** Order of sessions with waiting packets; `waiting` by default. */
  readonly sort?: StuckSortOrder | undefined;
  /**
   * Text of a selector for sessions with waiting packets. A gate that can't filter ignores it, and leaves `filtered`
   * unset.
   */
  readonly where?: string | undefined;
  /** Topic to match subscriptions with; the result is in `subscribed`. */
  readonly topic?: string | undefined;
  /** True to return the subscriptions. */
  readonly subscriptions?: boolean | undefined;
}
