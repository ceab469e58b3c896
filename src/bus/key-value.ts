import {headers, type JetStreamManager, type NatsError} from 'nats';
import {settlesWithinMs} from '../base/abort-signals.js';
import {OutcomeUnknownError, PermissionError, UnreachableError, UsageError} from '../base/errors.js';
import {
  type BucketProperties,
  checkBucketName,
  type KeyValueExpiry,
  type KeyValueOptions,
  prepareBucket,
} from './bucket-config.js';
import {type BucketMessage, BucketPages} from './bucket-pages.js';
import type {Bus} from './bus.js';
import {NatsBus} from './connect/nats-bus.js';

/** The latest value of a key in a JetStream key-value bucket. */
export interface KeyValueEntry {
  readonly value: Uint8Array;
  /** Sequence number in the stream. `put` and `remove` take it as the revision. */
  readonly sequence: number;
  /** Unix milliseconds; 0 if it never expires. */
  readonly expiresAt: number;
}

interface KeyValuePage {
  readonly entries: readonly (KeyValueEntry & {readonly key: string})[];
  /** Sequence number after which the next page begins; undefined after the last page. */
  readonly next: number | undefined;
}

/** Thrown if a write expected another sequence number. `found` is 0 if there is no value. */
export class SequenceConflict extends Error {
  constructor(readonly found: number) {
    super('wrong last sequence');
  }
}

/**
 * Tolerance for expiry, in milliseconds: clocks may differ, and early 2.11 servers keep expired messages during
 * writes.
 */
const graceMs = 1000;
/** Maximum number of removed keys that a page without values skips. */
const maxSkipped = 10_000;
/** Maximum number of pages (of 100,000 keys) that a listing waits for. */
const pagesOfKeys = 20;
const wrongLastSequence = 10071;
const noMessageFound = 10037;

/**
 * Opens a bucket. Rejects with UsageError if it lacks a required feature, and with UnreachableError if it can't be
 * reached.
 */
export async function openKeyValue(bus: Bus, options: KeyValueOptions): Promise<KeyValue> {
  if (!(bus instanceof NatsBus)) throw new UsageError('this bus has no JetStream');
  const {bucket, timeoutMs} = options;
  checkBucketName(bucket);
  try {
    const manager = await bus.connection.jetstreamManager(jetStreamOptions(bus, timeoutMs));
    const properties = await prepareBucket(manager, options, bus.serverVersion);
    return new KeyValue(bus, manager, properties, options);
  } catch (cause) {
    throw translated(cause, bus, bucket);
  }
}

const jetStreamOptions = ({jsApiPrefix: apiPrefix}: NatsBus, timeout: number) => ({
  timeout,
  ...(apiPrefix === undefined ? {} : {apiPrefix}),
});

/** The last value of a key; `value` is undefined if the key was removed or has expired. */
type LastValue = Omit<KeyValueEntry, 'value'> & {readonly value: Uint8Array | undefined};

const isPresent = (last: LastValue): last is KeyValueEntry => last.value !== undefined;

type StoredMessage = Omit<BucketMessage, 'key'>;

/** A key-value bucket. Callers must pass valid keys: `[-/_=.a-zA-Z0-9]`. */
export class KeyValue {
  private readonly prefix: string;
  /** Prefix for publishing. In another JetStream domain, writes must go through its API prefix. */
  private readonly written: string;
  private readonly stream: string;
  private readonly pages: BucketPages;

  constructor(
    private readonly bus: NatsBus,
    private readonly manager: JetStreamManager,
    private readonly properties: BucketProperties,
    private readonly options: KeyValueOptions,
  ) {
    this.prefix = `$KV.${options.bucket}.`;
    this.written = bus.jsApiPrefix === undefined ? this.prefix : `${bus.jsApiPrefix}.${this.prefix}`;
    this.stream = `KV_${options.bucket}`;
    const {prefix, stream} = this;
    const {timeoutMs} = options;
    const {keepsOne, isReplicated} = properties;
    this.pages = new BucketPages({bus, manager, stream, prefix, keepsOne, isReplicated, timeoutMs});
  }

  get expiry(): KeyValueExpiry {
    return this.properties.by;
  }

  async get(key: string): Promise<KeyValueEntry | undefined> {
    const last = await this.last(key);
    return last !== undefined && isPresent(last) ? last : undefined;
  }

  /**
   * Writes a value and resolves with its sequence number. `after` 0 requires that the key does not exist. Rejects
   * with SequenceConflict.
   */
  async put(key: string, value: Uint8Array, after: number | undefined, ttlMs: number): Promise<number> {
    const extra: Record<string, string> = {};
    if (this.expiry === 'key' && ttlMs > 0) extra['Nats-TTL'] = `${Math.max(1, Math.ceil(ttlMs / 1000))}s`;
    return this.publish(key, value, after, extra);
  }

  /**
   * Removes a value; resolves with false if there was none. Leaves a delete marker, as every key-value client does.
   */
  async remove(key: string, after: number | undefined): Promise<boolean> {
    for (;;) {
      const last = await this.last(key);
      if (last?.value === undefined) return false;
      if (after !== undefined && after !== last.sequence) throw new SequenceConflict(last.sequence);
      try {
        await this.publish(key, new Uint8Array(0), last.sequence, {'KV-Operation': 'DEL'});
        return true;
      } catch (error) {
        // another writer was faster: an unconditional delete retries
        if (after !== undefined || !(error instanceof SequenceConflict)) throw error;
      }
    }
  }

