/** A protocol violation by a client. Messages are nats-server's, because clients match on them. */
export class NatsProtocolError extends Error {
  constructor(reply: string) {
    super(reply);
    this.name = 'NatsProtocolError';
  }
}
