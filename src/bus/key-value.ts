import {headers, type JetStreamManager, type NatsError, StorageType, type StreamConfig} from 'nats';
import {OutcomeUnknownError, PermissionError, UnreachableError, UsageError} from '../base/errors.js';
import {settlesWithinMs} from '../base/signals.js';
import {type BucketMessage, BucketPages} from './bucket-pages.js';
import type {Bus} from './bus.js';
import {NatsBus} from './connect/nats-bus.js';

/** The latest value of a key in a JetStream key-value bucket. */
export interface KeyValueEntry {
  readonly value: Uint8Array;
  /** Sequence in the stream; the revision for `put` and `remove`. */
  readonly sequence: number;
  /** Unix milliseconds; 0 for never. */
  readonly expiresAt: number;
}

interface KeyValuePage {
  readonly entries: readonly (KeyValueEntry & {readonly key: string})[];
  /** Sequence after which the next page begins; undefined after the last page. */
  readonly next: number | undefined;
}

/** Expiry mode: per key (nats-server 2.11 and later), by the bucket's maximum age, or none. */
type KeyValueExpiry = 'key' | 'bucket' | 'none';

interface KeyValueOptions {
  readonly bucket: string;
  /** Time to live of keys after each put. */
  readonly ttlMs?: number | undefined;
  /** Creates a missing bucket. */
  readonly create: boolean;
  readonly timeoutMs: number;
}

/** Thrown for a write that expected another sequence. 0 means no value. */
export class SequenceConflict extends Error {
  constructor(readonly found: number) {
    super('wrong last sequence');
  }
}

/** Messages can expire individually from this version on; older servers ignore the header. */
const ttlVersion = [2, 11] as const;
/** Early 2.11 servers keep expired messages while others are written; clocks may differ by this much. */
const graceMs = 1000;
/** Most removed keys that a page without values passes over. */
const mostPassed = 10_000;
/** Number of pages of 100,000 keys that a listing may wait for. */
const pagesOfKeys = 20;
const wrongLastSequence = 10071;
const noMessageFound = 10037;
const notThere = 404;

/** Opens a bucket. Rejects with UsageError when the bucket lacks a required feature, and with UnreachableError. */
export async function openKeyValue(bus: Bus, options: KeyValueOptions): Promise<KeyValue> {
  if (!(bus instanceof NatsBus)) throw new UsageError('this bus has no JetStream');
  const {bucket, timeoutMs} = options;
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(bucket)) {
    throw new UsageError(`invalid bucket name "${bucket}"`, {hint: 'use letters, digits, "-" and "_"'});
  }
  try {
    const manager = await bus.connection.jetstreamManager(jetStreamOptions(bus, timeoutMs));
    const properties = await prepare(manager, options, bus.serverVersion);
    return new KeyValue(bus, manager, properties, options);
  } catch (cause) {
    throw translated(cause, bucket);
  }
}

interface BucketProperties {
  readonly by: KeyValueExpiry;
  /** Maximum age of the bucket's values; 0 for none. */
  readonly maxAgeMs: number;
  /** Keeps no older values of a key. */
  readonly keepsOne: boolean;
}

const jetStreamOptions = ({jsApiPrefix: apiPrefix}: NatsBus, timeout: number) => ({
  timeout,
  ...(apiPrefix === undefined ? {} : {apiPrefix}),
});

/** Creates or checks the bucket's stream and returns the expiry mode. */
async function prepare(
  manager: JetStreamManager,
  {bucket, ttlMs, create}: KeyValueOptions,
  serverVersion: string,
): Promise<BucketProperties> {
  const perKey = isAtLeast(serverVersion, ttlVersion);
  const config = await configOf(manager, bucket);
  if (config === undefined) {
    if (!create)
      throw new UsageError(`there is no bucket "${bucket}"`, {hint: 'list the buckets: nats kv ls'});
    await manager.streams.add(newStream(bucket, perKey, ttlMs));
    if (perKey) return {by: 'key', maxAgeMs: 0, keepsOne: true};
    return {by: ttlMs === undefined ? 'none' : 'bucket', maxAgeMs: ttlMs ?? 0, keepsOne: true};
  }
  const maxAgeMs = (config.max_age ?? 0) / 1e6;
  const keepsOne = config.max_msgs_per_subject === 1;
  if (config.allow_msg_ttl === true) return {by: 'key', maxAgeMs, keepsOne};
  if (perKey && create) {
    await manager.streams.update(config.name, {...config, allow_msg_ttl: true} as Partial<StreamConfig>);
    return {by: 'key', maxAgeMs, keepsOne};
  }
  if (ttlMs !== undefined && maxAgeMs !== ttlMs) {
    const keeps = maxAgeMs === 0 ? 'keeps keys forever' : `keeps keys for ${maxAgeMs} ms`;
    throw new UsageError(`the bucket "${bucket}" ${keeps}, and its server cannot expire single keys`, {
      hint: `that needs nats-server ${ttlVersion.join('.')}, this is ${serverVersion}; or ask for the bucket's own time`,
    });
  }
  return {by: maxAgeMs === 0 ? 'none' : 'bucket', maxAgeMs, keepsOne};
}

type BucketConfig = StreamConfig & {readonly allow_msg_ttl?: boolean};

async function configOf(manager: JetStreamManager, bucket: string): Promise<BucketConfig | undefined> {
  try {
    return (await manager.streams.info(`KV_${bucket}`)).config as BucketConfig;
  } catch (error) {
    if ((error as NatsError).api_error?.code === notThere) return undefined;
    throw error;
  }
}

