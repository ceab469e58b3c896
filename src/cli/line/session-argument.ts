import type {Command} from 'commander';
import {UsageError} from '../../base/errors.js';
import {parseUid} from './parsers.js';
import {addStockSourceFlags} from './stock-flags.js';

/**
 * Parses `<session id>`, `<gate>/<session id>` or `uid:<uid>`. Throws UsageError for white space and control characters in ids,
 * which must not reach the bus.
 */
export function parseSessionReference(text: string): string {
  if (text.startsWith('uid:')) {
    parseUid(text.slice('uid:'.length));
    return text;
  }
  const ids = text.split('/');
  if (ids.length > 2 || ids.some((id) => id === '') || /[\s\p{C}]/u.test(text) || text.length > 512) {
    throw new UsageError(`invalid session "${text}"`, {
      hint: 'give <session id>, Gate@id/<session id> or uid:<uid>',
    });
  }
  return text;
}

/** Forms of a session reference, for help texts. */
export const sessionReferenceHelp = 'session id, Gate@id/<session id>, or uid:<uid>';

export interface SessionInput {
  readonly session: string;
}

/** Adds the session argument of a command on one session, and the flags for sessions of stock gates. */
export function addSessionArgument(command: Command): Command {
  return addStockSourceFlags(command.argument('<session>', sessionReferenceHelp, parseSessionReference));
}
