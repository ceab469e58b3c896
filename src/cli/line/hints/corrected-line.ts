import {MistypedValueError, NegativeError, UidAsSessionError, UsageError} from '../../../base/errors.js';
import {listWordHint} from './list-file.js';
import {shownLine} from './shown-line.js';
import {encodingHint, outputFormHint} from './values/output-form.js';
import {timeHint} from './values/time-words.js';

/** Adds the corrected command line as a hint to an error about one of its words. Returns other errors unchanged. */
export function withCorrectedLine(error: unknown, argv: readonly string[]): unknown {
  if (error instanceof UidAsSessionError) return withUidLine(error, argv);
  if (error instanceof MistypedValueError) {
    const {flag, typed, meant, message} = error;
    const line = argv.map((word, at) => {
      if (word === `${flag}=${typed}`) return `${flag}=${meant}`;
      return word === typed && argv[at - 1] === flag ? meant : word;
    });
    return new UsageError(message, {hint: `did you mean: ${shownLine(line)}`, cause: error});
  }
  if (!(error instanceof UsageError || error instanceof NegativeError)) return error;
  const hint =
    listWordHint(argv, error.message) ??
    outputFormHint(argv, error.message) ??
    encodingHint(argv, error.message) ??
    timeHint(argv, error.message);
  if (hint === undefined) return error;
  const Kind = error instanceof UsageError ? UsageError : NegativeError;
  return new Kind(error.message, {hint, cause: error});
}

/** Adds the line with `uid:` before each uid to the error for a uid in place of a session. */
function withUidLine(error: UidAsSessionError, argv: readonly string[]): UidAsSessionError {
  if (error.sessions !== 1 || !argv.includes(error.uid)) return error;
  const uids = new Set([error.uid, ...error.others]);
  const line = argv.map((word) => (uids.delete(word) ? `uid:${word}` : word));
  return new UidAsSessionError(error.uid, 1, {hint: shownLine(line), cause: error});
}
