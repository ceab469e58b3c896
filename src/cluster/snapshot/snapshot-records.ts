import {NegativeError, PartialError, UsageError} from '../../base/errors.js';
import type {UnreadRecord} from '../../session/gate-api.js';
import {incompleteError} from '../incomplete-error.js';
import type {AllGatesListQuery} from '../query-types.js';
import {anyOfGatesText} from '../read/gather.js';
import {nodeWithId} from '../read/locate-session.js';
import type {LocatedRecord, RecordReader} from '../records/record-access.js';
import {UnreadRecords, unreadOutcome} from '../records/unread-records.js';
import type {GateOutcome, Listing, UnreadRecordsSummary} from '../result-types.js';
import type {OnUnreadRecords, SnapshotFile} from './snapshot-file.js';
import type {SavedRecordsSummary} from './snapshot-header.js';

/**
 * The records of a snapshot. Each query reads the file once, and rejects with UsageError if no records were saved.
 */
export class SnapshotRecords implements RecordReader {
  constructor(private readonly file: SnapshotFile) {}

  async list({
    gates,
    limit = Number.POSITIVE_INFINITY,
    signal,
  }: AllGatesListQuery = {}): Promise<Listing<LocatedRecord>> {
    const saved = savedRecordsInHeader(this.file);
    const nodes = this.file.header.gates.map(({node}) => node);
    const wanted =
      gates === undefined || gates.length === 0
        ? undefined
        : new Set(gates.map((id) => nodeWithId(nodes, id).id));
    const isWanted = (id: string): boolean => wanted?.has(id) ?? true;
    const counts = new Map<string, number>();
    const {file} = this;
    const unread = new Map<string, UnreadRecords>();
    const onUnread: OnUnreadRecords = (node, records) => {
      const of = unread.get(node) ?? new UnreadRecords();
      unread.set(node, of);
      of.add(records);
    };
    async function* rows(): AsyncGenerator<LocatedRecord, void, undefined> {
      let left = limit;
      for await (const record of file.records(signal, onUnread)) {
        if (!isWanted(record.node)) continue;
        if (left <= 0) return;
        left -= 1;
        counts.set(record.node, (counts.get(record.node) ?? 0) + 1);
        yield record;
      }
    }
    return {
      expected: nodes.filter(({id}) => isWanted(id)),
      rows: rows(),
      outcomes: () =>
        saved.gates
          .filter(({node}) => isWanted(node))
          .map((outcome) => ({...outcome, count: counts.get(outcome.node) ?? 0}))
          .map((outcome) => withUnread(outcome, unread.get(outcome.node)?.tally)),
    };
  }

  async get(uid: string): Promise<LocatedRecord> {
    const {gates} = savedRecordsInHeader(this.file);
    const unread: UnreadRecord[] = gates.flatMap((outcome) => outcome.unread?.first ?? []);
    const onUnread: OnUnreadRecords = (_, records) => unread.push(...records);
    for await (const record of this.file.records(undefined, onUnread)) if (record.uid === uid) return record;
    const failed = unread.find((record) => record.uid === uid);
    if (failed !== undefined)
      throw new PartialError(
        `the record for uid "${uid}" could not be read when it was saved: ${failed.message}`,
      );
    if (gates.every(({status}) => status === 'ok'))
      throw new NegativeError(`no record for uid "${uid}" was on ${anyOfGatesText(gates.length)}`);
    throw incompleteError(`cannot tell whether there was a record for uid "${uid}"`, gates);
  }
}

function withUnread(outcome: GateOutcome, unread: UnreadRecordsSummary | undefined): GateOutcome {
  if (unread === undefined) return outcome;
  return unreadOutcome({id: outcome.node}, {...outcome, unread});
}

/** Returns what the header states about records. Throws UsageError if none were saved. */
export function savedRecordsInHeader({header: {records}, name}: SnapshotFile): SavedRecordsSummary {
  if (records !== undefined && records !== null) return records;
  throw new UsageError(`the snapshot "${name}" has no records`, {
    hint: 'to save them too: gatectl snapshot save --records',
  });
}
