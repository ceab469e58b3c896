import type {PublishFrame} from './publish-frame.js';
import type {BusClient, Subscription} from './subscription.js';

const noResponders = 'NATS/1.0 503\r\n\r\n';

/** Delivers messages on one subject to one subscription. The start of the protocol line is encoded only once. */
export class SubscriptionDelivery {
  private readonly head: Buffer;
  private headWithHeaders: Buffer | undefined;

  constructor(
    private readonly subscription: Subscription,
    private readonly subject: string,
  ) {
    this.head = Buffer.from(`MSG ${subject} ${subscription.sid} `, 'latin1');
  }

  /**
   * Sends a message. Returns false if the subscriber can't receive it: it is disconnected, or it sent the message
   * itself and disabled echo.
   */
  send(frame: PublishFrame, from: BusClient): boolean {
    const {subscription} = this;
    const {client} = subscription;
    if (client.isClosed || subscription.isSpent || (client === from && !client.echo)) return false;
    if (frame.headerBytes === 0) client.message(this.head, frame.bytes, frame.tailStart, frame.tailEnd);
    else if (client.headers) client.message(this.withHeaders(), frame.bytes, frame.tailStart, frame.tailEnd);
    else this.sendWithoutHeaders(frame);
    this.count();
    client.holdBack(from);
    return true;
  }

  sendNoResponders(): void {
    const {client, sid} = this.subscription;
    const size = noResponders.length;
    client.line(`HMSG ${this.subject} ${sid} ${size} ${size}\r\n${noResponders}\r\n`);
    this.count();
  }

  private count(): void {
    this.subscription.delivered += 1;
    if (this.subscription.isSpent) this.subscription.client.drop(this.subscription);
  }

  private withHeaders(): Buffer {
    this.headWithHeaders ??= Buffer.from(`HMSG ${this.subject} ${this.subscription.sid} `, 'latin1');
    return this.headWithHeaders;
  }

  private sendWithoutHeaders({bytes, reply, bodyStart, bodyEnd, headerBytes}: PublishFrame): void {
    const {client, sid} = this.subscription;
    const from = bodyStart + headerBytes;
    const words = ['MSG', this.subject, sid, ...(reply === '' ? [] : [reply]), bodyEnd - from];
    client.message(Buffer.from(`${words.join(' ')}\r\n`, 'latin1'), bytes, from, bodyEnd + 2);
  }
}
