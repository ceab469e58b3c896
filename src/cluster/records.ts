import {DecodeError, NegativeError, PartialError} from '../errors.js';
import type {ClusterNode} from '../registry/registry.js';
import type {GateApi, StoredRecord} from '../session/gate-api.js';
import {decodeSession} from '../session/session-codec.js';
import type {Gathered, Listing, LocatedRecord, RecordDeletion} from './cluster.js';
import {anyOf, missingText} from './gather.js';

/** A record with its bytes read as a session; bytes that are none are shown as such, never hidden. */
export function locatedRecord(node: string, record: StoredRecord): LocatedRecord {
  try {
    return {...record, node, session: decodeSession(record.value), undecodable: undefined};
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {...record, node, session: undefined, undecodable: `${error.message} of ${record.value.length}`};
  }
}

/** Gates may share one store: each uid comes once, from the gate that answered first. */
export function eachUidOnce(listing: Listing<LocatedRecord>): Listing<LocatedRecord> {
  return {...listing, rows: unique(listing.rows)};
}

async function* unique(rows: AsyncIterable<LocatedRecord>): AsyncGenerator<LocatedRecord, void, undefined> {
  const seen = new Set<string>();
  for await (const row of rows) {
    if (seen.has(row.uid)) continue;
    seen.add(row.uid);
    yield row;
  }
}

/** The first gate that has the record; "none" only when every gate that has a storage answered. */
export function foundRecord(
  uid: string,
  {results, outcomes}: Gathered<StoredRecord | undefined>,
): LocatedRecord {
  for (const [node, record] of results) if (record !== undefined) return locatedRecord(node, record);
  if (outcomes.every((outcome) => outcome.status === 'ok')) {
    throw new NegativeError(`no record of "${uid}" behind ${anyOf(outcomes.length)}`, {
      hint: 'gatectl records list',
    });
  }
  throw new PartialError(`whether there is a record of "${uid}" is unknown: ${missingText(outcomes)}`);
}

/** Deletes through every gate: stores that gates share are asked again, and then say that there is nothing. */
export async function deleteRecord(
  uid: string,
  revision: string | undefined,
  each: (call: (gate: GateApi, node: ClusterNode) => Promise<boolean>) => Promise<Gathered<boolean>>,
): Promise<RecordDeletion> {
  const {results, outcomes} = await each((gate) => gate.recordDelete(uid, revision));
  const deletedBy = [...results].filter(([, deleted]) => deleted).map(([node]) => node);
  if (deletedBy.length > 0) return {uid, deletedBy, outcomes};
  if (outcomes.every((outcome) => outcome.status === 'ok'))
    throw new NegativeError(`no record of "${uid}" to delete`);
  throw new PartialError(`the record of "${uid}" may be there still: ${missingText(outcomes)}`);
}
