import {NegativeError, SeveralSessionsError} from '../../base/errors.js';
import {incompleteError} from '../incomplete-error.js';
import type {GateOutcome, Gathered, LocatedRow, RowWithSource} from '../result-types.js';
import {anyOfGatesText} from './gather.js';

const scheme = 'uid:';
/** Maximum number of sessions listed in a hint. */
const maxNamed = 5;

/** Returns the uid in a reference such as `uid:u42`; undefined for other references. */
export const uidOfReference = (reference: string): string | undefined =>
  reference.startsWith(scheme) && reference.length > scheme.length
    ? reference.slice(scheme.length)
    : undefined;

/** Returns the only session of a uid. Throws ConflictError for several, and PartialError when a gate did not answer. */
export function onlySessionOfUid(uid: string, found: Gathered<readonly RowWithSource[]>): LocatedRow {
  const rows = requireAllSessions(uid, found);
  const [only, second] = rows;
  if (only === undefined) {
    throw new NegativeError(`no session for uid "${uid}" on ${anyOfGatesText(found.expected.length)}`, {
      hint: /^[\w@.:-]+$/.test(uid) ? `its record: gatectl records get ${uid}` : 'gatectl sessions list',
    });
  }
  if (second === undefined) return only;
  throw severalSessionsError(uid, rows);
}

/** Returns the references of the sessions that were found, `Gate@id/<session id>`. */
export const foundSessionReferences = ({results}: Gathered<readonly RowWithSource[]>): readonly string[] =>
  [...results].flatMap(([node, rows]) => rows.map((row) => referenceOf({...row, node})));

/** Returns the sessions of a uid. Throws PartialError if a gate did not answer. */
export function requireAllSessions(
  uid: string,
  found: Gathered<readonly RowWithSource[]>,
): readonly LocatedRow[] {
  const rows = [...found.results].flatMap(([node, of]) => of.map((row) => ({...row, node})));
  if (found.outcomes.every(({status}) => status === 'ok')) return rows;
  const hint = rows.length > 0 ? knownHint(rows) : onlineHint(uid, found.outcomes);
  throw incompleteError(`cannot tell which sessions uid "${uid}" has`, found.outcomes, {hint});
}

/** Lists the sessions that can be used instead of the uid. */
const knownHint = (rows: readonly LocatedRow[]): string =>
  `these sessions are known and can be used by id: ${namesOf(rows).join(', ')}`;

const namesOf = (rows: readonly NamedRow[]): readonly string[] => rows.slice(0, maxNamed).map(referenceOf);

interface NamedRow {
  readonly node: string;
  readonly session: {readonly sessionId: string};
}

/** Returns `Gate@id/<session id>`. */
const referenceOf = ({node, session}: NamedRow): string => `${node}/${session.sessionId}`;

/** Returns the gates that report the uid as connected although no source has its session. */
export const gatesReportingOnline = (outcomes: readonly GateOutcome[]): readonly string[] =>
  outcomes
    .filter(({reason, role, count}) => reason === 'unsupported' && role === 'stock-gate' && count === 0)
    .map(({node}) => node);

const onlineHint = (uid: string, outcomes: readonly GateOutcome[]): string | undefined =>
  gatesReportingOnline(outcomes).length > 0 && /^[\w@.:-]+$/.test(uid)
    ? `to find the session by its next request: gatectl sessions find ${uid} --tap 30s`
    : undefined;

/** Creates the error for a uid with several sessions where one is expected. */
export const severalSessionsError = (uid: string, rows: readonly NamedRow[]): SeveralSessionsError =>
  new SeveralSessionsError(uid, rows.map(referenceOf), {
    hint: 'use one of these ids, or add --all-sessions to act on all of them',
  });