/** The stream configuration that natscli uses for buckets. */
function newStream(bucket: string, perKey: boolean, ttlMs: number | undefined): Partial<StreamConfig> {
  const config = {
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    allow_direct: true,
    deny_delete: true,
    storage: StorageType.File,
    ...(perKey ? {allow_msg_ttl: true} : ttlMs === undefined ? {} : {max_age: ttlMs * 1e6}),
  };
  return config as Partial<StreamConfig>;
}

/** The value is undefined when the key was removed or has expired. */
type LastValue = Omit<KeyValueEntry, 'value'> & {readonly value: Uint8Array | undefined};

const isPresent = (last: LastValue): last is KeyValueEntry => last.value !== undefined;

type StoredMessage = Omit<BucketMessage, 'key'>;

/** One bucket. Callers guarantee valid keys: `[-/_=.a-zA-Z0-9]`. */
export class KeyValue {
  private readonly prefix: string;
  /** Prefix for publishing: another domain accepts writes only under its API prefix. */
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
    this.pages = new BucketPages({bus, manager, stream, prefix, keepsOne: properties.keepsOne, timeoutMs});
  }

  get expiry(): KeyValueExpiry {
    return this.properties.by;
  }

  async get(key: string): Promise<KeyValueEntry | undefined> {
    const last = await this.last(key);
    return last !== undefined && isPresent(last) ? last : undefined;
  }

  /** Writes a value and resolves with its sequence. `after` 0 requires a missing key. Rejects with SequenceConflict. */
  async put(key: string, value: Uint8Array, after: number | undefined, ttlMs: number): Promise<number> {
    const extra: Record<string, string> = {};
    if (this.expiry === 'key' && ttlMs > 0) extra['Nats-TTL'] = `${Math.max(1, Math.ceil(ttlMs / 1000))}s`;
    return this.publish(key, value, after, extra);
  }

  /** Resolves with false when there was no value. Leaves a delete marker, as every key-value client does. */
  async remove(key: string, after: number | undefined): Promise<boolean> {
    for (;;) {
      const last = await this.last(key);
      if (last?.value === undefined) return false;
      if (after !== undefined && after !== last.sequence) throw new SequenceConflict(last.sequence);
      try {
        await this.publish(key, new Uint8Array(0), last.sequence, {'KV-Operation': 'DEL'});
        return true;
      } catch (error) {
        // another writer was faster; an unconditional delete retries
        if (after !== undefined || !(error instanceof SequenceConflict)) throw error;
      }
    }
  }

  /** Returns about `limit` values after a sequence, 0 for the first. Needs permission to create consumers. */
  async page(after: number, limit: number): Promise<KeyValuePage> {
    return await this.reached(async () => {
      for (let [from, passed] = [after, 0]; ; ) {
        const {messages, last, isOver} = await this.pages.next(from, limit);
        const entries = messages.flatMap(({key, ...message}) => {
          const entry = this.entryOf(message);
          return isPresent(entry) ? [{...entry, key}] : [];
        });
        passed += messages.length;
        const next = isOver ? undefined : last;
        if (entries.length > 0 || isOver || passed >= mostPassed) return {entries, next};
        from = last;
      }
    });
  }

  async count(): Promise<number> {
    const {state} = await this.reached(() => this.manager.streams.info(this.stream));
    return state.num_subjects ?? 0;
  }

  /** Lists keys in no order; some may have been removed meanwhile. */
  async keys(): Promise<string[]> {
    const info = this.manager.streams.info(this.stream, {subjects_filter: `${this.prefix}>`});
    const longestMs = pagesOfKeys * this.options.timeoutMs; // the package requests pages as long as it gets some
    const {state} = await this.reached(async () => {
      if (await settlesWithinMs(longestMs, info)) return await info;
      throw new UnreachableError(`listing the keys of the bucket "${this.options.bucket}" does not end`);
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
        throw translated(error, this.options.bucket);
      throw new SequenceConflict((await this.get(key))?.sequence ?? 0);
    }
  }

  /** A removed key still has a last sequence: that of its delete marker. */
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
      throw translated(error, this.options.bucket);
    }
  }

  private entryOf({headers: head, data, sequence, putAt}: StoredMessage): LastValue {
    const isRemoved =
      head !== undefined && (head.get('KV-Operation') || head.get('Nats-Marker-Reason')) !== '';
    const expiresAt = this.expiryOf(putAt, head?.get('Nats-TTL') ?? '');
    const isOver = expiresAt !== 0 && expiresAt + graceMs < Date.now();
    return {value: isRemoved || isOver ? undefined : data, sequence, expiresAt};
  }

  /** The value's own expiry or the bucket's maximum age, whichever comes first. */
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
      throw translated(cause, this.options.bucket);
    }
  }
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [hasMajor = 0, hasMinor = 0] = version.split('.').map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}

const unknownOutcome = (cause: unknown, bucket: string): OutcomeUnknownError =>
  new OutcomeUnknownError(
    `the JetStream bucket "${bucket}" did not answer in time: whether it was written is unknown`,
    {
      cause,
    },
  );

function translated(cause: unknown, bucket: string): Error {
  if (cause instanceof UsageError || cause instanceof UnreachableError) return cause;
  if (cause instanceof PermissionError) return cause;
  const {code, message} = cause as NatsError;
  if (code === 'PERMISSIONS_VIOLATION' || code === 'AUTHORIZATION_VIOLATION')
    return new PermissionError(`the JetStream bucket "${bucket}" may not be used: ${message}`, {cause});
  const isDisabled = code === '503';
  const why = isDisabled
    ? 'JetStream is not enabled there'
    : code === 'TIMEOUT'
      ? 'no answer in time'
      : message;
  return new UnreachableError(`the JetStream bucket "${bucket}" cannot be reached: ${why}`, {
    hint: isDisabled
      ? 'start the server with JetStream: nats-server --jetstream'
      : `check it: nats kv info ${bucket}`,
    cause,
  });
}
