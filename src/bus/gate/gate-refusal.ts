import {
  CallError,
  ConflictError,
  NoSessionError,
  OutcomeUnknownError,
  SettingsConflictError,
} from '../../base/errors.js';
import {UnsupportedError} from '../../session/node-kind.js';
import {gateErrorTexts} from './gate-functions.js';

const maxErrorText = 2048;

/** Matches error texts for a reply that exceeds the bus's limit. */
const tooLarge = /larger than max_payload|maximum payload/i;

/** Converts a gate's error text to the matching error. */
export function errorOfRefusal(node: string, fn: string, text: string, sessionId = ''): Error {
  if (/^No Sess+ion found$/.test(text)) return new NoSessionError(sessionId);
  if (text === gateErrorTexts.revisionConflict) {
    return new ConflictError('the record was changed meanwhile', {
      hint: 'read it again: gatectl records get <uid>',
    });
  }
  if (text === gateErrorTexts.settingsConflict) return new SettingsConflictError(sessionId);
  const [first = ''] = text.split('\n ----Stack----');
  if (first.startsWith(gateErrorTexts.outcomeUnknown)) {
    const why = cut(first.slice(gateErrorTexts.outcomeUnknown.length));
    const cause = gateFailure({reason: 'refused', node, fn}, `does not know the outcome of ${fn}: ${why}`);
    return new OutcomeUnknownError(cause.message, {cause});
  }
  if (first === gateErrorTexts.noFunction(fn)) return new UnsupportedError(node, fn);
  const whole = text === cut(first) ? undefined : new Error(text); // shown with --verbose
  if (tooLarge.test(first))
    return gateFailure(
      {reason: 'too-large', node, fn},
      `cannot answer ${fn}, the reply is too large: ${cut(first)}`,
      whole,
    );
  return gateFailure({reason: 'refused', node, fn}, `refused ${fn}: ${cut(first)}`, whole);
}

/** Creates the error for a malformed reply. */
export function malformedReply(node: string, fn: string, what: string, cause?: unknown): CallError {
  return gateFailure({reason: 'bad-reply', node, fn}, `answered ${fn} with ${what}`, cause);
}

function gateFailure(
  at: Pick<CallError, 'reason' | 'node' | 'fn'>,
  what: string,
  cause?: unknown,
): CallError {
  return new CallError(at, `${at.node} ${what}`, {cause});
}

function cut(text: string): string {
  return text.length <= maxErrorText
    ? text
    : `${text.slice(0, maxErrorText)}… (${text.length - maxErrorText} characters more, --verbose)`;
}
