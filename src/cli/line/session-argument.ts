import type {Command} from 'commander';
import {UsageError} from '../../base/errors.js';
import {parseUid} from './parsers.js';
import {withStockFlags} from './stock-flags.js';

/**
 * Parses `<session id>`, `Gate@id/<session id>` or `uid:<uid>`. Rejects white space and control characters in ids, which must
 * not reach the bus.
 */
export function parseSessionReference(text: string): string {
  if (text.startsWith('uid:')) {
    parseUid(text.slice('uid:'.length));
    return text;
  }
  const ids = text.split('/');
  if (ids.length > 2 || ids.some((id) => id === '') || /[\s\p{C}]/u.test(text) || text.length > 512) {
    throw new UsageError(`"${text}" does not name a session`, {
      hint: 'give <session id>, Gate@id/<session id> or uid:<uid>',
    });
  }
  return text;
}

/** The ways to name a session, for help. */
export const sessionAbout = 'session id, Gate@id/<session id>, or uid:<uid>';

export interface SessionInput {
  readonly session: string;
}

/** Declares the session argument, the first of every command on one session, and where stock gates' sessions of a uid are found. */
export function withSession(command: Command): Command {
  return withStockFlags(command.argument('<session>', sessionAbout, parseSessionReference));
}
