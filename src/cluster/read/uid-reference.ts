import {ConflictError, NegativeError} from '../../base/errors.js';
import type {FoundRow, Gathered, LocatedRow} from '../answers.js';
import {incomplete} from '../incomplete.js';
import {anyGateText} from './gather.js';

const scheme = 'uid:';
/** Number of sessions that an error names. */
const maxNamed = 5;

/** Returns the uid in a reference such as `uid:u42`; undefined in any other. */
export const uidIn = (reference: string): string | undefined =>
  reference.startsWith(scheme) && reference.length > scheme.length
    ? reference.slice(scheme.length)
    : undefined;

/** Returns the only session of a uid. Throws ConflictError for several, and PartialError when a gate did not answer. */
export function onlySessionOf(uid: string, found: Gathered<readonly FoundRow[]>): LocatedRow {
  const rows = sessionsFound(uid, found);
  const [only, second] = rows;
  if (only === undefined) {
    throw new NegativeError(`no session of uid "${uid}" on ${anyGateText(found.expected.length)}`, {
      hint: /^[\w@.:-]+$/.test(uid) ? `its record: gatectl records get ${uid}` : 'gatectl sessions list',
    });
  }
  if (second === undefined) return only;
  throw severalSessions(uid, rows);
}

/** Returns the sessions of a uid. Throws PartialError when a gate did not answer. */
export function sessionsFound(uid: string, found: Gathered<readonly FoundRow[]>): readonly LocatedRow[] {
  if (found.outcomes.some(({status}) => status === 'failed'))
    throw incomplete(`which sessions uid "${uid}" has is unknown`, found.outcomes);
  return [...found.results].flatMap(([node, rows]) => rows.map((row) => ({...row, node})));
}

/** The error for a uid with several sessions where one is expected. */
export function severalSessions(
  uid: string,
  rows: readonly {readonly node: string; readonly session: {readonly sessionId: string}}[],
): ConflictError {
  const named = rows.slice(0, maxNamed).map(({node, session}) => `${node}/${session.sessionId}`);
  const more = rows.length > maxNamed ? ` and ${rows.length - maxNamed} more` : '';
  return new ConflictError(`uid "${uid}" has ${rows.length} sessions: ${named.join(', ')}${more}`, {
    hint: 'name one of them; a command that writes to many takes all with --all-sessions',
  });
}
