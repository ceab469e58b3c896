import {checkBucketName} from '../../bus/bucket-config.js';
import {StoreParameters, splitQuery} from '../store-url.js';

/** Parses `jetstream://bucket?ttl=10m`. Throws UsageError for an invalid name or parameter. */
export function parseBucketUrl(url: string): {readonly bucket: string; readonly ttlMs: number | undefined} {
  const [address, query] = splitQuery(url);
  const bucket = address.replace(/^jetstream:\/\//i, '').replace(/\/$/, '');
  checkBucketName(bucket);
  return {bucket, ttlMs: new StoreParameters(url, query, ['ttl']).durationMs('ttl')};
}
