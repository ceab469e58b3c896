import type {Document} from 'mongodb';
import {UsageError} from '../../base/errors.js';

/** How documents of a collection expire. */
export type CollectionExpiry =
  | {readonly kind: 'none'}
  /** There is no permission to read the indexes. */
  | {readonly kind: 'unknown'}
  | {
      readonly kind: 'field';
      /** The field with the date to which `afterMs` is added. */
      readonly field: string;
      readonly afterMs: number;
      /** False if that is the creation date, which is never changed. */
      readonly canChange: boolean;
    };

const noExpiry: CollectionExpiry = {kind: 'none'};
export const unknownExpiry: CollectionExpiry = {kind: 'unknown'};

/**
 * Determines the expiry from a collection's indexes. Prefers an index on the date of the last write, because gates
 * extend that.
 */
export function expiryOfIndexes(
  indexes: readonly Document[],
  {created, updated}: {readonly created: string | undefined; readonly updated: string | undefined},
): CollectionExpiry {
  const found = indexes.flatMap((index): {readonly field: string; readonly afterMs: number}[] => {
    const {key = {}, expireAfterSeconds, partialFilterExpression} = index;
    const [field, ...others] = Object.keys(key as Document);
    const seconds = Number(expireAfterSeconds ?? Number.NaN);
    const isSimple = others.length === 0 && partialFilterExpression === undefined;
    if (field === undefined || !isSimple || !Number.isFinite(seconds)) return [];
    return [{field, afterMs: seconds * 1000}];
  });
  const chosen = found.find(({field}) => field === updated) ?? found[0];
  if (chosen !== undefined) return {kind: 'field', ...chosen, canChange: chosen.field !== created};
  return indexes.some(({expireAfterSeconds}) => expireAfterSeconds !== undefined) ? unknownExpiry : noExpiry;
}

/** Returns when a document expires: 0 for never, undefined if unknown. A document without the date never expires. */
export function documentExpiresAt(document: Document, expiry: CollectionExpiry): number | undefined {
  if (expiry.kind !== 'field') return expiry.kind === 'none' ? 0 : undefined;
  const date: unknown = document[expiry.field];
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date.getTime() + expiry.afterMs : 0;
}

/**
 * Returns the update that sets a time to live; empty if nothing must change. Throws UsageError if the expiry can't be
 * set.
 */
export function expiryUpdate(ttlMs: number, expiry: CollectionExpiry, now: number): Document {
  if (expiry.kind === 'field' && expiry.canChange) {
    if (ttlMs === 0) return {$unset: {[expiry.field]: ''}};
    return {$set: {[expiry.field]: new Date(now + ttlMs - expiry.afterMs)}};
  }
  if (ttlMs === 0 && expiry.kind === 'none') return {};
  throw new UsageError(`the collection cannot change when a record expires: ${reasonOf(expiry)}`, {
    hint: 'add a TTL index on the date of the last write, or give the time in the URL: expire-after=30m',
  });
}

function reasonOf(expiry: CollectionExpiry): string {
  if (expiry.kind === 'none') return 'it has no TTL index';
  return expiry.kind === 'unknown'
    ? 'its TTL index cannot be read'
    : `"${expiry.field}" is the creation date`;
}
