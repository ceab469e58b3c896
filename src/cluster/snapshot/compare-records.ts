import {hashOf} from '../anomalies/seen-texts.js';
import type {LocatedRecord} from '../cluster.js';
import {RowTable} from './row-table.js';

/** Of the record of a uid. What only expires later or has another revision has not changed. */
export const recordChangeKinds = ['added', 'removed', 'changed'] as const;

export type RecordChangeKind = (typeof recordChangeKinds)[number];

export interface RecordChange {
  readonly kind: RecordChangeKind;
  readonly uid: string;
  readonly before: LocatedRecord | undefined;
  readonly after: LocatedRecord | undefined;
}

/** The records of one side of a comparison, read as often as they are needed. */
export interface RecordSide {
  readonly records: () => AsyncIterable<LocatedRecord>;
  /** Gates whose records are not all in it. */
  readonly incomplete: ReadonlySet<string>;
}

export type RecordCounts = Readonly<
  Record<RecordChangeKind | 'unknown' | 'recordsBefore' | 'recordsAfter', number>
>;

/** Whole records that are held at a time; what changes more is read in rounds. */
const mostHeld = 100_000;

/**
 * What happened to records between two listings, by uid. Memory is bounded: both sides are read more than once, and of each
 * record only a hash is kept. `unknown` counts those of gates that one side did not hear of wholly: they may have been there.
 */
export class RecordComparison {
  private readonly after = new RowTable();
  private changed = new Map<string, LocatedRecord>();
  private readonly counted: Record<keyof RecordCounts, number> = {
    ...{added: 0, removed: 0, changed: 0},
    ...{unknown: 0, recordsBefore: 0, recordsAfter: 0},
  };

  constructor(
    private readonly old: RecordSide,
    private readonly fresh: RecordSide,
    private readonly most = mostHeld,
  ) {}

  /** Right once the changes have been read to their end. */
  get counts(): RecordCounts {
    return this.counted;
  }

  async *changes(): AsyncGenerator<RecordChange, void, undefined> {
    for await (const change of this.all()) {
      this.counted[change.kind] += 1;
      yield change;
    }
  }

  private async *all(): AsyncGenerator<RecordChange, void, undefined> {
    for await (const record of this.fresh.records()) {
      this.counted.recordsAfter += 1;
      this.after.set(record.uid, contentOf(record));
    }
    for await (const record of this.old.records()) {
      this.counted.recordsBefore += 1;
      yield* this.before(record);
      if (this.changed.size >= this.most) yield* this.changedOnes();
    }
    yield* this.changedOnes();
    for await (const after of this.fresh.records()) {
      if (this.after.isMarked(after.uid)) continue;
      if (this.old.incomplete.has(after.node)) this.counted.unknown += 1;
      else yield {kind: 'added', uid: after.uid, before: undefined, after};
    }
  }

  private *before(record: LocatedRecord): Generator<RecordChange, void, undefined> {
    const {uid, node} = record;
    const content = this.after.get(uid);
    if (content !== undefined) {
      this.after.mark(uid);
      if (content !== contentOf(record)) this.changed.set(uid, record);
    } else if (this.fresh.incomplete.has(node)) this.counted.unknown += 1;
    else yield {kind: 'removed', uid, before: record, after: undefined};
  }

  /** A round for the records that are held. */
  private async *changedOnes(): AsyncGenerator<RecordChange, void, undefined> {
    if (this.changed.size === 0) return;
    const held = this.changed;
    this.changed = new Map();
    for await (const after of this.fresh.records()) {
      const before = held.get(after.uid);
      if (before !== undefined) yield {kind: 'changed', uid: after.uid, before, after};
    }
  }
}

const contentOf = ({value, fault = ''}: LocatedRecord): number =>
  hashOf(`${fault}\n${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}`);
