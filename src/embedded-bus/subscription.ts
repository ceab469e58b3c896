import type {Socket} from 'node:net';
import type {Interest} from './subject-trie.js';

/** A connected client, as seen by subscriptions and the router. */
export interface BusClient {
  readonly isClosed: boolean;
  readonly echo: boolean;
  readonly headers: boolean;
  readonly wantsNoResponders: boolean;
  line(text: string): void;
  message(head: Buffer, bytes: Buffer, from: number, to: number): void;
  drop(subscription: Subscription): void;
  /** Pauses the publisher if this client is slow; disconnects this client if its queue exceeds the limit. */
  holdBack(publisher: BusClient): void;
  /** Pauses reading from this client until the consumer has caught up, within the limits. */
  pauseFor(consumer: Socket): void;
}

export class Subscription implements Interest {
  delivered = 0;
  /** Unsubscribes after this many messages in total; 0 for no limit. */
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
