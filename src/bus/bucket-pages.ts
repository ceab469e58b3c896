import {setTimeout as wait} from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  type JetStreamManager,
  type Msg,
  type MsgHdrs,
  type NatsError,
  ReplayPolicy,
} from 'nats';
import {afterTimeout} from '../base/abort-signals.js';
import {PermissionError, UnreachableError} from '../base/errors.js';
import type {NatsBus} from './connect/nats-bus.js';

/** The latest message of a key. */
export interface BucketMessage {
  readonly key: string;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs | undefined;
  readonly sequence: number;
  /** Unix milliseconds. */
  readonly putAt: number;
}

interface BucketPage {
  readonly messages: readonly BucketMessage[];
  /** Sequence number of the last message that was examined. */
  readonly last: number;
  readonly isOver: boolean;
}

interface BucketPagesOptions {
  readonly bus: NatsBus;
  readonly manager: JetStreamManager;
  readonly stream: string;
  /** Prefix of the keys' subjects. */
  readonly prefix: string;
  /** True if the stream keeps only one message per key, so that each message is the latest of its key. */
  readonly keepsOne: boolean;
  /** True if several servers hold the stream. A consumer may then be on one that lags behind the leader. */
  readonly isReplicated: boolean;
  readonly timeoutMs: number;
}

/** Maximum number of consumers kept for the next page of their listing; the oldest is dropped. */
const maxHeldConsumers = 8;
/**
 * How long the server keeps a consumer without requests, in milliseconds. After that, the next page needs a new one.
 */
const keptWithoutRequestMs = 5_000;
/** How long without a message until the end of the stream is checked, in milliseconds. */
const checkMs = 200;
/** How long a listing that has begun waits until another server leads a replicated stream, in milliseconds. */
const maxFailoverMs = 30_000;
const retryPauseMs = 50;
/** Maximum size of a reply in bytes, unless a single message is larger. */
const maxPageBytes = 4 * 2 ** 20;

/**
 * Reads the latest message of each key in the order of sequence numbers. A key that is written during a listing moves
 * to the end, so it may be read twice but is never missed. The sequence number of the last message continues a
 * listing on any connection.
 */
export class BucketPages {
  /** By the sequence number of the last message that the consumer delivered. */
  private readonly held = new Map<number, BucketConsumer>();

  constructor(private readonly options: BucketPagesOptions) {}

  /** Returns at most `limit` messages after a sequence number; fewer if they are large. */
  async next(after: number, limit: number): Promise<BucketPage> {
    const held = this.held.get(after);
    this.held.delete(after);
    if (held !== undefined) {
      try {
        return this.keep(held, await held.next(limit));
      } catch (error) {
        if (error instanceof PermissionError) throw error; // otherwise another consumer continues
      }
    }
    const until = Date.now() + (this.options.isReplicated && after > 0 ? maxFailoverMs : 0);
    for (;;) {
      try {
        const consumer = await BucketConsumer.create(this.options, after);
        return this.keep(consumer, await consumer.next(limit));
      } catch (error) {
        if (Date.now() >= until || !isTransient(error)) throw error;
        await wait(retryPauseMs);
      }
    }
  }

  private keep(consumer: BucketConsumer, page: BucketPage): BucketPage {
    if (page.isOver) return page;
    this.held.set(page.last, consumer);
    const [oldest] = this.held.keys();
    if (this.held.size > maxHeldConsumers && oldest !== undefined) this.held.delete(oldest);
    return page;
  }
}

/** Thrown if a consumer lost a message, or is not available any more. */
class ConsumerFault extends Error {}

/** Returns true for a failure that another consumer, on another server, may not have. */
function isTransient(error: unknown): boolean {
  if (error instanceof UnreachableError || error instanceof ConsumerFault) return true;
  const {code, api_error: refusal} = error as NatsError;
  return code === 'TIMEOUT' || code === '503' || (refusal !== undefined && refusal.code >= 500);
}

/**
 * How the server ended a request: `done` with its last message or a status, `too-large` if the next message exceeds
 * the maximum size, `no-responder` if this server does not know the consumer.
 */
