/** A client that broke the protocol. The words are nats-server's, since clients match on them. */
export class NatsProtocolError extends Error {
  constructor(reply: string) {
    super(reply);
    this.name = 'NatsProtocolError';
  }
}
