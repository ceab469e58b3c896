import type {Client} from './client.js';
import type {Interest} from './subject-trie.js';

export class Subscription implements Interest {
  delivered = 0;
  /** Ends after so many messages in all; 0 for no end. */
  max = 0;

  constructor(
    readonly client: Client,
    readonly subject: string,
    readonly queue: string,
    readonly sid: string,
  ) {}

  get isSpent(): boolean {
    return this.max > 0 && this.delivered >= this.max;
  }
}
