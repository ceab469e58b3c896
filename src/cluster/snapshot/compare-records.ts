import {hash53} from '../anomalies/string-hash-set.js';
import type {LocatedRecord} from '../records/record-access.js';
import {ListingComparison, type ListingSide, type RowComparator} from './listing-comparison.js';

/** Kinds of changes to a uid's record. A new expiry or revision alone is not a change. */
export const recordChangeKinds = ['added', 'removed', 'changed'] as const;

type RecordChangeKind = (typeof recordChangeKinds)[number];

export interface RecordChange {
  readonly kind: RecordChangeKind;
  readonly uid: string;
  readonly before: LocatedRecord | undefined;
  readonly after: LocatedRecord | undefined;
}

/** The records on one side of a comparison. Can be read more than once. */
export interface RecordSide {
  readonly records: () => AsyncIterable<LocatedRecord>;
  /** Gates whose record listing is incomplete. */
  readonly incomplete: ReadonlySet<string>;
}

/** Compares the records of two listings by uid. */
export class RecordComparison extends ListingComparison<
  LocatedRecord,
  RecordChange,
  'recordsBefore' | 'recordsAfter'
> {
  constructor(old: RecordSide, fresh: RecordSide, most?: number) {
    const counts = {added: 0, removed: 0, changed: 0, unknown: 0, recordsBefore: 0, recordsAfter: 0};
    super(listingSide(old), listingSide(fresh), counts, traits, most);
  }

  protected async *all(): AsyncGenerator<RecordChange, void, undefined> {
    yield* this.readBoth('recordsBefore', 'recordsAfter');
    yield* this.changedRows();
    for await (const after of this.fresh.rows()) {
      if (this.after.isMarked(after.uid)) continue;
      if (this.old.incomplete.has(after.node)) this.counted.unknown += 1;
      else yield {kind: 'added', uid: after.uid, before: undefined, after};
    }
  }

  protected *missing(record: LocatedRecord): Generator<RecordChange, void, undefined> {
    const {uid, node} = record;
    if (this.fresh.incomplete.has(node)) this.counted.unknown += 1;
    else yield {kind: 'removed', uid, before: record, after: undefined};
  }
}

const listingSide = ({records, incomplete}: RecordSide): ListingSide<LocatedRecord> => ({
  rows: records,
  incomplete,
});

const contentOf = ({value, fault = ''}: LocatedRecord): number =>
  hash53(`${fault}\n${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}`);

const traits: RowComparator<LocatedRecord, RecordChange> = {
  keyOf: ({uid}) => uid,
  contentOf,
  changeOf: (before, after) => ({kind: 'changed', uid: after.uid, before, after}),
};
