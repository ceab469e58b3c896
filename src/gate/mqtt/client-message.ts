/** A PUBLISH of a client, or its will. Valid until the handler returns: bytes belong to the parser. */
export interface ClientMessage {
  readonly topic: string;
  readonly body: Uint8Array;
  /** Topic that the client wants the reply on, in MQTT 5; by default the message's own. */
  readonly responseTopic?: string | undefined;
  /** Bytes that are returned with the reply. */
  readonly correlationData?: Uint8Array | undefined;
}
