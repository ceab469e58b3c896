import type {Socket} from 'node:net';
import type {SubjectInterest} from './subject-trie.js';

/** A connected client, as far as subscriptions and the router need it. */
export interface BusClient {
  readonly isClosed: boolean;
  readonly echo: boolean;
  readonly headers: boolean;
  readonly wantsNoResponders: boolean;
  line(text: string): void;
  message(head: Buffer, bytes: Buffer, from: number, to: number): void;
  drop(subscription: Subscription): void;
  /** Pauses the publisher if this client is slow. Disconnects this client if its queue exceeds the maximum. */
  holdBack(publisher: BusClient): void;
  /** Pauses reading from this client until the consumer has caught up, for a limited time. */
  pauseFor(consumer: Socket): void;
}

export class Subscription implements SubjectInterest {
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
