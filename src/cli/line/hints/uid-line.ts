import {UidAsSessionError} from '../../../base/errors.js';
import {shownLine} from './shown-line.js';

/** Adds the corrected command to the error for a uid where a session is expected. Returns any other error as it is. */
export function withUidLine(error: unknown, argv: readonly string[]): unknown {
  if (!(error instanceof UidAsSessionError) || error.sessions !== 1) return error;
  if (!argv.includes(error.uid)) return error;
  const uids = new Set([error.uid, ...error.others]);
  const line = argv.map((word) => (uids.delete(word) ? `uid:${word}` : word));
  return new UidAsSessionError(error.uid, 1, {hint: shownLine(line), cause: error});
}