type Ending = 'done' | 'too-large' | 'no-responder';

/** An ephemeral pull consumer. It delivers messages only on request, so memory for pages is bounded. */
class BucketConsumer {
  private delivered = 0;

  private constructor(
    private readonly options: BucketPagesOptions,
    private readonly name: string,
    private last: number,
  ) {}

  static async create(options: BucketPagesOptions, after: number): Promise<BucketConsumer> {
    const {manager, stream, prefix, keepsOne} = options;
    const start = keepsOne
      ? {deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1}
      : {deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: `${prefix}>`};
    const {name} = await manager.consumers.add(stream, {
      ...start,
      ack_policy: AckPolicy.None,
      replay_policy: ReplayPolicy.Instant,
      inactive_threshold: keptWithoutRequestMs * 1e6,
      mem_storage: true,
    });
    return new BucketConsumer(options, name, after);
  }

  async next(limit: number): Promise<BucketPage> {
    const messages: BucketMessage[] = [];
    const from = this.last;
    const lag = new ReplicaLag(this.options);
    for (;;) {
      const batch = limit - messages.length;
      const before = this.delivered;
      let ending = await this.known({batch, no_wait: true, max_bytes: maxPageBytes}, messages, from);
      if (ending === 'too-large' && this.delivered === before)
        ending = await this.request({batch: 1, no_wait: true}, messages, from);
      if (this.delivered === before && (await lag.hasAll(this.last)))
        return {messages, last: this.last, isOver: true};
      if (ending === 'too-large' || messages.length >= limit)
        return {messages, last: this.last, isOver: false};
    }
  }

  /** Repeats the first request until this server knows the consumer that another server has just created. */
  private async known(...[body, messages, from]: Parameters<BucketConsumer['request']>): Promise<Ending> {
    const until = Date.now() + this.options.timeoutMs;
    for (;;) {
      const ending = await this.request(body, messages, from);
      if (ending !== 'no-responder') return ending;
      if (this.delivered > 0 || Date.now() >= until) throw new ConsumerFault('no server has the consumer');
      await wait(retryPauseMs);
    }
  }

  /**
   * Returns true if the stream has no later message. While keys are rewritten, older servers expect more messages
   * than there are, and then do not reply.
   */
  private async isAtEnd(): Promise<boolean> {
    const {manager, stream} = this.options;
    const info = await manager.streams.info(stream).catch(() => undefined);
    return info !== undefined && info.state.last_seq <= this.last;
  }

  /** Adds messages after the sequence number `from`. Rejects if one is missing or the server does not reply. */
  private request(
    body: {readonly batch: number; readonly no_wait: true; readonly max_bytes?: number},
    messages: BucketMessage[],
    from: number,
  ): Promise<Ending> {
    const {bus, stream, prefix, timeoutMs} = this.options;
    const {connection, jsApiPrefix = '$JS.API'} = bus;
    const subject = `${jsApiPrefix}.CONSUMER.MSG.NEXT.${stream}.${this.name}`;
    return new Promise((resolve, reject) => {
      const inbox = bus.newInbox();
      // first, because it throws on a closed connection
      const subscription = connection.subscribe(inbox, {
        callback: (error, message) => receive(error, message),
      });
      let left = body.batch;
      let quietMs = 0;
      const end = (settle: () => void): void => {
        cancel();
        stopDenied();
        subscription.unsubscribe();
        settle();
      };
      const fail = (error: Error): void => end(() => reject(error));
      const onQuiet = (): void => {
        quietMs += checkMs;
        if (quietMs >= timeoutMs) return fail(new UnreachableError('no answer in time'));
        cancel = afterTimeout(checkMs, onQuiet);
        if (quietMs === checkMs) void this.isAtEnd().then((isEnd) => isEnd && end(() => resolve('done')));
      };
      let cancel = afterTimeout(checkMs, onQuiet);
      const stopDenied = bus.onDenied((denial) => {
        if (denial.subject === subject)
          fail(new PermissionError(`publishing to "${subject}" is not permitted`));
      });
      const receive = (error: NatsError | null, message: Msg): void => {
        if (error !== null) return fail(error);
        quietMs = 0;
        const place = placeOf(message.reply ?? '');
        if (place === undefined) {
          const ending = endingOf(message.headers);
          if (ending instanceof Error) fail(ending);
          else if (ending !== undefined) end(() => resolve(ending));
          return;
        }
        const {sequence, delivered, putAt, pending} = place;
        if (delivered !== this.delivered + 1)
          return fail(new ConsumerFault('a message of the consumer is missing'));
        this.delivered = delivered;
        this.last = Math.max(this.last, sequence);
        left -= 1;
        const key = message.subject.slice(prefix.length);
        if (sequence > from && message.subject.startsWith(prefix))
          messages.push({key, data: message.data, headers: message.headers, sequence, putAt});
        if (left === 0 || pending === 0) end(() => resolve('done'));
      };
      try {
        connection.publish(subject, JSON.stringify(body), {reply: inbox});
      } catch (error) {
        end(() => reject(error));
      }
    });
  }
}

