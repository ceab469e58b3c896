import type {JetStreamManager} from 'nats';
import {beforeEach, describe, expect, test, vi} from 'vitest';
import {BucketPages} from '../../../src/bus/bucket-pages.js';
import type {NatsBus} from '../../../src/bus/connect/nats-bus.js';

type Receive = (error: Error | null, message: unknown) => void;

/** A stream on several servers: its leader has `leader` messages, and the one that serves consumers has `replica`. */
class ReplicatedStream {
  leader = 0;
  replica = 0;
  /** Messages up to this one have expired. */
  expired = 0;
  /** The replica gets the rest when the leader is asked how far it is. */
  catchesUp = false;
  /** How many requests find no consumer yet. */
  unknownFor = 0;
  requests = 0;
  private delivered = 0;
  private readonly inboxes = new Map<string, Receive>();

  readonly pages = new BucketPages({
    bus: this.bus(),
    manager: this.manager(),
    stream: 'KV_b',
    prefix: '$KV.b.',
    keepsOne: true,
    isReplicated: true,
    timeoutMs: 300,
  });

  /** As after the connection was closed: subscribing throws, or only publishing. */
  closed: 'subscribe' | 'publish' | undefined;

  private bus(): NatsBus {
    const refuse = (fn: 'subscribe' | 'publish'): void => {
      if (this.closed === fn) throw Object.assign(new Error('closed'), {code: 'CONNECTION_CLOSED'});
    };
    const connection = {
      subscribe: (inbox: string, {callback}: {readonly callback: Receive}) => {
        refuse('subscribe');
        this.inboxes.set(inbox, callback);
        return {unsubscribe: () => this.inboxes.delete(inbox)};
      },
      publish: (_subject: string, _body: string, {reply}: {readonly reply: string}) => {
        refuse('publish');
        queueMicrotask(() => this.answer(reply));
      },
    };
    let inboxes = 0;
    return {
      connection,
      newInbox: () => `_INBOX.${++inboxes}`,
      onDenied: () => () => {},
    } as unknown as NatsBus;
  }

  private manager(): JetStreamManager {
    return {
      consumers: {
        add: async () => {
          this.delivered = 0;
          return {name: 'c'};
        },
      },
      streams: {
        info: async () => {
          if (this.catchesUp) this.replica = this.leader;
          return {state: {last_seq: this.leader}};
        },
        getMessage: async (_stream: string, {seq}: {readonly seq: number}) => {
          const found = Math.max(seq, this.expired + 1);
          if (found > this.leader)
            throw Object.assign(new Error('no message found'), {api_error: {code: 404}});
          return {seq: found};
        },
      },
    } as unknown as JetStreamManager;
  }

  private answer(reply: string): void {
    this.requests += 1;
    const status = (code: number) => ({reply: '', headers: {code, description: ''}});
    const send = (message: unknown): void => this.inboxes.get(reply)?.(null, message);
    if (this.unknownFor > 0) {
      this.unknownFor -= 1;
      return send(status(503));
    }
    while (this.delivered < this.replica) {
      this.delivered += 1;
      const at = this.delivered;
      const ack = `$JS.ACK.KV_b.c.1.${at}.${at}.1000000.${this.replica - at}`;
      send({subject: `$KV.b.u${at}`, reply: ack, data: new Uint8Array(), headers: undefined});
    }
    send(status(404));
  }
}

describe('C3: a page of a replicated bucket', () => {
  let stream: ReplicatedStream;

  beforeEach(() => {
    stream = new ReplicatedStream();
  });

  const keys = async (limit = 10) => {
    const {messages, isOver} = await stream.pages.next(0, limit);
    return {keys: messages.map(({key}) => key), isOver};
  };

  test('waits for a server that lags behind the leader', async () => {
    stream.leader = 3;
    stream.replica = 1;
    stream.catchesUp = true;
    expect(await keys()).toEqual({keys: ['u1', 'u2', 'u3'], isOver: true});
  });

  test('is refused, not incomplete, if that server does not catch up', async () => {
    stream.leader = 3;
    stream.replica = 1;
    await expect(keys()).rejects.toThrow('a replica lags behind the leader of the stream');
  });

  test('ends although the latest messages have expired', async () => {
    stream.leader = 5;
    stream.replica = 2;
    stream.expired = 5;
    expect(await keys()).toEqual({keys: ['u1', 'u2'], isOver: true});
  });

  test('asks again until this server knows the new consumer', async () => {
    stream.leader = 1;
    stream.replica = 1;
    stream.unknownFor = 2;
    expect(await keys()).toEqual({keys: ['u1'], isOver: true});
    expect(stream.requests).toBeGreaterThan(2);
  });

  test.each(['subscribe', 'publish'] as const)(
    'rejects at once, and leaves no timer, if the bus is closed between two pages (%s)',
    async (fn) => {
      vi.useFakeTimers();
      try {
        stream.leader = 3;
        stream.replica = 3;
        const {messages} = await stream.pages.next(0, 1);
        expect(messages).toHaveLength(1);
        expect(vi.getTimerCount()).toBe(0);
        stream.closed = fn;
        await expect(stream.pages.next(messages[0]?.sequence ?? 0, 1)).rejects.toThrow('closed');
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  test('rejects if no server ever knows it', async () => {
    stream.unknownFor = Number.POSITIVE_INFINITY;
    await expect(keys()).rejects.toThrow('no server has the consumer');
  });
});
