import {type JetStreamManager, type NatsError, StorageType, type StreamConfig} from 'nats';
import {UsageError} from '../base/errors.js';

/** How values expire: each by its own time (nats-server 2.11 and later), by the bucket's maximum age, or never. */
export type KeyValueExpiry = 'key' | 'bucket' | 'none';

export interface KeyValueOptions {
  readonly bucket: string;
  /** Time to live of a key after each put, in milliseconds. */
  readonly ttlMs?: number | undefined;
  /** Creates a missing bucket. */
  readonly create: boolean;
  readonly timeoutMs: number;
}

export interface BucketProperties {
  readonly by: KeyValueExpiry;
  /** Maximum age of values in the bucket, in milliseconds; 0 for no maximum. */
  readonly maxAgeMs: number;
  /** True if the bucket keeps only the latest value of a key. */
  readonly keepsOne: boolean;
  /** True if several servers hold the bucket. */
  readonly isReplicated: boolean;
}

/** First server version with an expiry per message; older servers ignore the header. */
const ttlVersion = [2, 11] as const;
const notThere = 404;

/** Throws UsageError for an invalid name. */
export function checkBucketName(bucket: string): void {
  if (/^[A-Za-z0-9_-]{1,200}$/.test(bucket)) return;
  throw new UsageError(`invalid bucket name "${bucket}"`, {
    hint: 'use letters, digits, "-" and "_": jetstream://sessions',
  });
}

/** Creates or checks the bucket's stream. Returns how its values expire. */
export async function prepareBucket(
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
    const created = {keepsOne: true, isReplicated: false};
    if (perKey) return {...created, by: 'key', maxAgeMs: 0};
    return {...created, by: ttlMs === undefined ? 'none' : 'bucket', maxAgeMs: ttlMs ?? 0};
  }
  const maxAgeMs = (config.max_age ?? 0) / 1e6;
  const known = {
    maxAgeMs,
    keepsOne: config.max_msgs_per_subject === 1,
    isReplicated: config.num_replicas > 1,
  };
  if (config.allow_msg_ttl === true) return {...known, by: 'key'};
  if (perKey && create) {
    await manager.streams.update(config.name, {...config, allow_msg_ttl: true} as Partial<StreamConfig>);
    return {...known, by: 'key'};
  }
  if (ttlMs !== undefined && maxAgeMs !== ttlMs) {
    const keeps = maxAgeMs === 0 ? 'keeps keys forever' : `keeps keys for ${maxAgeMs} ms`;
    throw new UsageError(`the bucket "${bucket}" ${keeps}, and its server cannot expire single keys`, {
      hint: `that requires nats-server ${ttlVersion.join('.')} and this is ${serverVersion}; or use the bucket's own time`,
    });
  }
  return {...known, by: maxAgeMs === 0 ? 'none' : 'bucket'};
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

/** Returns the stream configuration that natscli uses for buckets. */
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

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [hasMajor = 0, hasMinor = 0] = version.split('.').map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
