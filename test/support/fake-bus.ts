import {UnreachableError} from '../../src/base/errors.js';
import type {Bus, BusMessage, BusStatus, BusSubscription} from '../../src/bus/bus.js';

interface Interest {
  readonly pattern: readonly string[];
  readonly handler: (message: BusMessage) => void;
}

const nothing = new Uint8Array(0);

/** A NATS server and its one client in memory: delivery in the next microtask, "no responders" as the real one. */
export class FakeBus implements Bus {
  maxPayloadBytes = 1024 * 1024;
  readonly serverVersion = '2.9.10';
  readonly isEncrypted = false;
  readonly server = 'nats://fake';
  connected = true;
  readonly failure = undefined;
  /** Everything that was published, for assertions. */
  readonly published: {
    readonly subject: string;
    readonly data: Uint8Array;
    readonly reply: string | undefined;
  }[] = [];
  /** Subjects that the server refuses to take. */
  readonly denied = new Set<string>();
  private readonly interests = new Set<Interest>();
  private readonly statusListeners = new Set<(status: BusStatus) => void>();
  private readonly denialListeners = new Set<
    (denial: {readonly operation: 'publish' | 'subscribe'; readonly subject: string}) => void
  >();
  private inboxes = 0;

  newInbox(): string {
    this.inboxes += 1;
    return `_INBOX.fake${this.inboxes}`;
  }

  publish(subject: string, data: Uint8Array, reply?: string): void {
    if (!this.connected) throw new UnreachableError('the connection to NATS is down');
    if (this.denied.has(subject)) {
      queueMicrotask(() => {
        for (const listener of this.denialListeners) listener({operation: 'publish', subject});
      });
      return;
    }
    const copy = Uint8Array.from(data);
    this.published.push({subject, data: copy, reply});
    const takers = [...this.interests].filter(({pattern}) => matches(pattern, subject.split('.')));
    for (const {handler} of takers) {
      queueMicrotask(() => handler({subject, reply, data: copy, noResponders: false}));
    }
    if (takers.length === 0 && reply !== undefined) this.answerNobody(reply);
  }

  subscribe(subject: string, handler: (message: BusMessage) => void): BusSubscription {
    const interest = {pattern: subject.split('.'), handler};
    this.interests.add(interest);
    return {unsubscribe: () => this.interests.delete(interest)};
  }

  get subscriptions(): number {
    return this.interests.size;
  }

  async flush(): Promise<void> {
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  onDenied(
    listener: (denial: {readonly operation: 'publish' | 'subscribe'; readonly subject: string}) => void,
  ): () => void {
    this.denialListeners.add(listener);
    return () => this.denialListeners.delete(listener);
  }

  /** The connection goes or comes, as the server and the network do it. */
  turn(status: BusStatus): void {
    this.connected = status === 'connected' || status === 'reconnected';
    for (const listener of this.statusListeners) listener(status);
  }

  async close(): Promise<void> {
    this.turn('closed');
  }

  private answerNobody(reply: string): void {
    for (const {pattern, handler} of this.interests) {
      if (!matches(pattern, reply.split('.'))) continue;
      queueMicrotask(() => handler({subject: reply, reply: undefined, data: nothing, noResponders: true}));
    }
  }
}

function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  for (const [index, token] of pattern.entries()) {
    if (token === '>') return subject.length > index;
    if (token !== '*' && token !== subject[index]) return false;
  }
  return pattern.length === subject.length;
}
