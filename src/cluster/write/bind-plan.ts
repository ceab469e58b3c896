import {
  NegativeError,
  PartialError,
  PermissionError,
  UnreachableError,
  UnreadableRecordError,
} from '../../base/errors.js';
import {type BindEffect, bindEffect, withInitialSettings} from '../../session/bind-effect.js';
import type {ClusterReader} from '../cluster.js';
import type {LocateOptions} from '../query-types.js';
import type {RecordReader} from '../records/record-access.js';
import type {GateOutcome, LocatedRow, LocatedSession} from '../result-types.js';

/** The effect of a bind, determined before it is made. */
export interface BindPlan extends LocatedSession {
  readonly uid: string;
  readonly clear: boolean;
  /** Settings after the merge with the record. If the record is unknown, only those that the user would gain. */
  readonly merge: BindEffect;
  /** Why the content of the record is unknown; undefined if it is known. */
  readonly recordUnknown: string | undefined;
  readonly others: OtherSessionsOfUid;
}

/** Other sessions of a uid. */
export interface OtherSessionsOfUid {
  readonly rows: readonly LocatedRow[];
  /** Complete unless an outcome failed. */
  readonly outcomes: readonly GateOutcome[];
}

interface BindRequest extends LocateOptions {
  readonly uid: string;
  /** True to remove the connection's settings before the bind. */
  readonly clear?: boolean | undefined;
  /** Where to read records, if not through the gates. */
  readonly records?: RecordReader | undefined;
}

/** Reads the session, the record and the uid's other sessions, and returns the effect of the bind. Writes nothing. */
export async function planBind(
  cluster: ClusterReader,
  reference: string,
  request: BindRequest,
): Promise<BindPlan> {
  const {uid, clear = false, records = cluster.records} = request;
  const {node, session} = await cluster.locate(reference, request);
  const [record, others] = await Promise.all([
    recordOf(records, uid),
    findOtherSessions(cluster, uid, session.sessionId),
  ]);
  const merged = clear ? {...withInitialSettings(session), userId: ''} : session;
  return {
    node,
    session,
    uid,
    clear,
    merge: bindEffect(merged, uid, record.settings),
    recordUnknown: record.unknown,
    others,
  };
}

export async function findOtherSessions(
  cluster: ClusterReader,
  uid: string,
  sessionId: string,
): Promise<OtherSessionsOfUid> {
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
