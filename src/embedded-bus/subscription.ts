import type {Socket} from 'node:net';
import type {Interest} from './subject-trie.js';

/** A connected client, as subscriptions and the router know it. */
export interface BusClient {
  readonly isClosed: boolean;
  readonly echo: boolean;
  readonly headers: boolean;
  readonly wantsNoResponders: boolean;
  line(text: string): void;
  message(head: Buffer, bytes: Buffer, from: number, to: number): void;
  drop(subscription: Subscription): void;
  /** Slows the publisher down when this client has fallen behind; cuts this client off when it is too far. */
  holdBack(publisher: BusClient): void;
  /** Reads no more of this client until the consumer has caught up, or for as long as the limits allow. */
  stallFor(consumer: Socket): void;
}

export class Subscription implements Interest {
  delivered = 0;
  /** Ends after so many messages in all; 0 for no end. */
  max = 0;

  constructor(
    readonly client: BusClient,
    readonly subject: string,
    readonly queue: string,
    readonly sid: string,
  ) {}

  get isSpent(): boolean {
    return this.max > 0 && this.delivered >= this.max;
  }
}
