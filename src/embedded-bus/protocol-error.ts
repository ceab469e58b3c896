/** A protocol violation by a client. Its messages are those of nats-server, because clients match them. */
export class NatsProtocolError extends Error {
  constructor(reply: string) {
    super(reply);
    this.name = 'NatsProtocolError';
  }
}
