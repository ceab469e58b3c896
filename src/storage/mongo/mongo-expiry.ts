import type {Document} from 'mongodb';
import {UsageError} from '../../base/errors.js';

/** How documents of a collection expire. */
export type Expiry =
  | {readonly kind: 'none'}
  /** The indexes may not be read. */
  | {readonly kind: 'unknown'}
  | {
      readonly kind: 'field';
      /** Holds the date from which `afterMs` counts. */
      readonly field: string;
      readonly afterMs: number;
      /** False where the date is that of creation, which no write changes. */
      readonly canChange: boolean;
    };

const noExpiry: Expiry = {kind: 'none'};
export const unknownExpiry: Expiry = {kind: 'unknown'};

/** Finds the expiry in a collection's indexes. One on the date of the last write wins, for gates extend it. */
export function expiryIn(
  indexes: readonly Document[],
  {created, updated}: {readonly created: string | undefined; readonly updated: string | undefined},
): Expiry {
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

/** Returns when a document expires; 0 for never, undefined when unknown. A document without the date never expires. */
export function expiryOf(document: Document, expiry: Expiry): number | undefined {
  if (expiry.kind !== 'field') return expiry.kind === 'none' ? 0 : undefined;
  const date: unknown = document[expiry.field];
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date.getTime() + expiry.afterMs : 0;
}

/** Returns the update of the date for a time to live; undefined where it need not change. Throws UsageError where it can't. */
export function expiryUpdate(ttlMs: number, expiry: Expiry, now: number): Document {
  if (expiry.kind === 'field' && expiry.canChange) {
    if (ttlMs === 0) return {$unset: {[expiry.field]: ''}};
    return {$set: {[expiry.field]: new Date(now + ttlMs - expiry.afterMs)}};
  }
  if (ttlMs === 0 && expiry.kind === 'none') return {};
  throw new UsageError(`the collection cannot change when a record expires: ${reasonOf(expiry)}`, {
    hint: 'add a TTL index on the date of the last write, or name the time in the URL: expire-after=30m',
  });
}

function reasonOf(expiry: Expiry): string {
  if (expiry.kind === 'none') return 'it has no TTL index';
  return expiry.kind === 'unknown'
    ? 'its TTL index cannot be read'
    : `"${expiry.field}" is the date of creation`;
}