/** Compares what a consumer has delivered with the leader of its stream. */
class ReplicaLag {
  /** Last sequence number of the leader when the consumer first had no more messages. */
  private target: number | undefined;
  private until = 0;

  constructor(private readonly options: BucketPagesOptions) {}

  /**
   * Resolves with true if the consumer, which has no message after `last`, has all messages of the leader. Otherwise
   * waits a moment. Rejects with UnreachableError if its server does not catch up within the timeout.
   */
  async hasAll(last: number): Promise<boolean> {
    const {isReplicated, manager, stream, timeoutMs} = this.options;
    if (!isReplicated) return true;
    if (this.target === undefined) {
      this.target = (await manager.streams.info(stream)).state.last_seq;
      this.until = Date.now() + timeoutMs;
    }
    if (this.target <= last || !(await this.hasMessage(last))) return true;
    if (Date.now() >= this.until)
      throw new UnreachableError('a replica lags behind the leader of the stream');
    await wait(retryPauseMs);
    return false;
  }

  /** Resolves with false if the leader has no message after `last`: the latest ones may have expired. */
  private async hasMessage(last: number): Promise<boolean> {
    const {manager, stream, prefix} = this.options;
    const next = {seq: last + 1, next_by_subj: `${prefix}>`};
    try {
      return (await manager.streams.getMessage(stream, next)).seq <= (this.target ?? 0);
    } catch (error) {
      if ((error as NatsError).api_error?.code === 404) return false;
      throw error;
    }
  }
}

/** Parses the status in a reply without a message. Returns undefined for a status that the server repeats. */
function endingOf(headers: MsgHdrs | undefined): Ending | Error | undefined {
  const {code = 0, description = ''} = headers ?? {};
  if (code === 100) return undefined;
  if (code === 404 || code === 408) return 'done'; // no message is left, or none is for now
  if (code === 409 && /size exceeds/i.test(description)) return 'too-large';
  if (code === 503) return 'no-responder';
  return new ConsumerFault(`the consumer answered ${code} ${description}`);
}

interface MessagePlace {
  readonly sequence: number;
  /** Number of messages that the consumer has delivered, including this one. */
  readonly delivered: number;
  readonly putAt: number;
  /** Number of messages still to be delivered. */
  readonly pending: number;
}

/**
 * Parses the reply subject of a delivered message (NATS ADR-15):
 * `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<tries>.<sequence>.<delivered>.<nanoseconds>.<pending>[.<token>]`.
 */
function placeOf(reply: string): MessagePlace | undefined {
  if (!reply.startsWith('$JS.ACK.')) return undefined;
  const tokens = reply.split('.');
  const at = tokens.length < 11 ? 5 : 7;
  return {
    sequence: Number(tokens[at]),
    delivered: Number(tokens[at + 1]),
    putAt: Math.floor(Number(tokens[at + 2]) / 1e6),
    pending: Number(tokens[at + 3]),
  };
}
