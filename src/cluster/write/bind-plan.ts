import {
  NegativeError,
  PartialError,
  PermissionError,
  UnreachableError,
  UnreadableRecordError,
} from '../../base/errors.js';
import {type BindMerge, bindMerge, withoutSettings} from '../../session/bind-merge.js';
import type {GateOutcome, Located, LocatedRow} from '../answers.js';
import type {ClusterReader} from '../cluster.js';
import type {LocateOptions} from '../queries.js';
import type {RecordReader} from '../records/records.js';

/** What a bind will do, read before it is done. */
export interface BindPlan extends Located {
  readonly uid: string;
  readonly clear: boolean;
  /** By the settings of the record; of an unknown record only what leaks is known. */
  readonly merge: BindMerge;
  /** Why it is not known what the record brings in. */
  readonly recordUnknown: string | undefined;
  readonly others: OtherSessions;
}

/** Sessions that a uid has besides one. */
export interface OtherSessions {
  readonly rows: readonly LocatedRow[];
  /** Complete unless one of them failed. */
  readonly outcomes: readonly GateOutcome[];
}

interface BindRequest extends LocateOptions {
  readonly uid: string;
  /** The settings that the connection has are removed first. */
  readonly clear?: boolean | undefined;
  /** Instead of the storage behind the gates. */
  readonly records?: RecordReader | undefined;
}

/** Looks at the session, the record and the other sessions of the uid; sends nothing that writes. */
export async function planBind(
  cluster: ClusterReader,
  reference: string,
  request: BindRequest,
): Promise<BindPlan> {
  const {uid, clear = false, records = cluster.records} = request;
  const {node, session} = await cluster.locate(reference, request);
  const [record, others] = await Promise.all([
    recordOf(records, uid),
    otherSessions(cluster, uid, session.sessionId),
  ]);
  const merged = clear ? {...withoutSettings(session), userId: ''} : session;
  return {
    node,
    session,
    uid,
    clear,
    merge: bindMerge(merged, uid, record.settings),
    recordUnknown: record.unknown,
    others,
  };
}

export async function otherSessions(
  cluster: ClusterReader,
  uid: string,
  sessionId: string,
): Promise<OtherSessions> {
  const {results, outcomes} = await cluster.find(uid);
  const rows = [...results].flatMap(([node, found]) => found.map((row) => ({...row, node})));
  return {rows: rows.filter(({session}) => session.sessionId !== sessionId), outcomes};
}

async function recordOf(records: RecordReader, uid: string) {
  try {
    const {session, undecodable} = await records.get(uid);
    return {settings: session?.settings, unknown: undecodable};
  } catch (error) {
    if (error instanceof NegativeError) return {settings: undefined, unknown: undefined};
    const isUnknown = [PartialError, PermissionError, UnreadableRecordError, UnreachableError].some(
      (kind) => error instanceof kind,
    );
    if (error instanceof Error && isUnknown) return {settings: undefined, unknown: error.message};
    throw error;
  }
}