  /**
   * Returns about `limit` values after a sequence number; 0 starts at the first. Needs permission to create consumers.
   */
  async page(after: number, limit: number): Promise<KeyValuePage> {
    return await this.reached(async () => {
      for (let [from, skipped] = [after, 0]; ; ) {
        const {messages, last, isOver} = await this.pages.next(from, limit);
        const entries = messages.flatMap(({key, ...message}) => {
          const entry = this.entryOf(message);
          return isPresent(entry) ? [{...entry, key}] : [];
        });
        skipped += messages.length;
        const next = isOver ? undefined : last;
        if (entries.length > 0 || isOver || skipped >= maxSkipped) return {entries, next};
        from = last;
      }
    });
  }

  /** Returns the number of keys, including those that were removed. */
  async count(): Promise<number> {
    const {state} = await this.reached(() => this.manager.streams.info(this.stream));
    return state.num_subjects ?? 0;
  }

  /** Returns the keys, in no particular order. Some may have been removed meanwhile. */
  async keys(): Promise<string[]> {
    const info = this.manager.streams.info(this.stream, {subjects_filter: `${this.prefix}>`});
    const longestMs = pagesOfKeys * this.options.timeoutMs; // limited, because the package requests pages as long as it gets any
    const {state} = await this.reached(async () => {
      if (await settlesWithinMs(longestMs, info)) return await info;
      throw new UnreachableError(`the listing of keys in the bucket "${this.options.bucket}" does not end`);
    });
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(this.prefix.length));
  }

  private async publish(
    key: string,
    value: Uint8Array,
    after: number | undefined,
    extra: Readonly<Record<string, string>>,
  ): Promise<number> {
    const head = headers();
    for (const [name, text] of Object.entries(extra)) head.set(name, text);
    const expected = after === undefined ? undefined : await this.expected(key, after);
    if (expected !== undefined) head.set('Nats-Expected-Last-Subject-Sequence', String(expected));
    const {connection} = this.bus;
    try {
      const stream = connection.jetstream(jetStreamOptions(this.bus, this.options.timeoutMs));
      return (await stream.publish(this.written + key, value, {headers: head})).seq;
    } catch (error) {
      if ((error as NatsError).code === 'TIMEOUT') throw unknownOutcome(error, this.options.bucket);
      if ((error as NatsError).api_error?.err_code !== wrongLastSequence)
        throw translated(error, this.bus, this.options.bucket);
      throw new SequenceConflict((await this.get(key))?.sequence ?? 0);
    }
  }

  /** Returns the sequence number to expect in the stream. A removed key still has one: that of its delete marker. */
  private async expected(key: string, after: number): Promise<number> {
    if (after !== 0) return after;
    const last = await this.last(key);
    if (last?.value !== undefined) throw new SequenceConflict(last.sequence);
    return last?.sequence ?? 0;
  }

  private async last(key: string): Promise<LastValue | undefined> {
    try {
      const message = await this.manager.streams.getMessage(this.stream, {last_by_subj: this.prefix + key});
      const {header, data, seq: sequence} = message;
      return this.entryOf({headers: header, data, sequence, putAt: message.time.getTime()});
    } catch (error) {
      if ((error as NatsError).api_error?.err_code === noMessageFound) return undefined;
      throw translated(error, this.bus, this.options.bucket);
    }
  }

  private entryOf({headers: head, data, sequence, putAt}: StoredMessage): LastValue {
    const isRemoved =
      head !== undefined && (head.get('KV-Operation') || head.get('Nats-Marker-Reason')) !== '';
    const expiresAt = this.expiryOf(putAt, head?.get('Nats-TTL') ?? '');
    const isOver = expiresAt !== 0 && expiresAt + graceMs < Date.now();
    return {value: isRemoved || isOver ? undefined : data, sequence, expiresAt};
  }

  /**
   * Returns when a value expires, by its own time to live or the bucket's maximum age, whichever is earlier; 0 for
   * never.
   */
  private expiryOf(putAt: number, ttl: string): number {
    if (ttl === 'never') return 0;
    const ownMs = Number(/^(\d+)s?$/.exec(ttl)?.[1] ?? 0) * 1000;
    const times = [ownMs, this.properties.maxAgeMs].filter((ms) => ms > 0);
    return times.length === 0 ? 0 : putAt + Math.min(...times);
  }

  private async reached<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw translated(cause, this.bus, this.options.bucket);
    }
  }
}

const unknownOutcome = (cause: unknown, bucket: string): OutcomeUnknownError =>
  new OutcomeUnknownError(
    `the JetStream bucket "${bucket}" did not answer in time: the write may or may not have happened`,
    {
      cause,
    },
  );

function translated(cause: unknown, bus: NatsBus, bucket: string): Error {
  if (cause instanceof UsageError || cause instanceof UnreachableError) return cause;
  if (cause instanceof PermissionError) return cause;
  const {code, message} = cause as NatsError;
  if (code === 'PERMISSIONS_VIOLATION' || code === 'AUTHORIZATION_VIOLATION')
    return new PermissionError(`no permission to use the JetStream bucket "${bucket}": ${message}`, {cause});
  const [why, hint = `check it: nats kv info ${bucket}`] =
    code === '503' ? noResponder(bus) : [code === 'TIMEOUT' ? 'no answer in time' : message];
  return new UnreachableError(`cannot reach the JetStream bucket "${bucket}": ${why}`, {hint, cause});
}

/** Returns why no server responds to a call of JetStream, and the next step. */
const noResponder = ({connection}: NatsBus): readonly [string, string] =>
  connection.info?.jetstream === true
    ? [
        'no server leads it, because too few of its servers run',
        'start the other servers of the NATS cluster, or wait until they have elected a leader',
      ]
    : ['JetStream is not enabled on the server', 'start the server with JetStream: nats-server --jetstream'];
