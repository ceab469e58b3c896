import {UidAsSessionError} from '../../../base/errors.js';
import {shellLine} from '../../../output/text/shell-word.js';
import {secretName} from '../../../session/secret-names.js';

/** Adds the corrected command to the error for a uid where a session is expected. Returns any other error as it is. */
export function withUidLine(error: unknown, argv: readonly string[]): unknown {
  if (!(error instanceof UidAsSessionError) || error.sessions !== 1) return error;
  const at = argv.indexOf(error.uid);
  if (at < 0) return error;
  const line = argv.with(at, `uid:${error.uid}`).map(withoutSecret);
  return new UidAsSessionError(error.uid, 1, {hint: `gatectl ${shellLine(line)}`, cause: error});
}

/** Masks the value of a secret-named `key=value`. */
export function withoutSecret(word: string): string {
  const [key = ''] = word.split('=', 1);
  return word.includes('=') && secretName.test(key) ? `${key}=…` : word;
}
