/** A client's PUBLISH, or its will. Valid until the handler returns, because its bytes belong to the parser. */
export interface ClientMessage {
  readonly topic: string;
  readonly body: Uint8Array;
  /** Topic to send the reply to, in MQTT 5; by default the message's own topic. */
  readonly responseTopic?: string | undefined;
  /** Bytes that the reply must contain. */
  readonly correlationData?: Uint8Array | undefined;
}
