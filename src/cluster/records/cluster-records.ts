import {DecodeError, NegativeError, OutcomeUnknownError, PermissionError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import {BatchedRows, batchesOfRows, DecodedRowBatch, type RowBatch} from '../../session/fast/row-batch.js';
import type {
  CallOptions,
  GateApi,
  ListQuery,
  RecordPage,
  RecordPut,
  StoredRecord,
  UnreadRecord,
} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {ListOptions} from '../../storage/storage-handler.js';
import {StringHashSet} from '../anomalies/string-hash-set.js';
import {incompleteError} from '../incomplete-error.js';
import {anyOfGatesText, gather, missingGatesText} from '../read/gather.js';
import {PageGuard} from '../read/page-guard.js';
import {streamPages} from '../read/stream-pages.js';
import type {GateOutcome, Gathered, Listing} from '../result-types.js';
import {openStoreHint} from './open-store-hint.js';
import type {
  LocatedRecord,
  RecordAccess,
  RecordDeletion,
  RecordsQuery,
  WrittenRecord,
} from './record-access.js';
import {UidHashSet} from './uid-hash-set.js';
import {allLackPermission} from './unread-records.js';

/** The record functions of a gate or of a directly opened store. */
export type RecordFunctions = Pick<GateApi, 'recordGet' | 'recordPut' | 'recordDelete'> & {
  recordList(query: ListQuery & ListOptions, options?: CallOptions): Promise<RecordPage>;
};

/** Minimum number of keys that a store examines for an empty page. */
const looksPerPage = 10_000;

interface RecordsDeps {
  /** Returns the gates, or the store; only the `named` ones if it is set. */
  readonly holders: (named: readonly string[] | undefined) => Promise<readonly ClusterNode[]>;
  readonly holder: (node: ClusterNode) => RecordFunctions;
  /** Returns the number of keys that a holder examines; undefined if unknown. */
  readonly claim: (node: ClusterNode) => Promise<number | undefined>;
  /** Maximum time without a record, in milliseconds. */
  readonly silenceMs: number;
  readonly now: () => number;
}

/**
 * Records in the gates' storage, or in one store. Gates may share a store, so a record can have several
 * holders.
 */
export class ClusterRecords implements RecordAccess {
  constructor(private readonly deps: RecordsDeps) {}

  async list(query: RecordsQuery = {}): Promise<Listing<LocatedRecord>> {
    const {limit, signal, expiry} = query;
    const pages = new StringHashSet(); // a page that is sent again counts as no new rows
    const listing = streamPages({
      expected: await this.deps.holders(query.gates),
      limit,
      signal,
      now: this.deps.now,
      guard: (node) => this.guard(node),
      page: async (node, after, pageLimit) => {
        const asked = {after, limit: pageLimit, expiry};
        const {records, unread = [], next} = await this.deps.holder(node).recordList(asked, {signal});
        const rows = records.map((record) => decodeLocatedRecord(node.id, record));
        const uids = [...records, ...unread].map(({uid}) => uid);
        const isNews = pages.see(`${node.id} ${uids.join('\n')}`) === false;
        return {
          rows,
          unread: [...unread, ...records.flatMap(undecoded)],
          next,
          looked: isNews ? uids.length : 0,
        };
      },
    });
    return {...listing, rows: new BatchedRows(unique(batchesOfRows(listing.rows)))};
  }

  private guard(node: ClusterNode): PageGuard {
    const {claim, silenceMs, now} = this.deps;
    return new PageGuard({
      node: node.id,
      fn: 'GatectlRecordList',
      claim: async () => await claim(node),
      looksPerPage,
      silenceMs,
      now,
    });
  }

  async get(uid: string): Promise<LocatedRecord> {
    const countOf = (record: StoredRecord | undefined): number => (record === undefined ? 0 : 1);
    const {results, outcomes} = await this.each((holder) => holder.recordGet(uid), countOf);
    for (const [node, record] of results) if (record !== undefined) return decodeLocatedRecord(node, record);
    if (outcomes.every((outcome) => outcome.status === 'ok')) {
      const where = inStore(outcomes) ? 'in the store' : `behind ${anyOfGatesText(outcomes.length)}`;
      throw new NegativeError(`no record for uid "${uid}" ${where}`, {
        hint: `gatectl records list${storeFlag(outcomes)}`,
      });
    }
    const what = `cannot tell whether there is a record for uid "${uid}"`;
    if (allLackPermission(outcomes)) throw new PermissionError(`${what}: ${missingGatesText(outcomes)}`);
    throw incompleteError(what, outcomes, {hint: openStoreHint(outcomes)});
  }

  async put(
    uid: string,
    value: Uint8Array,
    {node, ...put}: RecordPut & {readonly node?: string | undefined} = {},
  ): Promise<WrittenRecord> {
    const [first] = await this.deps.holders(node === undefined ? undefined : [node]);
    if (first === undefined) throw new NegativeError('no gate can store the record');
    return {uid, node: first.id, revision: await this.deps.holder(first).recordPut(uid, value, put)};
  }

  /** Deletes the record through every holder. Gates that share a store report "none" after the first delete. */
  async delete(uid: string, revision?: string): Promise<RecordDeletion> {
    const countOf = (deleted: boolean): number => (deleted ? 1 : 0);
    const {results, outcomes} = await this.each((holder) => holder.recordDelete(uid, revision), countOf);
    const deletedBy = [...results].filter(([, deleted]) => deleted).map(([node]) => node);
    if (deletedBy.length > 0) return {uid, deletedBy, outcomes};
    if (outcomes.every((outcome) => outcome.status === 'ok'))
      throw new NegativeError(`no record for uid "${uid}" to delete`);
    if (outcomes.some(({isUnknown}) => isUnknown === true)) {
      throw new OutcomeUnknownError(
        `cannot tell whether the record for uid "${uid}" was deleted: ${missingGatesText(outcomes)}`,
        {
          hint: `gatectl records get ${uid}${storeFlag(outcomes)}`,
        },
      );
    }
    throw incompleteError(`the record of "${uid}" may still exist`, outcomes, {
      hint: openStoreHint(outcomes),
    });
  }

  private async each<T>(
    call: (holder: RecordFunctions) => Promise<T>,
    countOf: (result: T) => number,
  ): Promise<Gathered<T>> {
    const {holders, holder, now} = this.deps;
    return await gather(await holders(undefined), (node) => call(holder(node)), {countOf, now});
  }
}

const inStore = (outcomes: readonly GateOutcome[]): boolean => outcomes.some(({isStore}) => isStore === true);

/**
 * Returns the flag that opens the same store again, for a command in a hint. Empty for a masked URL, which cannot be
 * used.
 */
function storeFlag(outcomes: readonly GateOutcome[]): string {
  const [{node, isStore} = {node: ''}] = outcomes;
  return isStore === true && !node.includes('***') ? ` --store ${quoted(node)}` : '';
}

const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Reports a record whose bytes the store's encoding rejects as unread; the record is still shown. */
const undecoded = ({uid, fault}: StoredRecord): UnreadRecord[] =>
  fault === undefined ? [] : [{uid, reason: 'bad-reply', message: fault}];

/** Decodes a record as a session. If the bytes are not a session, the record has the reason. */
export function decodeLocatedRecord(node: string, record: StoredRecord): LocatedRecord {
  const {uid, value, revision, expiresAt, fault, stored} = record;
  const session = fault === undefined ? sessionIn(value) : undefined;
  const isSession = typeof session === 'object';
  const undecodable = fault ?? (isSession ? undefined : `cannot decode it as protobuf: ${session}`);
  const located = {
    uid,
    value,
    revision,
    expiresAt,
    node,
    session: isSession ? session : undefined,
    undecodable,
  };
  return fault === undefined && stored === undefined ? located : {...located, fault, stored};
}

/**
 * Decodes bytes as a session, or returns why they are not one. Nearly any text parses as a session with only unknown
 * fields, which is rejected.
 */
function sessionIn(value: Uint8Array): Session | string {
  try {
    const session = decodeSession(value);
    const isForeign = value.length > 0 && isBlank(session);
    return isForeign ? 'it has no field of a session' : session;
  } catch (error) {
    if (error instanceof DecodeError) return `${error.message} of ${value.length}`;
    throw error;
  }
}

function isBlank(session: Session): boolean {
  if (session.sessionId !== '' || session.userId !== '' || session.serverId !== '') return false;
  const {network, ip, traceId, topic, settings} = session;
  return `${network}${ip}${traceId}${topic}` === '' && Object.keys(settings).length === 0;
}

async function* unique(
  batches: AsyncIterable<RowBatch<LocatedRecord>>,
): AsyncGenerator<RowBatch<LocatedRecord>, void, undefined> {
  const seen = new UidHashSet();
  for await (const batch of batches) {
    const fresh = batch.rows.map(({uid}) => !seen.see(uid));
    yield fresh.includes(false) ? new DecodedRowBatch(batch.rows.filter((_, at) => fresh[at])) : batch;
  }
}
